"""The timestamp grammar, every state with the answer written out. <|0.00|> is 50365 here."""

from __future__ import annotations

import pytest

from core.asr.rules import Allowed, StampLimits, allowed_next, stamp_limits
from core.document import SpeechRegion
from core.speech.chunks import Chunk

STAMPS = 50365
LIMITS = StampLimits(first=50, last=500)
TEXT = 1000


def stamp(seconds: float) -> int:
    return STAMPS + round(seconds * 50)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        pytest.param([], Allowed(text=False, end=False, first_stamp=0, last_stamp=50), id="begins with a timestamp"),
        pytest.param([stamp(0.4)], Allowed(text=True, end=True), id="a start is followed by text, or by nothing at all"),
        pytest.param([stamp(0.4), TEXT], Allowed(text=True, end=True, first_stamp=21, last_stamp=500), id="no line of zero length"),
        pytest.param([stamp(0.4), TEXT, stamp(2)], Allowed(text=False, end=True, first_stamp=100, last_stamp=499), id="then the next start"),
        pytest.param([stamp(0.4), TEXT, stamp(2), stamp(3)], Allowed(text=True, end=True), id="text of the second line"),
        pytest.param(
            [stamp(0.4), TEXT, stamp(2), stamp(3), TEXT, TEXT],
            Allowed(text=True, end=True, first_stamp=151, last_stamp=500),
            id="later than the latest timestamp, however far back it is",
        ),
        pytest.param([stamp(0.4), TEXT, stamp(10)], Allowed(text=False, end=True, first_stamp=500, last_stamp=499), id="nothing fits after the end"),
    ],
)
def test_what_may_follow(tokens: list[int], expected: Allowed) -> None:
    assert allowed_next(tokens, STAMPS, LIMITS) == expected


def test_every_earlier_timestamp_is_forbidden() -> None:
    # mlx-whisper 0.4.3 forbids none of these 250
    now = allowed_next([stamp(0), TEXT, stamp(5), stamp(5), TEXT], STAMPS, StampLimits(first=50, last=1500))
    assert [step for step in range(250) if now.first_stamp <= step <= now.last_stamp] == []


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        (Chunk(0, 15_000, (SpeechRegion(200, 14_800),)), StampLimits(first=60, last=750)),
        (Chunk(7_000, 17_010, (SpeechRegion(9_000, 17_000),)), StampLimits(first=150, last=501)),
        (Chunk(7_000, 17_000, ()), StampLimits(first=50, last=500)),
        (Chunk(7_000, 7_100, (SpeechRegion(7_000, 7_100),)), StampLimits(first=4, last=5)),
        (Chunk(7_000, 7_001, (SpeechRegion(7_000, 7_001),)), StampLimits(first=0, last=1)),
        (Chunk(0, 30_000, ()), StampLimits(first=50, last=1500)),
    ],
)
def test_limits_of_a_chunk(chunk: Chunk, expected: StampLimits) -> None:
    assert stamp_limits(chunk) == expected
