"""Text in pictures: our Hong Kong font at any size, and how much of a text fits into a space."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .fonts import BUNDLED

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_SHORTEST = 3  # characters before an ellipsis: fewer tell nothing


@cache
def font(size: int) -> FreeTypeFont:
    """The font at `size` pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(str(BUNDLED), size, layout_engine=ImageFont.Layout.BASIC)


def fitted(text: str, size: int, room: int) -> str:
    """`text` where `room` pixels hold it, else as much of its beginning as fits with '…', or '' when that is less than three characters."""
    measure = font(size).getlength
    if measure(text) <= room:
        return text
    kept = min(len(text) - 1, 2 * room // size)
    while kept >= _SHORTEST and measure(text[:kept] + "…") > room:
        kept -= 1
    return f"{text[:kept].rstrip()}…" if kept >= _SHORTEST else ""
