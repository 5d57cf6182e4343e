"""A picture the right way up: the display matrix of MP4 and MOV as turns and mirrors of whole pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Turn:
    """Mirror left to right first where `mirrored`, then turn clockwise by `quarters` of a circle."""

    quarters: int = 0
    mirrored: bool = False

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The pixels as they are to be seen; shape (height, width, 3), swapped for odd quarters."""
        import numpy as np

        return np.rot90(pixels[:, ::-1] if self.mirrored else pixels, -self.quarters)


def turn_of(matrix: bytes) -> Turn:
    """The nearest turn to a display matrix: nine int32 (a b u c d v x y w), (x', y') = (ax + cy, bx + dy), y downwards (ISO/IEC 14496-12, 8.5.3)."""
    a, b, _, c, d = struct.unpack_from("<5i", matrix)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    if abs(a) >= abs(b):
        return Turn(0 if a >= 0 else 2, mirrored)
    return Turn(1 if b > 0 else 3, mirrored)
