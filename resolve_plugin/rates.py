"""Frame rates and the few conversions that the plugin needs: exact, never through int() or float.

To support another rate, add it to `_RATES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import PluginError

_RATES = tuple(
    Fraction(top, bottom)
    for top, bottom in (
        (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48000, 1001), (48, 1), (50, 1),
        (60000, 1001), (60, 1), (100, 1), (120000, 1001), (120, 1),
    )
)  # fmt: skip
_TOLERANCE = Fraction(5, 1000)


@dataclass(frozen=True)
class Rate:
    """Exact frames per second, and whether timecode labels skip numbers."""

    fps: Fraction
    drop_frame: bool = False

    @property
    def nominal(self) -> int:
        """Frames counted per timecode second."""
        return -(-self.fps.numerator // self.fps.denominator)

    def text(self) -> str:
        """'24000/1001', as the wire and the job files write it."""
        return f"{self.fps.numerator}/{self.fps.denominator}"


def rate_of(value: Any, drop_frame: bool = False) -> Rate:
    """The exact rate of what Resolve reports (23.976, '29.97', '29.97 DF'). Raises PluginError `timeline.rate`."""
    words = str(value).split()
    try:
        asked = Fraction(words[0])
    except (ValueError, ZeroDivisionError, IndexError):
        raise PluginError("timeline.rate", rate=value) from None
    nearest = min(_RATES, key=lambda rate: abs(rate - asked))
    if abs(nearest - asked) > _TOLERANCE:
        raise PluginError("timeline.rate", rate=value)
    drop = (drop_frame or words[-1] == "DF") and nearest.denominator == 1001 and nearest in (Fraction(30000, 1001), Fraction(60000, 1001))
    return Rate(nearest, drop)


def srt_time(frame: int, rate: Rate) -> str:
    """'HH:MM:SS,mmm' of a frame's first instant, rounded up: the one rounding from which rounding and flooring readers both get the frame back."""
    ms = -(-frame * 1000 * rate.fps.denominator // rate.fps.numerator)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def timecode(frame: int, rate: Rate) -> str:
    """'HH:MM:SS:FF' (';' before FF with drop frame) of an absolute frame; drop frame skips labels as SMPTE ST 12-1 says."""
    nominal = rate.nominal
    if rate.drop_frame:
        frame = _drop_frame_label(frame, nominal)
    seconds, ff = divmod(frame % (nominal * 86400), nominal)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{';' if rate.drop_frame else ':'}{ff:02}"


def _drop_frame_label(frame: int, nominal: int) -> int:
    dropped = nominal // 15
    per_minute, per_ten = nominal * 60 - dropped, nominal * 600 - 9 * dropped
    tens, rest = divmod(frame, per_ten)
    minutes = 0 if rest < nominal * 60 else 1 + (rest - nominal * 60) // per_minute
    return frame + dropped * (9 * tens + minutes)
