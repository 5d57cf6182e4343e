"""The timestamp grammar, every state with the answer written out, on the arrays of both libraries. <|0.00|> is 110 here, the end mark 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from core.asr.arrays import Arrays, mlx_arrays, torch_arrays
from core.asr.rules import Grammar, StampLimits, stamp_limits
from core.asr.tokens import SpecialTokens
from core.document import SpeechRegion
from core.speech.chunks import Chunk

SPECIAL = SpecialTokens(end=100, start=101, languages=(("yue", 102),), transcribe=104, previous=106, no_speech=105, stamps=110, suppressed=(3,))
LIMITS = StampLimits(first=50, last=500)
TEXT = 7


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may come next: text, the end mark, and timestamps from the first to the last step."""

    text: bool
    end: bool
    stamps: range


@pytest.fixture(params=[lambda: torch_arrays("cpu"), mlx_arrays], ids=["torch", "mlx"])
def arrays(request: pytest.FixtureRequest) -> Arrays:
    made: Arrays = request.param()
    return made


def stamp(seconds: float) -> int:
    return 110 + round(seconds * 50)


def allowed(grammar: Grammar, row: int) -> Allowed:
    masks, (first, last) = np.asarray(grammar.masks())[row], grammar.stamps()
    assert set(masks.tolist()) <= {0.0, -np.inf}
    assert masks[3] == -np.inf
    return Allowed(bool(masks[TEXT] == 0), bool(masks[100] == 0), range(int(first[row]), int(last[row]) + 1))


def after(arrays: Arrays, tokens: Sequence[int], limits: StampLimits = LIMITS) -> Allowed:
    """Row 1 writes `tokens`; row 0 does something else meanwhile, which must not matter."""
    grammar = Grammar(arrays, SPECIAL, [StampLimits(first=9, last=10), limits])
    for number, token in enumerate(tokens):
        grammar.read(arrays.new([110 if number == 0 else TEXT, token]))
    return allowed(grammar, 1)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        pytest.param([], Allowed(False, False, range(51)), id="begins with a timestamp"),
        pytest.param([stamp(0.4)], Allowed(True, True, range(0)), id="a start is followed by text, or by nothing at all"),
        pytest.param([stamp(0.4), TEXT], Allowed(True, True, range(21, 501)), id="no line of zero length"),
        pytest.param([stamp(0.4), TEXT, stamp(2)], Allowed(False, True, range(100, 500)), id="then the next start"),
        pytest.param([stamp(0.4), TEXT, stamp(2), stamp(3)], Allowed(True, True, range(0)), id="text of the second line"),
        pytest.param(
            [stamp(0.4), TEXT, stamp(2), stamp(3), TEXT, TEXT],
            Allowed(True, True, range(151, 501)),
            id="later than the latest timestamp, however far back it is",
        ),
        pytest.param([stamp(0.4), TEXT, stamp(10)], Allowed(False, True, range(500, 500)), id="nothing fits after the end"),
    ],
)
def test_what_may_follow(arrays: Arrays, tokens: list[int], expected: Allowed) -> None:
    assert after(arrays, tokens) == expected


def test_every_earlier_timestamp_is_forbidden(arrays: Arrays) -> None:
    # mlx-whisper 0.4.3 forbids none of these 250
    now = after(arrays, [stamp(0), TEXT, stamp(5), stamp(5), TEXT], StampLimits(first=50, last=1500))
    assert now.stamps == range(251, 1501)


def test_rows_that_stay_keep_their_place(arrays: Arrays) -> None:
    grammar = Grammar(arrays, SPECIAL, [LIMITS, StampLimits(first=50, last=300), LIMITS])
    grammar.read(arrays.new([110, stamp(1), 110]))
    grammar.read(arrays.new([TEXT, TEXT, TEXT]))
    grammar.keep(arrays.new([1]))
    assert allowed(grammar, 0) == Allowed(True, True, range(51, 301))


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


def test_mlx_whole_numbers_keep_their_sign() -> None:
    arrays = mlx_arrays()
    places: Any = arrays.place(arrays.new([[0.0, 1.0]])) - arrays.new([5])
    assert places.tolist() == [-4]
