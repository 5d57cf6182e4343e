"""`canto-beats export`: subtitles in other formats. The work is in `formats/export.py`; to add a format, see `formats/__init__.py`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from ..errors import InputError
from ..formats import FORMATS
from ..formats.ass_styles import looks
from ..messages import language_from_environment, text
from .guard import handled


def _help(name: str, **params: object) -> str:
    """A help text in the user's language."""
    return text(f"formats.help_{name}", language_from_environment(), **params)


@click.command("export", help=_help("export"))
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--format", "formats", default="srt", show_default=True, help=_help("format", names=",".join(FORMATS)))
@click.option("--rate", help=_help("rate"))
@click.option("--start-tc", "start_timecode", metavar="TC", help=_help("start_tc"))
@click.option("--drop-frame", is_flag=True, help=_help("drop_frame"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=_help("out"))
@click.option("--register", type=click.Choice(["spoken", "written", "both"]), default="spoken", show_default=True, help=_help("register"))
@click.option("--style", default="hk_broadcast", show_default=True, help=_help("style", names=", ".join(looks())))
@click.option("--size", metavar="WxH", help=_help("size"))
@click.option("--font", help=_help("font"))
@click.option("--titles", is_flag=True, help=_help("titles"))
@click.option("--into", type=click.Path(path_type=Path), help=_help("into"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))
@handled
def export(source: Path, formats: str, size: str | None, as_json: bool, **wishes: Any) -> None:
    """Write a job's subtitles, or any subtitle file, in other formats."""
    from ..formats.export import Wish
    from ..formats.export import export as write_all

    language = language_from_environment()
    names = tuple(name.strip().lower() for name in formats.split(",") if name.strip())
    made = write_all(source, Wish(names, size=_size(size), language=language, **wishes))
    if as_json:
        click.echo(json.dumps({"deliverables": [{"kind": file.format, "path": str(file.path)} for file in made]}, ensure_ascii=False))
        return
    for file in made:
        click.echo(text("formats.wrote", language, format=file.format, file=file.path))


def _size(value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"([1-9]\d{1,4})[xX×]([1-9]\d{1,4})", value.strip())
    if not match:
        raise InputError("formats.bad_size", size=value)
    return int(match.group(1)), int(match.group(2))
