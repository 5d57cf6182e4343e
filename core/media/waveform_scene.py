"""Lays a waveform out: a ruler with timecodes, speech and cues behind and below the sound, in a light or a dark look.

    (Peaks, regions, cues, range) -> Scene

Another look is one more entry of `LOOKS`; another row of the picture is one more function that yields shapes, called from `build_scene`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from ..document import Cue, SpeechRegion
from ..timing import FrameRate
from .timeline_axis import marks
from .waveform import Peaks, pyramid
from .waveform_shapes import Bars, Box, Color, Columns, Label, Scene, columns, rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Fitted = Callable[[str, int, int], str]
"""(text, size in pixels, room in pixels) -> the text, its beginning with '…', or '' where not even that fits."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of every part. `wave` and `body` are the sound's peaks and their means in speech, `quiet` and `quiet_body` elsewhere."""

    background: Color
    ruler: Color
    line: Color
    faint: Color
    text: Color
    speech: Color
    wave: Color
    body: Color
    quiet: Color
    quiet_body: Color
    cue: Color
    cue_edge: Color
    cue_text: Color


LOOKS = {
    "dark": Look(
        "#15171b", "#1c1f25", "#3a404a", "#22262d", "#98a2b0", "#1c2733", "#2f78ad", "#7cc6f2", "#3d444e", "#5d6673", "#3a2f16", "#e3a72f", "#f6e7c4"
    ),
    "light": Look(
        "#ffffff", "#f2f4f6", "#b9c0c9", "#e8ebee", "#59626d", "#eaf3fa", "#7db6dc", "#2277ad", "#c9ced4", "#a3abb4", "#fff3d9", "#d98f00", "#4a3600"
    ),
}


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn: the time `start_s` to `end_s`. Regions, cues and these count from timecode frame `start_frame`; the peaks begin at
    `peaks_start_s`.
    """

    peaks: Peaks
    start_s: Fraction
    end_s: Fraction
    rate: FrameRate
    start_frame: int = 0
    peaks_start_s: Fraction = Fraction(0)
    regions: tuple[SpeechRegion, ...] | None = None
    cues: tuple[Cue, ...] = ()

    @property
    def span_s(self) -> Fraction:
        """Seconds drawn."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the rows of a picture begin and how tall they are, in pixels; a row that has no room is 0 tall."""

    ruler: int
    wave: int
    cues: int
    unit: float

    def text_size(self, size: int) -> int:
        return max(9, round(size * self.unit))


def build_scene(view: View, size: tuple[int, int], look: Look, fitted: Fitted) -> Scene:
    """The picture of `view`, `size` = (width, height) in pixels. The loudest moment in view fills the height, at up to 8 times its level."""
    width, height = size
    lanes = _rows(height, bool(view.cues))
    shapes: list[Box | Bars | Label] = [Box(0, 0, width, lanes.ruler, look.ruler)] if lanes.ruler else []
    spoken = _spoken(view, width)
    shapes += _speech(spoken or (), lanes, look)
    shapes += _ruler(view, width, lanes, look)
    shapes += _sound(view, width, lanes, look, spoken)
    shapes += _cues(view, width, lanes, look, fitted)
    return Scene(width, height, look.background, tuple(shapes))


def _rows(height: int, with_cues: bool) -> _Rows:
    unit = min(3.0, max(0.75, height / 200))
    ruler = round(22 * unit) if height >= 80 else 0
    cues = round(40 * unit) if with_cues and height >= 110 else 0
    return _Rows(ruler, height - ruler - cues, cues, unit)


def _columns_of(view: View, width: int, unit_s: Fraction) -> Callable[[int], int]:
    """Which column shows a time counted in `unit_s`, cut to the picture. In whole numbers: an hour has thousands of edges, and fractions are slow."""
    step, offset = unit_s * width / view.span_s, view.start_s * width / view.span_s
    scale = lcm(step.denominator, offset.denominator)
    step_n, offset_n = int(step * scale), int(offset * scale)
    return lambda count: max(0, min(width, (count * step_n - offset_n) // scale))


def _speech(spoken: Iterable[tuple[int, int]], lanes: _Rows, look: Look) -> Iterator[Box]:
    for left, right in spoken:
        yield Box(left, lanes.ruler, right - left, lanes.wave, look.speech)


def _spoken(view: View, width: int) -> tuple[tuple[int, int], ...] | None:
    """Columns [left, right) of every region in view; None where nobody has looked."""
    if view.regions is None:
        return None
    column = _columns_of(view, width, Fraction(1, 1000))
    edges = ((column(region.start_ms), column(region.end_ms)) for region in view.regions)
    return tuple((left, max(left + 1, right)) for left, right in edges if left < width and right > 0)


def _ruler(view: View, width: int, lanes: _Rows, look: Look) -> Iterator[Box | Label]:
    if not lanes.ruler:
        return
    size = lanes.text_size(11)
    apart_s = float(view.span_s) * 12 * size / width
    for mark in marks((view.start_s, view.end_s), view.start_frame, view.rate, apart_s):
        x = int((mark.at_s - view.start_s) * width / view.span_s)
        tall = round(lanes.ruler * (0.7 if mark.timecode else 0.25))
        yield Box(x, lanes.ruler - tall, 1, tall, look.line)
        if mark.timecode:
            yield Box(x, lanes.ruler, 1, lanes.wave, look.faint)
            if x + 8 * size <= width:
                yield Label(x + size // 2, round(lanes.ruler * 0.42), size, mark.timecode, look.text)
    yield Box(0, lanes.ruler - 1, width, 1, look.line)


def _sound(view: View, width: int, lanes: _Rows, look: Look, spoken: tuple[tuple[int, int], ...] | None) -> Iterator[Bars]:
    import numpy as np

    heard = _columns(view, width)
    loudest = max(16, int(np.abs(np.stack([heard.low, heard.high]).astype(np.int16)).max()))
    middle, half = lanes.ruler + lanes.wave // 2, max(1, round(lanes.wave * 0.46))
    speaking = _speaking(spoken, width)
    for low, high, colors in (
        (heard.low, heard.high, (look.quiet, look.wave)),
        (heard.mean_low, heard.mean_high, (look.quiet_body, look.body)),
    ):
        tops, bottoms = rows(high, middle, half, loudest), rows(low, middle, half, loudest)
        for color, chosen in zip(colors, (~speaking, speaking), strict=True):
            xs = np.flatnonzero(chosen).astype(np.int32)
            yield Bars(xs, tops[xs], bottoms[xs], color)


def _columns(view: View, width: int) -> Columns:
    """From the coarsest level that has four pixels for a column; a column's edges are then right to a quarter of a column."""
    first = view.start_s - view.peaks_start_s
    levels = pyramid(view.peaks)
    enough = 4 * width / float(view.span_s)
    level = next((level for level in reversed(levels) if level.pixels_per_s >= enough), view.peaks)
    return columns(level, float(first) * level.pixels_per_s, float(first + view.span_s) * level.pixels_per_s, width)


def _speaking(spoken: tuple[tuple[int, int], ...] | None, width: int) -> NDArray[np.bool_]:
    """Which columns are speech; all of them where nobody has looked."""
    import numpy as np

    speaking = np.full(width, spoken is None)
    for left, right in spoken or ():
        speaking[left:right] = True
    return speaking


def _cues(view: View, width: int, lanes: _Rows, look: Look, fitted: Fitted) -> Iterator[Box | Label]:
    if not lanes.cues:
        return
    pad = max(2, round(4 * lanes.unit))
    top, tall = lanes.ruler + lanes.wave + pad, lanes.cues - 2 * pad
    column = _columns_of(view, width, 1 / view.rate.fps)
    for cue in view.cues:
        left, right = column(cue.start_frame), column(cue.end_frame)
        if right <= 0 or left >= width:
            continue
        wide = max(1, right - left - 1)
        if wide < 4:
            yield Box(left, top, wide, tall, look.cue_edge)
            continue
        yield Box(left, top, wide, tall, look.cue)
        yield Box(left, top, 2, tall, look.cue_edge)
        size, text = _text(cue.text, lanes, wide - 2 - 2 * pad, fitted)
        if text:
            yield Label(left + 2 + pad, top + tall // 2, size, text, look.cue_text)


def _text(text: str, lanes: _Rows, room: int, fitted: Fitted) -> tuple[int, str]:
    """A cue's text and its size: smaller where that lets the whole of it in, and cut where nothing does."""
    whole, large, small = " ".join(text.split()), lanes.text_size(15), lanes.text_size(11)
    if fitted(whole, large, room) == whole:
        return large, whole
    return small, fitted(whole, small, room)
