"""The values that every way of taking small pictures shares. A new way is a module with `take(file, ask, cancel)` (see `thumbs_av.py`), tried in
`thumbnails.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Ask:
    """Which moments of a file, in seconds from its first presented one, ascending. `width` is the picture's in pixels, as it is shown.

    Without `exact` the key frame at or before a moment will do, as long as no two moments get the same picture by it.
    """

    times_s: tuple[Fraction, ...]
    width: int = 160
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `pixels` are sRGB, uint8 of shape (height, width, 3), None where nothing could be decoded.

    `shown_s` is the moment it really shows, None where the library does not tell; `by` names the library.
    """

    asked_s: Fraction
    shown_s: Fraction | None = None
    pixels: NDArray[np.uint8] | None = None
    by: str = ""


def shown_size(width: int, height: int, pixel_shape: Fraction, quarter_turns: int) -> tuple[int, int]:
    """The size that a coded picture has on screen: wider by the shape of its pixels, then turned."""
    wide = max(1, round(width * pixel_shape))
    return (height, wide) if quarter_turns % 2 else (wide, height)


def small_size(shown: tuple[int, int], width: int) -> tuple[int, int]:
    """`shown` scaled to `width`, at least one pixel high."""
    return width, max(1, round(Fraction(shown[1] * width, shown[0])))
