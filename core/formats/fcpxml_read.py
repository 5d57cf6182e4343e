"""FCPXML read: the captions of the first sequence, or its titles where it has no captions, on the timeline's frames.

Works on our own files and on Final Cut Pro's and Resolve's; `Sequence` serves whoever needs to know where items lie.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import SubtitleDocument
from ..errors import InputError
from ..timing import FrameRate, drops_frames, parse_rate, seconds_to_nearest_frame, with_drop_frame
from .base import Line, ReadOptions, document_of, reading
from .xml import local_name, parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_TIME = re.compile(r"(-?\d{1,18})(?:/(\d{1,18}))?s?|(-?\d{1,12}\.\d{1,9})s?")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence's element, spine, rate and first frame's timecode in seconds; `origin` is that frame in the offsets of the spine's items."""

    element: _Element
    spine: _Element
    rate: FrameRate
    start: Fraction
    origin: Fraction


def seconds(value: str | None) -> Fraction:
    """Exact seconds of an FCPXML time; 0 where there is none. Raises ValueError for anything else."""
    if value is None:
        return Fraction(0)
    match = _TIME.fullmatch(value.strip())
    if not match:
        raise ValueError(f"time {value!r}")
    return Fraction(match.group(3)) if match.group(3) else Fraction(int(match.group(1)), int(match.group(2) or 1))


def load(path: Path) -> _Element:
    """The root of an FCPXML file, or of the Info.fcpxml in the folder that Resolve and Final Cut Pro write.

    Raises InputError `formats.not_fcpxml` and what `parse_xml` raises.
    """
    file = path / "Info.fcpxml" if path.is_dir() else path
    root = parse_xml(file)
    if local_name(root) != "fcpxml":
        raise InputError("formats.not_fcpxml", file=file)
    return root


def first_sequence(root: _Element, path: Path) -> Sequence:
    """The first project's sequence. Raises InputError `formats.not_fcpxml` without one, `timing.unknown_rate`, and ValueError for bad times."""
    element = next(root.iter("sequence"), None)
    spine = None if element is None else element.find("spine")
    if element is None or spine is None:
        raise InputError("formats.not_fcpxml", file=path)
    wanted = element.get("format")
    form = next((form for form in root.iter("format") if form.get("id") == wanted), None)
    frame = seconds(None if form is None else form.get("frameDuration"))
    if frame <= 0:
        raise InputError("formats.file_without_rate", file=path)
    rate = parse_rate(1 / frame)
    if element.get("tcFormat") == "DF" and drops_frames(rate):
        rate = with_drop_frame(rate, True)
    start = seconds(element.get("tcStart"))
    first = next((seconds(item.get("offset")) for item in spine if item.get("offset")), start)
    return Sequence(element, spine, rate, start, start if first >= start else Fraction(0))  # some writers count items from zero


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read FCPXML; the file's own rate and start timecode count, not those in `options`.

    Raises InputError `formats.not_fcpxml`, `formats.not_xml`, `formats.file_without_rate`, `formats.damaged`, `timing.unknown_rate`.
    """
    root = load(path)
    with reading(path):
        sequence = first_sequence(root, path)
        lines = list(_lines(sequence, "caption")) or list(_lines(sequence, "title"))
        start = seconds_to_nearest_frame(sequence.start, sequence.rate)
        return document_of(lines, sequence.rate, ReadOptions(sequence.rate, start, options.language))


def _lines(sequence: Sequence, kind: str) -> Iterator[Line]:
    for element, begin in _placed(sequence.spine, sequence.start, sequence.origin, kind):
        end = begin + seconds(element.get("duration"))
        first, last = (seconds_to_nearest_frame(at - sequence.start, sequence.rate) for at in (begin, end))
        text = "".join(run for block in element.findall("text") for run in block.itertext("text", "text-style"))
        if element.get("enabled") != "0":
            yield Line(first, last, text)


def _placed(parent: _Element, begin: Fraction, local_start: Fraction, kind: str) -> Iterator[tuple[_Element, Fraction]]:
    """Elements of a kind below `parent` with their time in the sequence; `begin` is where the parent's local time `local_start` lies."""
    for child in parent:
        if not local_name(child):
            continue
        at = begin + (seconds(child.get("offset")) - local_start) if child.get("offset") else begin
        if local_name(child) == kind:
            yield child, at
        yield from _placed(child, at, seconds(child.get("start")), kind)
