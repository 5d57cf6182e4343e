"""The sample's picture: colour bars, a bar that sweeps once in four seconds, and the frame's own timecode in seven-segment digits.

Drawn with numpy, so that it needs no font, at half the size that ffmpeg then doubles. Another thing to see is another function called in
`write_picture`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..timing import FrameRate, frame_to_timecode
from .sample_script import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 180
_BARS = ((90, 90, 90), (96, 92, 20), (20, 84, 92), (24, 88, 32), (88, 28, 84), (96, 30, 26), (28, 34, 96))
_SWEEP = 4 * RATE
_DIGIT_WIDTH, _DIGIT_HEIGHT, _STROKE, _STEP = 15, 28, 3, 21
_LIT = {  # segments: top, upper left, upper right, middle, lower left, lower right, bottom
    "0": "1110111", "1": "0010010", "2": "1011101", "3": "1011011", "4": "0111010",
    "5": "1101011", "6": "1101111", "7": "1010010", "8": "1111111", "9": "1111011",
}  # fmt: skip


def write_picture(path: Path, frames: int, start_frame: int) -> None:
    """Write `frames` raw RGB pictures (rgb24, WIDTH x HEIGHT) to `path`; the first shows the timecode of `start_frame`."""
    background = _background()
    with path.open("wb") as file:
        for index in range(frames):
            picture = background.copy()
            left = index % _SWEEP * (WIDTH - 6) // _SWEEP
            picture[20:100, left : left + 6] = 235
            _write_timecode(picture, frame_to_timecode(start_frame + index, FrameRate(RATE)))
            file.write(picture.tobytes())


def _background() -> NDArray[np.uint8]:
    import numpy as np

    columns = np.arange(WIDTH) * len(_BARS) // WIDTH
    picture = np.broadcast_to(np.array(_BARS, np.uint8)[columns], (HEIGHT, WIDTH, 3)).copy()
    picture[HEIGHT - 55 :] = 16
    return picture


def _write_timecode(picture: NDArray[np.uint8], timecode: str) -> None:
    left = (WIDTH - _STEP * len(timecode)) // 2
    for position, character in enumerate(timecode):
        place = picture[HEIGHT - 42 : HEIGHT - 42 + _DIGIT_HEIGHT, left + _STEP * position :][:, :_DIGIT_WIDTH]
        if character in _LIT:
            _write_digit(place, character)
        else:
            place[7:10, 6:9] = place[18:21, 6:9] = 220


def _write_digit(place: NDArray[np.uint8], digit: str) -> None:
    half, s = _DIGIT_HEIGHT // 2, _STROKE
    areas = (
        place[:s], place[:half, :s], place[:half, -s:], place[half - 1 : half + 2],
        place[half:, :s], place[half:, -s:], place[-s:],
    )  # fmt: skip
    for area, lit in zip(areas, _LIT[digit], strict=True):
        if lit == "1":
            area[:] = 220
