"""What document.json holds, for other programs: with the timecodes and milliseconds of every cue, so that they need no frame arithmetic.

The added fields (`start_ms`, `end_ms`, `start_timecode`, `end_timecode`, and `timeline_start_timecode` of the whole) are for reading only;
`document_file.read_document` reads the file as it reads document.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..document import Cue, SubtitleDocument
from ..document_file import document_to_plain, read_document
from ..files import write_json
from ..plain import to_plain
from ..timing import frame_to_ms, frame_to_timecode
from .base import ReadOptions, WriteOptions, read_bytes, reading


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write the document with derived times; milliseconds count from the timeline's first frame. Raises InputError `files.*`."""
    plain = document_to_plain(document)
    start = frame_to_timecode(document.start_frame - options.offset_frames, document.rate)
    cues = [{**to_plain(cue), **_times(cue, document, options.offset_frames)} for cue in document.cues]
    write_json(path, {**plain, "timeline_start_timecode": start, "cues": cues})


def _times(cue: Cue, document: SubtitleDocument, offset_frames: int) -> dict[str, Any]:
    times: dict[str, Any] = {}
    for side, frame in (("start", cue.start_frame), ("end", cue.end_frame)):
        times[f"{side}_ms"] = frame_to_ms(frame + offset_frames, document.rate)
        times[f"{side}_timecode"] = frame_to_timecode(document.start_frame + frame, document.rate)
    return times


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read a document; the file's own rate and start count. Raises InputError `job.damaged`, `formats.damaged` and what `read_bytes` raises."""
    read_bytes(path)
    with reading(path):
        document = read_document(path)
        if document.rate.fps <= 0:
            raise ValueError(f"rate {document.rate.numerator}/{document.rate.denominator}")
        return document
