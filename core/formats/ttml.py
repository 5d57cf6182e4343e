"""TTML in the IMSC 1.1 text profile (W3C Recommendation, 2018): the media time base, every time a whole number of frames ('1234f').

Clock times with frames would be wrong at 23.976: in the media time base their seconds are real seconds. `itt.py` is the dialect that counts
timecode. A reader's new time expression goes into `_Clock`.
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
from ..timing import FrameRate, drops_frames, parse_rate, seconds_to_nearest_frame, timecode_to_frame
from .base import Line, ReadOptions, WriteOptions, document_of, grid, lines_of, over_midnight, reading, register_language
from .xml import clean, local_name, parse_xml, write_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

TT = "http://www.w3.org/ns/ttml"
TTP, TTS = f"{TT}#parameter", f"{TT}#styling"
XML = "http://www.w3.org/XML/1998/namespace"
_PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|m|s|ms|f|t)")
_CLOCK = re.compile(r"(\d{2,4}):(\d{2}):(\d{2})(?:\.(\d{1,9})|:(\d{2,4}))?")


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write IMSC 1.1; frame 0 of the file is the timeline's first frame. Raises InputError `files.*`."""
    rate = document.rate
    multiplier = "1 1" if rate.denominator == 1 else "1000 1001"
    root = root_of(document, {"contentProfiles": _PROFILE, "frameRate": str(rate.nominal), "frameRateMultiplier": multiplier})
    head = add(root, "head")
    add(
        add(head, "styling"), "style", xml_id="cue", fontFamily="proportionalSansSerif", fontSize="6rh", lineHeight="125%", color="white",
        textOutline="black 5%", textAlign="center",
    )  # fmt: skip
    add(add(head, "layout"), "region", xml_id="bottom", origin="10% 10%", extent="80% 84%", displayAlign="after")
    div = add(add(root, "body", style="cue", region="bottom"), "div")
    for cue in document.cues:
        start, end = (f"{frame + options.offset_frames}f" for frame in (cue.start_frame, cue.end_frame))
        add_text(add(div, "p", xml_id=xml_id(cue.id), begin=start, end=end), cue.text)
    write_xml(root, path)


def root_of(document: SubtitleDocument, parameters: dict[str, str]) -> _Element:
    """`<tt>` with its language and parameters (names without `ttp:`)."""
    from lxml import etree

    root = etree.Element(f"{{{TT}}}tt", nsmap={None: TT, "ttp": TTP, "tts": TTS})
    root.set(f"{{{XML}}}lang", register_language(document.register))
    for name, value in parameters.items():
        root.set(f"{{{TTP}}}{name}", value)
    return root


_PLAIN = frozenset({"begin", "end", "style", "region"})


def add(parent: _Element, name: str, **attributes: str) -> _Element:
    """A child element; attributes are TTML's own, `xml_id`, or styling."""
    from lxml import etree

    child = etree.SubElement(parent, f"{{{TT}}}{name}")
    for key, value in attributes.items():
        child.set(key if key in _PLAIN else f"{{{XML}}}id" if key == "xml_id" else f"{{{TTS}}}{key}", value)
    return child


def add_text(paragraph: _Element, text: str) -> None:
    """Put a cue's lines into `<p>`, with `<br/>` between them."""
    first, *rest = lines_of(clean(text)) or [""]
    paragraph.text = first
    for line in rest:
        add(paragraph, "br").tail = line


def xml_id(name: str) -> str:
    """A cue's id as an XML name: 'c00012' stays, anything else XML forbids becomes '_'."""
    safe = re.sub(r"[^\w.-]", "_", clean(name), flags=re.ASCII)
    return safe if re.match(r"[A-Za-z_]", safe) else f"_{safe}"


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read TTML, IMSC or iTT at the file's own frame rate; where it has none at the one in `options`, or in milliseconds.

    Raises InputError `formats.not_ttml`, `formats.not_xml`, `formats.damaged`, `timing.*` and what `read_bytes` raises.
    """
    root = parse_xml(path)
    if local_name(root) != "tt":
        raise InputError("formats.not_ttml", file=path)
    with reading(path):
        clock = _Clock.of(root, options)
        body = next((child for child in root if local_name(child) == "body"), None)
        lines = [] if body is None else list(_paragraphs(body, Fraction(0), clock))
        if clock.smpte:
            lines = list(over_midnight(lines, clock.rate))
        return document_of(lines, clock.rate, options)


@dataclass(frozen=True, slots=True)
class _Clock:
    """How a document writes its times. `smpte` times are timecode of `rate`; others count from the file's zero."""

    rate: FrameRate
    frames_per_second: Fraction
    ticks_per_second: int
    smpte: bool
    start_frame: int

    @classmethod
    def of(cls, root: _Element, options: ReadOptions) -> _Clock:
        def parameter(name: str) -> str | None:
            value = root.get(f"{{{TTP}}}{name}")
            return value if value is None else str(value)

        stated = parameter("frameRate")
        numerator, _, denominator = (parameter("frameRateMultiplier") or "1 1").partition(" ")
        per_second = Fraction(int(stated or 30)) * Fraction(int(numerator), int(denominator or 1))
        rate = parse_rate(per_second) if stated else grid(options)
        if parameter("dropMode") == "dropNTSC" and drops_frames(rate):
            rate = FrameRate(rate.numerator, rate.denominator, drop_frame=True)
        ticks = int(parameter("tickRate") or 1)
        return cls(rate, rate.fps if stated else per_second, max(1, ticks), parameter("timeBase") == "smpte", options.start_frame)

    def seconds(self, expression: str) -> Fraction:
        """Exact seconds from the timeline's first frame. Raises ValueError for what is no time expression."""
        expression = expression.strip()
        if match := _OFFSET.fullmatch(expression):
            return Fraction(match.group(1)) / self._per_second(match.group(2))
        match = _CLOCK.fullmatch(expression)
        if not match:
            raise ValueError(f"time expression {expression!r}")
        if self.smpte:
            return self._timecode(expression)
        hours, minutes, seconds, fraction, frames = match.groups()
        whole = Fraction((int(hours) * 60 + int(minutes)) * 60 + int(seconds))
        return whole + Fraction(f"0.{fraction or 0}") + Fraction(int(frames or 0)) / self.frames_per_second

    def _per_second(self, metric: str) -> Fraction:
        known = {"h": Fraction(1, 3600), "m": Fraction(1, 60), "s": Fraction(1), "ms": Fraction(1000)}
        return known.get(metric) or (self.frames_per_second if metric == "f" else Fraction(self.ticks_per_second))

    def _timecode(self, expression: str) -> Fraction:
        day = timecode_to_frame("24:00:00:00", self.rate)
        timecode = expression if expression.count(":") == 3 else f"{expression.partition('.')[0]}:00"
        return ((timecode_to_frame(timecode, self.rate) - self.start_frame) % day) / self.rate.fps


def _paragraphs(element: _Element, begin: Fraction, clock: _Clock) -> Iterator[Line]:
    """The `<p>` below `element` in file order; in the media time base a child's time counts from its parent's begin."""
    for child in element:
        own = child.get("begin")
        start = (Fraction(0) if clock.smpte else begin) + clock.seconds(own) if own else begin
        name = local_name(child)
        if name == "p" and own:
            end = _end(child, start, begin, clock)
            first, last = (seconds_to_nearest_frame(seconds, clock.rate) for seconds in (start, end))
            yield Line(first, last, _text(child), id=child.get(f"{{{XML}}}id") or "")
        elif name in ("div", "body"):
            yield from _paragraphs(child, start, clock)


def _end(paragraph: _Element, start: Fraction, parent_begin: Fraction, clock: _Clock) -> Fraction:
    if (end := paragraph.get("end")) is not None:
        if not clock.smpte:
            return parent_begin + clock.seconds(end)
        found = clock.seconds(end)
        return found if found >= start else found + timecode_to_frame("24:00:00:00", clock.rate) / clock.rate.fps
    return start + clock.seconds(paragraph.get("dur") or "0s")


def _text(element: _Element) -> str:
    """Text with '\\n' for `<br/>`; white space is collapsed as xml:space='default' asks."""
    parts = [_collapsed(element.text)]
    for child in element:
        name = local_name(child)
        parts.append("\n" if name == "br" else _text(child) if name == "span" else "")
        parts.append(_collapsed(child.tail))
    return "".join(parts)


def _collapsed(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "")
