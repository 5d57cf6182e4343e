"""What every format shares: the options, reading bytes and text of unknown origin, and making a valid document of whatever was found.

A reader collects `Line`s in file order and hands them to `document_of`, which sorts, trims and reports; it never raises because of them.
"""

from __future__ import annotations

import codecs
import csv
import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..document import Cue, Finding, Level, Register, SubtitleDocument, Word
from ..errors import InputError
from ..files import file_error
from ..messages import Language, text
from ..timing import FrameRate, ms_to_frame_nearest, timecode_to_frame

MILLISECONDS = FrameRate(1000)  # the grid of a file that has no frames, until someone names a rate
LARGEST_BYTES = 64 << 20  # a day of dense subtitles is 5 MB
_GUESSES = ("utf-8", "big5hkscs")
_HOSTILE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, csv.Error)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How to write. `offset_frames` is the document's frame 0 counted from the timeline's first frame: the zero of formats without timecode.

    `length_frames` is the timeline's length where it is known. `size` is the picture in pixels and `style` the look, for formats that are
    drawn; `font` replaces the style's family. `second` is the same cues in the other register. `host` is a file the host exported, to add to.
    `titles` asks for text clips in place of captions or markers.
    """

    offset_frames: int = 0
    length_frames: int = 0
    title: str = "Subtitles"
    size: tuple[int, int] | None = None
    style: str = "hk_broadcast"
    font: str | None = None
    second: SubtitleDocument | None = None
    host: Path | None = None
    titles: bool = False


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a file may not say itself: its frame rate, its timeline's first frame as a timecode frame number, and the language of findings."""

    rate: FrameRate | None = None
    start_frame: int = 0
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Line:
    """One subtitle as found in a file; frames count from the timeline's first frame."""

    start_frame: int
    end_frame: int
    text: str
    id: str = ""
    speaker: str | None = None
    words: tuple[Word, ...] = ()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a damaged file makes a parser raise into InputError `formats.damaged`."""
    try:
        yield
    except _HOSTILE as error:
        raise InputError("formats.damaged", file=path, detail=repr(error)) from error


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises InputError `files.missing`, `files.is_a_folder`, `formats.unreadable` or `formats.too_big`."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError("formats.too_big", file=path, limit=LARGEST_BYTES >> 20)
        return path.read_bytes()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EISDIR):
            raise file_error(error, path) from error
        raise InputError("formats.unreadable", file=path, reason=error.strerror or error, detail=repr(error)) from error


def decode(data: bytes, path: Path) -> tuple[str, str]:
    """Text of a file that does not name its encoding, and the encoding: a byte order mark decides, then UTF-8, UTF-16 by its zeros, Big5-HKSCS.

    Raises InputError `formats.unknown_encoding`.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _decoded(data, (name,), path)
    if b"\0" in data[:4096]:  # line feeds and digits of UTF-16 without a mark
        little = data[1:4096:2].count(0) >= data[0:4096:2].count(0)
        return _decoded(data, ("utf-16-le" if little else "utf-16-be",), path)
    return _decoded(data, _GUESSES, path)


def _decoded(data: bytes, names: tuple[str, ...], path: Path) -> tuple[str, str]:
    for name in names:
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    raise InputError("formats.unknown_encoding", file=path, tried=", ".join(names))


def read_text(path: Path, options: ReadOptions) -> tuple[str, tuple[Finding, ...]]:
    """A file's text with '\\n' line ends; an encoding other than UTF-8 is reported. Raises as `read_bytes` and `decode`."""
    found, encoding = decode(read_bytes(path), path)
    whole = found.replace("\r\n", "\n").replace("\r", "\n")
    return whole, () if encoding.startswith("utf-8") else (finding("formats.read_as", options, "info", encoding=encoding),)


def finding(code: str, options: ReadOptions, level: Level = "warning", cue_id: str | None = None, **params: object) -> Finding:
    """A Finding with its message in the reader's language."""
    return Finding(code, text(code, options.language, **params), level, cue_id)


def grid(options: ReadOptions) -> FrameRate:
    """The rate that was named, or milliseconds."""
    return options.rate or MILLISECONDS


def needed_rate(options: ReadOptions, path: Path) -> FrameRate:
    """The rate that was named. Raises InputError `formats.file_needs_rate` when none was: the file has timecodes but no rate."""
    if options.rate is None:
        raise InputError("formats.file_needs_rate", file=path)
    return options.rate


def frames_of_timecodes(start: str, end: str, rate: FrameRate, start_frame: int) -> tuple[int, int]:
    """A span of timecode as frames from the timeline's first frame, which is `start_frame`; see `over_midnight`.

    Raises InputError `timing.bad_timecode`.
    """
    day, label = timecode_to_frame("24:00:00:00", rate), timecode_to_frame(start, rate)
    first = (label - start_frame) % day
    return first, first + (timecode_to_frame(end, rate) - label) % day


def over_midnight(lines: Iterable[Line], rate: FrameRate) -> Iterator[Line]:
    """Lines in file order whose timecode began again at 00:00:00:00 count on: a step back of more than half a day is midnight."""
    day, before = timecode_to_frame("24:00:00:00", rate), 0
    for line in lines:
        shift = day if line.start_frame < before - day // 2 else 0
        before = line.start_frame + shift
        yield replace(line, start_frame=before, end_frame=line.end_frame + shift)


def ms_span(start_ms: int, end_ms: int, rate: FrameRate) -> tuple[int, int]:
    """Nearest frames of a span in milliseconds; negative times become 0."""
    return ms_to_frame_nearest(max(0, start_ms), rate), ms_to_frame_nearest(max(0, end_ms), rate)


def lines_of(text_: str) -> list[str]:
    """The lines of a cue that hold something, without outer blanks: a blank line would end the cue in most formats."""
    return [line.strip() for line in text_.splitlines() if line.strip()]


def document_of(lines: Iterable[Line], rate: FrameRate, options: ReadOptions, findings: Iterable[Finding] = ()) -> SubtitleDocument:
    """A valid document from lines as found: without empty ones, in time order, at least a frame long, overlaps trimmed; each repair a Finding."""
    notes = list(findings)
    cues: list[Cue] = []
    used: set[str] = set()
    for number, line in enumerate(sorted(_filled(lines, options, notes), key=lambda line: line.start_frame), 1):
        name = line.id if line.id and line.id not in used else f"c{number:05}"
        while name in used:
            name += "'"
        used.add(name)
        cue = Cue(name, line.start_frame, max(line.end_frame, line.start_frame + 1), line.text, line.words, line.speaker)
        _append(cues, cue, options, notes)
    return SubtitleDocument(tuple(cues), rate, options.start_frame, findings=tuple(notes))


def _filled(lines: Iterable[Line], options: ReadOptions, notes: list[Finding]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        wording = "\n".join(lines_of(line.text.replace("\0", "")))
        if wording:
            yield replace(line, text=wording, start_frame=max(0, line.start_frame))
        else:
            notes.append(finding("formats.empty_dropped", options, number=number))


def _append(cues: list[Cue], cue: Cue, options: ReadOptions, notes: list[Finding]) -> None:
    """Add a cue; one that the cue before overlaps cuts that one short, or joins its text where both begin together."""
    if cues and cue.start_frame < cues[-1].end_frame:
        before = cues[-1]
        notes.append(finding("formats.overlap_trimmed", options, cue_id=before.id, id=before.id, next=cue.id))
        if cue.start_frame == before.start_frame:
            cues[-1] = replace(before, end_frame=max(before.end_frame, cue.end_frame), text=f"{before.text}\n{cue.text}")
            return
        cues[-1] = replace(before, end_frame=cue.start_frame)
    cues.append(cue)


def register_language(register: Register) -> str:
    """BCP 47 tag of a register's text: Cantonese as spoken, or written Chinese of Hong Kong, both in Traditional characters."""
    return "yue-Hant" if register == "spoken" else "zh-Hant-HK"
