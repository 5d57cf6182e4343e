"""Signs that a model ran in circles: text that packs too well, and spans that repeat at once.

Thresholds come from natural Cantonese (HKCanCor, 161,000 characters): the largest span that repeats at once is 12 characters in any 120, and
from 60 characters on only the last thousandth packs better than 1.9, at most 2.00.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

COMPRESSION_LIMIT = 1.9
COMPRESSION_LEAST_CHARACTERS = 60
_LONGEST_UNIT = 20
_LEAST_COVERED = 16
_LEAST_TIMES, _LEAST_TIMES_LONG = 5, 3
# 哈哈哈 and 係係係 are speech: a single character may repeat more often
_LEAST_TIMES_ALONE = 9


@dataclass(frozen=True, slots=True)
class Repeat:
    """`text[start:end]` is one unit of `unit` characters said again and again."""

    start: int
    end: int
    unit: int


def compression(text: str) -> float:
    """UTF-8 bytes over their zlib bytes; 0.0 for no text. Natural speech has 0.9 at 20 characters and 1.5 at 200."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def packs_too_well(text: str) -> bool:
    """True for 60 characters or more whose compression is above 1.9."""
    return len(text) >= COMPRESSION_LEAST_CHARACTERS and compression(text) > COMPRESSION_LIMIT


def tandem_repeat(text: str) -> Repeat | None:
    """The longest span of a unit of 1 to 20 characters that repeats at once, if it comes 5 times (9 for one character), or 3 times in 16 characters.

    A sentence said twice is no circle: people do that.
    """
    best: Repeat | None = None
    for unit in range(1, min(_LONGEST_UNIT, len(text) // 2) + 1):
        start = 0
        for place in range(unit, len(text) + 1):
            if place < len(text) and text[place] == text[place - unit]:
                continue
            length = place - start
            if _too_much(length, unit) and (best is None or length > best.end - best.start):
                best = Repeat(start, place, unit)
            start = place - unit + 1
    return best


def _too_much(length: int, unit: int) -> bool:
    times = length // unit
    if unit == 1:
        return times >= _LEAST_TIMES_ALONE
    return times >= _LEAST_TIMES or (times >= _LEAST_TIMES_LONG and length >= _LEAST_COVERED)
