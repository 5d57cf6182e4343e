"""Frame rates, and every conversion between frames, milliseconds and timecode.

No other module does time arithmetic across units. Rates are exact: 23.976 is 24000/1001. To support another rate, add it to `_RATES`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from .errors import InputError

_RATES = tuple(
    Fraction(*rate)
    for rate in (
        (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48000, 1001), (48, 1), (50, 1),
        (60000, 1001), (60, 1), (100, 1), (120000, 1001), (120, 1),
    )
)  # fmt: skip
_TOLERANCE = Fraction(5, 1000)  # 24 and 23.976 differ by 0.024; float32 and two-decimal spellings stay inside 0.005
_TIMECODE = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2,3})$")


@dataclass(frozen=True, slots=True)
class FrameRate:
    """Exact frames per second, and whether timecode labels skip numbers (drop frame)."""

    numerator: int
    denominator: int = 1
    drop_frame: bool = False

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.numerator, self.denominator)

    @property
    def nominal(self) -> int:
        """Frames counted per timecode second: 24 for 23.976, 30 for 29.97."""
        return math.ceil(self.fps)

    def __str__(self) -> str:
        shown = f"{float(self.fps):.3f}".rstrip("0").rstrip(".")
        return f"{shown} DF" if self.drop_frame else shown


def parse_rate(value: str | float | Fraction, *, drop_frame: bool = False) -> FrameRate:
    """The exact rate nearest to a host's spelling ('23.976', '29.97 DF', '24000/1001', 23.976024627685547).

    Raises InputError `timing.unknown_rate` when nothing lies within 0.005 fps.
    """
    try:
        asked, drop = _as_fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise InputError("timing.unknown_rate", rate=value) from error
    nearest = min(_RATES, key=lambda rate: abs(rate - asked))
    if abs(nearest - asked) > _TOLERANCE:
        raise InputError("timing.unknown_rate", rate=value)
    rate = FrameRate(nearest.numerator, nearest.denominator)
    return with_drop_frame(rate, drop_frame or drop)


def _as_fraction(value: str | float | Fraction) -> tuple[Fraction, bool]:
    if not isinstance(value, str):
        return Fraction(value), False
    words = value.strip().upper().split()
    drop = len(words) > 1 and words[-1] == "DF"
    return Fraction(words[0] if words else ""), drop


def drops_frames(rate: FrameRate) -> bool:
    """True for the rates that may count drop frame: multiples of 30000/1001."""
    return rate.denominator == 1001 and rate.nominal % 30 == 0


def with_drop_frame(rate: FrameRate, drop_frame: bool) -> FrameRate:
    """The same rate with drop-frame labels on or off.

    Raises InputError `timing.no_drop_frame` unless the rate is 29.97, 59.94 or 119.88 (SMPTE ST 12-1 defines dropping for multiples of 30000/1001).
    """
    if drop_frame and not drops_frames(rate):
        raise InputError("timing.no_drop_frame", rate=rate)
    return replace(rate, drop_frame=drop_frame)


def frame_to_seconds(frame: int, rate: FrameRate) -> Fraction:
    """Exact seconds of a frame's first instant, counted from frame 0."""
    return frame / rate.fps


def seconds_to_nearest_frame(seconds: Fraction, rate: FrameRate) -> int:
    """The frame boundary nearest to an exact time; halves go up."""
    return math.floor(seconds * rate.fps + Fraction(1, 2))


def seconds_to_frame_floor(seconds: Fraction | int, rate: FrameRate) -> int:
    """The last frame boundary at or before an exact time."""
    return math.floor(seconds * rate.fps)


def ms_to_frame_floor(ms: int, rate: FrameRate) -> int:
    """The frame that is on screen at `ms`: use it for in-times, which must not be late."""
    return math.floor(ms * rate.fps / 1000)


def ms_to_frame_ceil(ms: int, rate: FrameRate) -> int:
    """The first frame boundary at or after `ms`: use it for out-times."""
    return math.ceil(ms * rate.fps / 1000)


def frame_to_ms(frame: int, rate: FrameRate) -> int:
    """Milliseconds for a file that carries no frames: ceil(1000 n / fps).

    Ceil is the one rounding from which both a rounding and a flooring reader recover frame n at every supported rate.
    """
    return math.ceil(frame * 1000 / rate.fps)


def frame_to_centiseconds(frame: int, rate: FrameRate) -> int:
    """Centiseconds for ASS: floor(100 n / fps), never after the frame's first instant, because renderers compare a frame's time with it."""
    return math.floor(frame * 100 / rate.fps)


def ms_to_frame_nearest(ms: int, rate: FrameRate) -> int:
    """The frame whose first instant is nearest to `ms`: the inverse of `frame_to_ms`."""
    return math.floor(ms * rate.fps / 1000 + Fraction(1, 2))


def frame_to_timecode(frame: int, rate: FrameRate) -> str:
    """'HH:MM:SS:FF' (';' before FF with drop frame) of an absolute frame number; wraps at 24 hours.

    Drop frame skips labels 00 and 01 (00..03 at 59.94) at each minute except every tenth (SMPTE ST 12-1).
    """
    nominal = rate.nominal
    if rate.drop_frame:
        frame = _label_of_drop_frame(frame, nominal)
    frame %= nominal * 86400
    seconds, ff = divmod(frame, nominal)
    width = 3 if nominal > 100 else 2
    separator = ";" if rate.drop_frame else ":"
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{ff:0{width}}"


def label_second(frame: int, rate: FrameRate) -> int:
    """The whole seconds that the timecode of an absolute frame number shows, not wrapped at 24 hours."""
    if not rate.drop_frame:
        return frame // rate.nominal
    days, frame = divmod(frame, first_frame_of_second(86400, rate))
    return 86400 * days + _label_of_drop_frame(frame, rate.nominal) // rate.nominal


def first_frame_of_second(second: int, rate: FrameRate) -> int:
    """The first frame whose timecode shows `second`: the inverse of `label_second`, past the labels that drop frame skips."""
    label = second * rate.nominal
    if not rate.drop_frame:
        return label
    minutes = second // 60
    skipped = rate.nominal // 15 if second % 60 == 0 and minutes % 10 else 0
    return label + skipped - rate.nominal // 15 * (minutes - minutes // 10)


def _label_of_drop_frame(frame: int, nominal: int) -> int:
    dropped = nominal // 15
    per_minute = nominal * 60 - dropped
    per_ten = nominal * 600 - 9 * dropped
    tens, rest = divmod(frame % (per_ten * 144), per_ten)
    minutes = 0 if rest < nominal * 60 else 1 + (rest - nominal * 60) // per_minute
    return frame % (per_ten * 144) + dropped * (9 * tens + minutes)


def timecode_to_frame(timecode: str, rate: FrameRate) -> int:
    """The absolute frame number of 'HH:MM:SS:FF'. ';' is accepted for ':' before FF; the rate alone decides about drop frame.

    Raises InputError `timing.bad_timecode` for another shape, a value out of range, or a label that drop frame skips.
    """
    match = _TIMECODE.match(timecode.strip())
    if not match:
        raise InputError("timing.bad_timecode", timecode=timecode)
    hours, minutes, seconds, ff = (int(match.group(i)) for i in (1, 2, 3, 5))
    nominal = rate.nominal
    if minutes > 59 or seconds > 59 or ff >= nominal:
        raise InputError("timing.bad_timecode", timecode=timecode)
    label = (hours * 3600 + minutes * 60 + seconds) * nominal + ff
    if not rate.drop_frame:
        return label
    dropped = nominal // 15
    if seconds == 0 and ff < dropped and minutes % 10:
        raise InputError("timing.bad_timecode", timecode=timecode)
    total_minutes = hours * 60 + minutes
    return label - dropped * (total_minutes - total_minutes // 10)
