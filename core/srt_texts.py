"""The texts of an SRT file, exchanged for others while every other byte of it stays: numbers, times, positions, blank rows.

`formats/srt.py` reads SRT into frames and writes it anew; here a file that came from somewhere else keeps its times to the letter. What follows a
blank row inside a cue, which players and pysrt drop, is read as part of that cue.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .document import Cue, SubtitleDocument
from .errors import InputError
from .formats.base import decode, read_bytes
from .timing import FrameRate

_TIMES = re.compile(r"\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,6}))?\s*-{1,2}>\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,6}))?")
_MILLISECONDS = FrameRate(1000)


@dataclass(frozen=True, slots=True)
class _Place:
    """Rows [start, end) of a file hold a cue's text; times in milliseconds as written."""

    start: int
    end: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SrtTexts:
    """A file's rows with their line ends, and where each cue's text is. `bom`: it began with a byte order mark."""

    rows: tuple[str, ...]
    places: tuple[_Place, ...]
    bom: bool

    def text(self, number: int) -> str:
        """The text of a cue, blank rows left out."""
        place = self.places[number]
        return "\n".join(row.rstrip("\r\n") for row in self.rows[place.start : place.end] if row.strip())

    @property
    def split_by_blank_row(self) -> tuple[int, ...]:
        """The cues whose text goes on after a blank row."""
        return tuple(number for number, place in enumerate(self.places) if any(not row.strip() for row in self.rows[place.start : place.end]))


def read_srt(path: Path) -> SrtTexts:
    """Read UTF-8, UTF-16 or Big5 SRT. Raises InputError `passes.srt_unreadable`, `passes.srt_empty` and what `decode` and `read_bytes` raise."""
    data = read_bytes(path)
    text = decode(data, path)[0].removeprefix("\ufeff")
    rows = tuple(row for row in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if row)
    heads = [(number, match) for number, row in enumerate(rows) if (match := _TIMES.match(row))]
    if not heads:
        raise InputError("passes.srt_unreadable" if text.strip() else "passes.srt_empty", file=path)
    ends = [_above_number(rows, number) for number, _ in heads[1:]] + [len(rows)]
    places = tuple(_place(rows, number + 1, end, match) for (number, match), end in zip(heads, ends, strict=True))
    return SrtTexts(rows, places, data.startswith(BOM_UTF8))


def _above_number(rows: Sequence[str], head: int) -> int:
    """Where the cue above a row of times ends: before that row's own number."""
    return head - 1 if head and rows[head - 1].strip().isdecimal() else head


def _place(rows: Sequence[str], start: int, end: int, match: re.Match[str]) -> _Place:
    while end > start and not rows[end - 1].strip():
        end -= 1
    return _Place(start, end, _ms(match.groups()[:4]), _ms(match.groups()[4:]))


def _ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "0").ljust(3, "0")[:3])


def document_of(srt: SrtTexts) -> SubtitleDocument:
    """The cues that have text, id 's<number from 0>', on a grid of milliseconds.

    Times that overlap or run backwards are moved aside: they only tell sentences apart and are never written.
    """
    cues: list[Cue] = []
    end = 0
    for number, place in enumerate(srt.places):
        text = srt.text(number)
        if text.strip():
            start = max(place.start_ms, end)
            end = max(place.end_ms, start + 1)
            cues.append(Cue(f"s{number}", start, end, text))
    return SubtitleDocument(tuple(cues), _MILLISECONDS)


def with_texts(srt: SrtTexts, texts: Mapping[str, str]) -> str:
    """The whole file with the texts of these cue ids in place; a text that did not change keeps its rows to the byte."""
    out: list[str] = []
    done = 0
    newline = "\r\n" if any(row.endswith("\r\n") for row in srt.rows) else "\n"
    for number, place in enumerate(srt.places):
        out += srt.rows[done : place.start]
        done = place.end
        new = texts.get(f"s{number}")
        old = srt.rows[place.start : place.end]
        if new is None or new == srt.text(number):
            out += old
        else:
            last = old[-1][len(old[-1].rstrip("\r\n")) :]
            out.append(newline.join(row for row in new.split("\n") if row.strip()).replace("-->", "→") + last)
    return ("\ufeff" if srt.bom else "") + "".join([*out, *srt.rows[done:]])
