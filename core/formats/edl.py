"""A marker EDL, as Resolve's 'Timeline Markers to EDL' writes and reads it: a review copy in which every cue is a marker with a length.

The name of a marker cannot hold '|' or a line break; both become a blank. Blue marks speech as spoken, green written Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..document import Register, SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..timing import FrameRate, frame_to_timecode
from .base import Line, ReadOptions, WriteOptions, document_of, frames_of_timecodes, lines_of, needed_rate, over_midnight, read_text, reading

COLOURS: dict[Register, str] = {"spoken": "Blue", "written": "Green"}
_TC = r"\d{2}:\d{2}:\d{2}[:;]\d{2,3}"
_EVENT = re.compile(rf"\s*\d+\s+\S+\s+\S+\s+C\s+{_TC}\s+{_TC}\s+({_TC})\s+({_TC})")
_MARKER = re.compile(r"\s*\|C:(\S+)\s*\|M:(.*?)\s*\|D:(\d{1,9})\s*$")


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write a marker EDL in UTF-8. Raises InputError `files.*`."""
    rate = document.rate
    blocks = [f"TITLE: {' '.join(options.title.split())}\nFCM: {'DROP' if rate.drop_frame else 'NON-DROP'} FRAME"]
    for number, cue in enumerate(document.cues, 1):
        first = document.start_frame + cue.start_frame
        span = f"{frame_to_timecode(first, rate)} {frame_to_timecode(first + 1, rate)}"
        name = " ".join(" ".join(lines_of(cue.text)).replace("|", " ").split())
        length = cue.end_frame - cue.start_frame
        blocks.append(f"{number:03}  001      V     C        {span} {span}  \n |C:ResolveColor{COLOURS[document.register]} |M:{name} |D:{length}")
    write_text(path, "\n\n".join(blocks) + "\n")


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read a marker EDL at the rate in `options`.

    Raises InputError `formats.not_edl`, `formats.file_needs_rate`, `timing.bad_timecode`, `formats.damaged` and what `read_text` raises.
    """
    text, findings = read_text(path, options)
    rows = text.split("\n")
    if not any(row.startswith(("TITLE:", "FCM:")) or _EVENT.match(row) for row in rows):
        raise InputError("formats.not_edl", file=path)
    rate = needed_rate(options, path)
    with reading(path):
        return document_of(over_midnight(_lines(rows, rate, options), rate), rate, options, findings)


def _lines(rows: list[str], rate: FrameRate, options: ReadOptions) -> Iterator[Line]:
    event: re.Match[str] | None = None
    for row in rows:
        if match := _EVENT.match(row):
            event = match
        elif event and (marker := _MARKER.match(row)):
            first, _ = frames_of_timecodes(event.group(1), event.group(2), rate, options.start_frame)
            yield Line(first, first + int(marker.group(3)), marker.group(2))
            event = None
