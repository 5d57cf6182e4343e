"""A table for spreadsheets: number, id, in and out as timecode and seconds, speaker, text; UTF-8 with the mark that Excel needs.

A cell that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab, or their full-width twins) gets an apostrophe before it, as
OWASP's page on CSV injection advises; a dialogue's hyphen is such a beginning too. Reading takes the apostrophe away again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from ..document import SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..timing import FrameRate, frame_to_seconds, frame_to_timecode
from .base import Line, ReadOptions, WriteOptions, document_of, frames_of_timecodes, lines_of, needed_rate, over_midnight, read_text, reading

COLUMNS = ("number", "id", "in", "out", "in_s", "out_s", "speaker", "text")
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write CSV after RFC 4180; seconds count from the timeline's first frame. Raises InputError `files.*`."""
    rate = document.rate
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for number, cue in enumerate(document.cues, 1):
        frames = (cue.start_frame, cue.end_frame)
        codes = [frame_to_timecode(document.start_frame + frame, rate) for frame in frames]
        seconds = [f"{float(frame_to_seconds(frame + options.offset_frames, rate)):.3f}" for frame in frames]
        text = "\n".join(lines_of(cue.text))
        writer.writerow([number, _safe(cue.id), *codes, *seconds, _safe(cue.speaker or ""), _safe(text)])
    write_text(path, "\ufeff" + table.getvalue())


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read a table with at least the columns in, out and text, at the rate in `options`.

    Raises InputError `formats.not_cue_table`, `formats.file_needs_rate`, `timing.bad_timecode`, `formats.damaged` and what `read_text` raises.
    """
    text, findings = read_text(path, options)
    with reading(path):
        rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
        if not {"in", "out", "text"} <= set(rows.fieldnames or ()):
            raise InputError("formats.not_cue_table", file=path)
        rate = needed_rate(options, path)
        return document_of(over_midnight(_lines(rows, rate, options), rate), rate, options, findings)


def _lines(rows: csv.DictReader[str], rate: FrameRate, options: ReadOptions) -> Iterator[Line]:
    for row in rows:
        span = frames_of_timecodes(row["in"], row["out"], rate, options.start_frame)
        yield Line(*span, _plain(row["text"]), id=_plain(row.get("id")), speaker=_plain(row.get("speaker")) or None)


def _plain(cell: str | None) -> str:
    whole = cell or ""
    return whole[1:] if whole.startswith("'") and _FORMULA.match(whole) else whole
