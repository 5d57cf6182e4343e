"""Avid DS caption text, which Media Composer's SubCap effect imports: sequence timecode, exactly one space between the times.

At 23.976 and 24 the import stops at an out-time whose frames are 02, 07, 12, 17 or 22 (Subtitle Edit's finding): such a cue ends one frame
earlier, unless it would be empty. A '<' at a line's start would read as a command and gets a blank before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..document import Cue, SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..timing import FrameRate, frame_to_timecode
from .base import Line, ReadOptions, WriteOptions, document_of, frames_of_timecodes, lines_of, needed_rate, over_midnight, read_text, reading

_BEGIN, _END = "<begin subtitles>", "<end subtitles>"
_TIMES = re.compile(r"\s*(\d{2}:\d{2}:\d{2}[:;]\d{2,3})\s+(\d{2}:\d{2}:\d{2}[:;]\d{2,3})\s*$")
_REFUSED_OUT = frozenset((2, 7, 12, 17, 22))


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write Avid DS text in UTF-8. Raises InputError `files.*`."""
    blocks = [f"@ {' '.join(options.title.split())}", _BEGIN]
    for cue in document.cues:
        first, end = (document.start_frame + frame for frame in (cue.start_frame, accepted_end(cue, document)))
        times = f"{frame_to_timecode(first, document.rate)} {frame_to_timecode(end, document.rate)}"
        body = "\n".join(f" {line}" if line.startswith("<") else line for line in lines_of(cue.text))
        blocks.append(f"{times}\n{body}")
    write_text(path, "\n\n".join([*blocks, _END]) + "\n")


def accepted_end(cue: Cue, document: SubtitleDocument) -> int:
    """The end frame that the import accepts: the cue's, or the one before."""
    if document.rate.nominal != 24 or cue.end_frame - cue.start_frame < 2:
        return cue.end_frame
    frames = int(frame_to_timecode(document.start_frame + cue.end_frame, document.rate)[-2:])
    return cue.end_frame - 1 if frames in _REFUSED_OUT else cue.end_frame


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read Avid DS text at the rate in `options`.

    Raises InputError `formats.not_avid`, `formats.file_needs_rate`, `timing.bad_timecode`, `formats.damaged` and what `read_text` raises.
    """
    text, findings = read_text(path, options)
    rows = [row.rstrip() for row in text.split("\n")]
    if _BEGIN not in rows:
        raise InputError("formats.not_avid", file=path)
    rate = needed_rate(options, path)
    with reading(path):
        body = rows[rows.index(_BEGIN) + 1 :]
        lines = over_midnight(_lines(body[: body.index(_END)] if _END in body else body, rate, options), rate)
        return document_of(lines, rate, options, findings)


def _lines(rows: list[str], rate: FrameRate, options: ReadOptions) -> Iterator[Line]:
    found = [(number, match) for number, row in enumerate(rows) if (match := _TIMES.match(row))]
    for index, (number, match) in enumerate(found):
        last = found[index + 1][0] if index + 1 < len(found) else len(rows)
        yield Line(*frames_of_timecodes(match.group(1), match.group(2), rate, options.start_frame), "\n".join(rows[number + 1 : last]))
