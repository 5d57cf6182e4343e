"""What a drawn waveform consists of, in whole pixels and opaque colours, so that every way of drawing it gives the same picture.

A scene is drawn in order: boxes, bars (one a column) and labels. A new shape is a class here and a branch in each `draw` (`waveform_draw.py`,
`waveform_quartz.py`, `waveform_svg.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .waveform import Peaks

Color = str
"""'#rrggbb'."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; `x`, `y` is its upper left pixel."""

    x: int
    y: int
    width: int
    height: int
    color: Color


@dataclass(frozen=True, slots=True)
class Bars:
    """Vertical bars one pixel wide: column `xs[i]` is filled from row `tops[i]` to row `bottoms[i]`, both included. int32, shape (bars,)."""

    xs: NDArray[np.int32]
    tops: NDArray[np.int32]
    bottoms: NDArray[np.int32]
    color: Color


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text; `x` is its left edge, `y` the middle of its letters; `size` in pixels."""

    x: int
    y: int
    size: int
    text: str
    color: Color


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture."""

    width: int
    height: int
    background: Color
    shapes: tuple[Box | Bars | Label, ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """The texts alone."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Label))


@dataclass(frozen=True, slots=True)
class Columns:
    """Per column of the picture the lowest and highest value heard in it (-128..127), and their means over the pixels in it. Shape (width,)."""

    low: NDArray[np.int8]
    high: NDArray[np.int8]
    mean_low: NDArray[np.float64]
    mean_high: NDArray[np.float64]


def columns(peaks: Peaks, start_pixel: float, end_pixel: float, width: int) -> Columns:
    """Column i stands for pixels [floor(a + i*s), max(that + 1, floor(a + (i+1)*s))) with a = `start_pixel`, s = (end - start) / width.

    This is the one reference that all drawing is held to. Beyond the peaks there is silence.
    """
    import numpy as np

    edges = np.floor(np.linspace(start_pixel, end_pixel, width + 1)).astype(np.intp)
    first, stop = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
    begin = max(0, int(first[0]))
    pairs = np.zeros((int(stop[-1]) + 1 - begin, 2), np.int8)
    heard = peaks.pairs[begin : int(stop[-1])]
    pairs[: len(heard)] = heard
    cuts = np.stack([first - begin, stop - begin], axis=1).ravel()
    low = np.minimum.reduceat(pairs[:, 0], cuts)[::2]
    high = np.maximum.reduceat(pairs[:, 1], cuts)[::2]
    sums = np.add.reduceat(pairs.astype(np.float64), cuts, axis=0)[::2]
    means = sums / (stop - first)[:, None]
    return Columns(low, high, means[:, 0], means[:, 1])


def rows(values: NDArray[np.int8] | NDArray[np.float64], middle: int, half: int, loudest: int) -> NDArray[np.int32]:
    """The row of each value: `loudest` of 128 is `half` rows above `middle`; halves are rounded to the even row."""
    import numpy as np

    scaled = np.asarray(values, np.float64) * (half / loudest)
    return np.asarray(middle - np.clip(np.rint(scaled), -half, half), np.int32)
