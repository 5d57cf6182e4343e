"""SubRip, written through pysrt. Milliseconds are ceil(1000 n / fps), which every reader turns back into frame n.

SRT knows no frame rate, no blank line inside a cue and no escape: blank lines go, and an arrow that would read as a time line becomes '→'.
Reading is as patient as the files in the wild demand; see `timed_text.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..document import SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..timing import frame_to_ms
from .base import ReadOptions, WriteOptions, document_of, grid, lines_of, read_text, reading
from .timed_text import timed_lines

_TIME = r"(?:(?P<h{0}>\d{{1,3}}):)?(?P<m{0}>\d{{1,2}}):(?P<s{0}>\d{{1,2}})(?:[,.](?P<f{0}>\d{{1,6}}))?"
_TIMES = re.compile(r"\s*" + _TIME.format(1) + r"\s*-{1,2}>\s*" + _TIME.format(2))
_TAGS = re.compile(r"</?(?:[biu]|s|font)(?:\s[^<>]{0,200})?>|\{\\an?\d\}", re.IGNORECASE)


def to_srt(document: SubtitleDocument, offset_frames: int = 0) -> str:
    """SRT text; `offset_frames` moves every cue later, for a range that begins inside its timeline."""
    from pysrt import SubRipFile, SubRipItem, SubRipTime

    file = SubRipFile(eol="\n")
    for number, cue in enumerate(document.cues, 1):
        start, end = (SubRipTime.from_ordinal(frame_to_ms(frame + offset_frames, document.rate)) for frame in (cue.start_frame, cue.end_frame))
        file.append(SubRipItem(number, start, end, "\n".join(lines_of(cue.text)).replace("-->", "→")))
    return "\n".join(str(item) for item in file)


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write UTF-8 SRT, aside and then renamed. Raises InputError `files.*`."""
    write_text(path, to_srt(document, options.offset_frames))


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read SRT from anywhere; without a rate in `options` on a grid of milliseconds. Italics and the like are dropped.

    Raises InputError `formats.unknown_encoding`, `formats.no_cues`, `formats.damaged` and what `read_bytes` raises.
    """
    text, findings = read_text(path, options)
    with reading(path):
        lines = list(timed_lines(_TAGS.sub("", text), _TIMES, grid(options)))
        if not lines and text.strip("\ufeff \n"):
            raise InputError("formats.no_cues", file=path)
        return document_of(lines, grid(options), options, findings)
