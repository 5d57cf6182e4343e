"""Where a ruler gets its marks: round timecodes, as far apart as their labels need.

Below a second these are parts of the nominal second; to allow another distance above it, put it in `_SECONDS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..timing import FrameRate, first_frame_of_second, frame_to_seconds, frame_to_timecode, label_second

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark at `at_s` from the first frame of the range; `timecode` is empty for the small ones between."""

    at_s: Fraction
    timecode: str


def marks(span_s: tuple[Fraction, Fraction], start_frame: int, rate: FrameRate, apart_s: float) -> tuple[Mark, ...]:
    """Marks of the time from `span_s[0]` to `span_s[1]`, counted from timecode frame `start_frame`, labels at least `apart_s` seconds apart."""
    first = start_frame + int(span_s[0] * rate.fps)
    last = start_frame + int(span_s[1] * rate.fps) + 1
    parts = (step for step in range(1, rate.nominal) if rate.nominal % step == 0)
    frames = next((step for step in parts if step / rate.fps >= apart_s), None)
    if frames is not None:
        places = [(frame, True) for frame in range(first - first % frames, last, frames)]
    else:
        places = list(_second_marks(first, last, rate, apart_s))
    found = ((frame_to_seconds(frame - start_frame, rate), frame, labelled) for frame, labelled in places)
    return tuple(Mark(at_s, frame_to_timecode(frame, rate) if labelled else "") for at_s, frame, labelled in found if span_s[0] <= at_s < span_s[1])


def _second_marks(first: int, last: int, rate: FrameRate, apart_s: float) -> Iterator[tuple[int, bool]]:
    """(frame, labelled) of every small mark; every fifth, fourth or second one is labelled."""
    step = next((step for step in _SECONDS if step >= apart_s), _SECONDS[-1])
    small = next((step // parts for parts in (5, 4, 2) if step % parts == 0), step)
    earliest = label_second(first, rate)
    for second in range(earliest - earliest % small, label_second(last, rate) + 1, small):
        yield first_frame_of_second(second, rate), second % step == 0
