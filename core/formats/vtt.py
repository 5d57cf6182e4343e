"""WebVTT (W3C Candidate Recommendation, 2019): '&', '<' and '>' are escaped, so that no text is taken for a tag or an arrow.

Times are those of SRT. Cue settings, styles, notes and regions of other people's files are read over.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..document import SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..timing import frame_to_ms
from .base import Line, ReadOptions, WriteOptions, document_of, grid, lines_of, read_text, reading
from .timed_text import timed_lines

_TIME = r"(?:(?P<h{0}>\d{{1,4}}):)?(?P<m{0}>\d{{2}}):(?P<s{0}>\d{{2}})\.(?P<f{0}>\d{{1,6}})"
_TIMES = re.compile(r"\s*" + _TIME.format(1) + r"\s*-->\s*" + _TIME.format(2))
_VOICE = re.compile(r"<v(?:\.[^ >]{1,80})?\s([^<>]{1,80})>")
_TAGS = re.compile(r"<[^<>]{0,200}>")


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write WebVTT in UTF-8, aside and then renamed. Identifiers are numbers: pysubs2 takes others for text. Raises InputError `files.*`."""
    blocks = ["WEBVTT"]
    for number, cue in enumerate(document.cues, 1):
        start, end = (timestamp(frame_to_ms(frame + options.offset_frames, document.rate)) for frame in (cue.start_frame, cue.end_frame))
        body = "\n".join(html.escape(line, quote=False) for line in lines_of(cue.text))
        voice = f"<v {_name(cue.speaker)}>" if cue.speaker else ""
        blocks.append(f"{number}\n{start} --> {end}\n{voice}{body}")
    write_text(path, "\n\n".join(blocks) + "\n")


def timestamp(ms: int) -> str:
    """'HH:MM:SS.mmm'."""
    seconds, fraction = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"


def _name(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read WebVTT; without a rate in `options` on a grid of milliseconds.

    Raises InputError `formats.not_vtt`, `formats.damaged` and what `read_text` raises.
    """
    text, findings = read_text(path, options)
    if not text.lstrip("\ufeff \n").startswith("WEBVTT"):
        raise InputError("formats.not_vtt", file=path)
    with reading(path):
        lines = _plain(text, timed_lines(text, _TIMES, grid(options), blank_ends=True))
        return document_of(lines, grid(options), options, findings)


def _plain(text: str, lines: Iterator[Line]) -> Iterator[Line]:
    """Lines without markup; the identifier is the row above the times, where there is one."""
    rows = text.split("\n")
    above = [rows[i - 1].strip() for i, row in enumerate(rows) if i and _TIMES.match(row)]
    for line, name in zip(lines, above, strict=True):
        voice = _VOICE.search(line.text)
        body = html.unescape(_TAGS.sub("", line.text))
        yield replace(line, text=body, id="" if name.isdecimal() else name, speaker=html.unescape(voice.group(1)) if voice else None)
