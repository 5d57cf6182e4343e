"""Exact numbers and plain containers out of OTIO objects, whatever a damaged or hand-written file put into them.

A new kind of hostile value is refused or made harmless here, so that the other readers stay short.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any, TypeGuard

from ..errors import InputError
from ..timing import parse_rate

LONGEST_S = 10**7  # about 115 days: above any timecode, below what would exhaust memory


@lru_cache(maxsize=64)
def exact_fps(rate: float) -> Fraction:
    """Frames per second of a RationalTime: a known rate made exact, or any whole number (audio sample rates, 12 and 15 fps media).

    Raises InputError `timing.unknown_rate` otherwise.
    """
    try:
        return parse_rate(rate).fps
    except InputError:
        if isfinite(rate) and rate >= 1 and rate == int(rate):
            return Fraction(int(rate))
        raise


def seconds_of(time: Any) -> Fraction:
    """A RationalTime as exact seconds. Raises InputError `timing.unknown_rate`, or `timeline.impossible_time` for a time no edit can have."""
    fps = exact_fps(time.rate)
    if not isfinite(time.value) or abs(time.value) > LONGEST_S * fps:
        raise InputError("timeline.impossible_time", value=time.value, rate=time.rate)
    return Fraction(time.value) / fps


def length_of(time: Any) -> Fraction:
    """A duration as exact seconds; raises as `seconds_of` does, and `timeline.impossible_time` for a negative one."""
    seconds = seconds_of(time)
    if seconds < 0:
        raise InputError("timeline.impossible_time", value=time.value, rate=time.rate)
    return seconds


def resolve_entry(holder: Any, key: str) -> Any:
    """One entry of `metadata.Resolve_OTIO` of any OTIO object, as plain dicts and lists; None where there is none."""
    data = holder.metadata.get("Resolve_OTIO")
    return _plain(data.get(key)) if isinstance(data, Mapping) else None


def _plain(value: Any) -> Any:
    # OTIO's containers are views into C++ memory that die with their owner
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value


def number(value: Any) -> float | None:
    """A finite number, or None for anything else that metadata may hold."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    return None


def is_index(value: Any) -> TypeGuard[int]:
    """True for the number of a stream or channel, counted from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 256
