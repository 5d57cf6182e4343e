"""`canto-beats render` and `canto-beats preview`. The work is in `media/render.py`, `media/soft.py` and `media/still.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..formats.ass_styles import looks
from ..media.encoder_table import QUALITIES, codecs
from ..messages import Language, language_from_environment, text
from .guard import cancel_on_signals, handled

if TYPE_CHECKING:
    from ..document import Finding
    from ..hardware import Reason
    from ..media.render import Rendered, RenderRequest


def _help(name: str, **params: object) -> str:
    """A help text in the user's language."""
    return text(f"render.help_{name}", language_from_environment(), **params)


_PATH = click.Path(path_type=Path)
_SOURCE = click.argument("source", type=_PATH)
_SUBS = click.option("--subs", type=_PATH, help=_help("subs"))
_SECOND = click.option("--second", type=_PATH, help=_help("second"))
_REGISTER = click.option("--register", type=click.Choice(["spoken", "written", "both"]), help=_help("register"))
_STYLE = click.option("--style", help=_help("style", names=", ".join(looks())))
_FONT = click.option("--font", type=_PATH, help=_help("font"))
_JSON = click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))


@click.command("render", help=_help("render"))
@_SOURCE
@_SUBS
@_SECOND
@click.option("--burn", "mode", flag_value="burn", default="burn", help=_help("burn"))
@click.option("--soft", "mode", flag_value="soft", help=_help("soft"))
@click.option("--sidecar", "mode", flag_value="sidecar", help=_help("sidecar"))
@_REGISTER
@_STYLE
@click.option("--codec", type=click.Choice(list(codecs())), help=_help("codec"))
@click.option("--quality", type=click.Choice(QUALITIES), default="standard", show_default=True, help=_help("quality"))
@click.option("--size", metavar="WxH|1080p", help=_help("size"))
@_FONT
@click.option("--out", type=_PATH, help=_help("out"))
@_JSON
@handled
def render(mode: str, as_json: bool, font: Path | None, **words: Any) -> None:
    """Draw subtitles into a film, add them as a stream, or write them beside it."""
    from ..media.render import RenderRequest
    from ..media.render_plan import Wish
    from ..media.render_source import Named, find_film

    language = language_from_environment()
    wish = Wish(*(words.pop(name) for name in ("codec", "quality", "size", "out")))
    named = Named(language=language, **words)
    film, subtitles = find_film(named, opened=mode != "sidecar")
    _show(_work(mode, RenderRequest(film, subtitles, wish, named.style, font, language)), as_json, language)


def _work(mode: str, request: RenderRequest) -> tuple[Rendered, ...]:
    from ..console import progress_lines
    from ..media.render import render as burn_in
    from ..media.soft import add_stream, write_sidecar

    if mode == "sidecar":
        return write_sidecar(request)
    with cancel_on_signals() as cancel, progress_lines(request.language) as reporter:
        return ((burn_in if mode == "burn" else add_stream)(request, reporter, cancel),)


def _show(made: tuple[Rendered, ...], as_json: bool, language: Language) -> None:
    if as_json:
        click.echo(json.dumps({"rendered": [_plain(one, language) for one in made]}, ensure_ascii=False))
        return
    for one in made:
        click.echo(text("render.wrote", language, file=one.path))
        if one.frames:
            click.echo(text("render.speed", language, frames=one.frames, seconds=f"{one.seconds:.1f}", fps=f"{one.frames_a_second:.0f}"))
        for line in _notes(one.reasons, one.findings, language):
            click.echo(line)


def _plain(one: Rendered, language: Language) -> dict[str, Any]:
    return {
        "path": str(one.path),
        "mode": one.mode,
        "encoder": one.encoder,
        "frames": one.frames,
        "seconds": one.seconds,
        "fps": round(one.frames_a_second, 1),
        "reasons": [reason.text(language) for reason in one.reasons],
        "findings": [{"code": finding.code, "cue": finding.cue_id, "message": finding.message} for finding in one.findings],
    }


def _notes(reasons: Iterable[Reason], findings: Iterable[Finding], language: Language) -> Iterator[str]:
    yield from (f"  {reason.text(language)}" for reason in reasons)
    yield from (f"  ! {finding.message}" for finding in findings)


@click.command("preview", help=_help("preview"))
@_SOURCE
@click.option("--at", required=True, metavar="TC", help=_help("at"))
@_SUBS
@_SECOND
@_REGISTER
@_STYLE
@_FONT
@click.option("--out", type=_PATH, help=_help("preview_out"))
@_JSON
@handled
def preview(at: str, as_json: bool, font: Path | None, out: Path | None, **words: Any) -> None:
    """Draw one moment with its subtitle as a PNG."""
    from ..media.render_source import Named
    from ..media.still import preview as draw

    language = language_from_environment()
    with cancel_on_signals() as cancel:
        still = draw(Named(language=language, **words), at, font, out, cancel)
    if as_json:
        click.echo(json.dumps({"path": str(still.path), "reasons": [reason.text(language) for reason in still.reasons]}, ensure_ascii=False))
        return
    click.echo(text("render.wrote", language, file=still.path))
    for line in _notes(still.reasons, (), language):
        click.echo(line)
