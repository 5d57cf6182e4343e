"""`canto-beats waveform` and `canto-beats thumbnails`: pictures of sound and of picture. The work is in `media/waveform_files.py` and
`media/thumbnail_files.py`.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from ..messages import Language, language_from_environment, text
from .guard import cancel_on_signals, handled

if TYPE_CHECKING:
    from ..media.thumb_sheets import Thumbnails

_PATH = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_COUNT = 12  # pictures where nobody says how many
_SHOWN = 8  # timecodes listed of pictures that are missing
_KINDS = frozenset({".jpg", ".vtt"})


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(name, language_from_environment())


_JSON = click.option("--json", "as_json", is_flag=True, help=_help("cli.json"))


@click.command("waveform", help=_help("waveform.help_waveform"))
@click.argument("source", metavar="JOB|INPUT", type=_PATH)
@click.option("--range", "time_range", nargs=2, metavar="IN OUT", help=_help("waveform.help_range"))
@click.option("--size", default="4000x200", show_default=True, metavar="WxH", help=_help("waveform.help_size"))
@click.option("--format", "formats", default="png", show_default=True, help=_help("waveform.help_format"))
@click.option("--look", type=click.Choice(["dark", "light"]), default="dark", show_default=True, help=_help("waveform.help_look"))
@click.option("--register", type=click.Choice(["spoken", "written"]), default="spoken", show_default=True, help=_help("waveform.help_register"))
@click.option("--zoom", type=click.IntRange(0, 8), default=0, show_default=True, help=_help("waveform.help_zoom"))
@click.option("--out", type=_FOLDER, help=_help("waveform.help_out"))
@_JSON
@handled
def waveform(source: Path, size: str, formats: str, as_json: bool, **wishes: Any) -> None:
    """Draw the sound of a job or an input."""
    from ..console import progress_lines
    from ..media.waveform_files import WaveformWish, make_waveform

    language = language_from_environment()
    names = tuple(name.strip().lower() for name in formats.split(",") if name.strip())
    wish = WaveformWish(names, _size(size), **wishes)
    with cancel_on_signals() as cancel, progress_lines(language) as reporter:
        made = make_waveform(source, wish, reporter, cancel)
    if as_json:
        click.echo(json.dumps({"deliverables": [{"kind": one.format, "path": str(one.path), "by": one.by} for one in made]}, ensure_ascii=False))
        return
    for one in made:
        by = f" ({text('waveform.drawn_by', language, name=one.by)})" if one.by else ""
        click.echo(text("waveform.wrote", language, format=one.format, file=one.path) + by)


def _size(value: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d{1,5})[xX×]([1-9]\d{1,5})", value.strip())
    if not match:
        raise InputError("formats.bad_size", size=value)
    return int(match.group(1)), int(match.group(2))


@click.command("thumbnails", help=_help("thumbnails.help_thumbnails"))
@click.argument("source", metavar="JOB|INPUT", type=_PATH)
@click.option("--count", type=click.IntRange(1), help=_help("thumbnails.help_count"))
@click.option("--every", "every_s", metavar="S", type=click.FloatRange(0, min_open=True), help=_help("thumbnails.help_every"))
@click.option("--at", multiple=True, metavar="TC", help=_help("thumbnails.help_at"))
@click.option("--strip", is_flag=True, help=_help("thumbnails.help_strip"))
@click.option("--exact", is_flag=True, help=_help("thumbnails.help_exact"))
@click.option("--width", type=click.IntRange(16, 4096), default=160, show_default=True, help=_help("thumbnails.help_width"))
@click.option("--out", type=_FOLDER, help=_help("waveform.help_out"))
@_JSON
@handled
def thumbnails(source: Path, as_json: bool, count: int | None, every_s: float | None, at: tuple[str, ...], **wishes: Any) -> None:
    """Take small pictures of a film, an edit or a job."""
    from ..console import progress_lines
    from ..media.thumb_plan import Moments
    from ..media.thumbnail_files import ThumbnailWish, make_thumbnails

    if sum((count is not None, every_s is not None, bool(at))) > 1:
        raise InputError("thumbnails.one_way")
    language = language_from_environment()
    every = None if every_s is None else Fraction(str(every_s))
    moments = Moments(count if count or every or at else _COUNT, every, at)
    with cancel_on_signals() as cancel, progress_lines(language) as reporter:
        made = make_thumbnails(source, ThumbnailWish(moments, **wishes), reporter, cancel)
    click.echo(_thumbnails_json(made) if as_json else _thumbnails_text(made, language))


def _thumbnails_json(made: Thumbnails) -> str:
    pictures = [
        {
            "timecode": picture.timecode,
            "path": str(picture.file) if picture.file else None,
            "xywh": list(picture.place),
            "start_s": float(picture.moment.from_s),
            "end_s": float(picture.moment.until_s),
            "by": picture.by,
        }
        for picture in made.pictures
    ]
    files = [{"kind": file.suffix.removeprefix(".") if file.suffix in _KINDS else "folder", "path": str(file)} for file in made.files]
    return json.dumps({"deliverables": files, "thumbnails": pictures}, ensure_ascii=False)


def _thumbnails_text(made: Thumbnails, language: Language) -> str:
    lines = [str(file) for file in made.files]
    there = [picture for picture in made.pictures if picture.file]
    by = ", ".join(dict.fromkeys(picture.by for picture in there))
    lines.append(text("thumbnails.done", language, count=len(there), name=by))
    if missing := [picture.timecode for picture in made.pictures if not picture.file]:
        shown = ", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        lines.append(text("thumbnails.missing", language, count=len(missing), timecodes=shown))
    return "\n".join(lines)
