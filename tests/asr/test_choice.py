"""Picking tokens on the device, on both libraries, from logits that are written out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.asr.arrays import Arrays, mlx_arrays, torch_arrays
from core.asr.choice import Chooser
from core.asr.rules import StampLimits
from core.asr.tokens import SpecialTokens

STAMPS, END, FORBIDDEN, SIZE = 110, 100, 1, 110 + 1501
SPECIAL = SpecialTokens(
    end=END, start=101, languages=(("yue", 102),), transcribe=104, previous=106, no_speech=105, stamps=STAMPS, suppressed=(FORBIDDEN,)
)
LIMITS = StampLimits(first=50, last=1500)
# a line that began at 0: text, the end mark or a later timestamp may follow
OPEN = (STAMPS, 20)

Choose = Callable[..., tuple[int, Any]]


def torch_on_a_card() -> Arrays:
    return replace(torch_arrays("cpu"), weigh=torch_arrays("meta").weigh)


@pytest.fixture(params=[lambda: torch_arrays("cpu"), torch_on_a_card, mlx_arrays], ids=["torch", "torch's way on a card", "mlx"])
def arrays(request: pytest.FixtureRequest) -> Arrays:
    made: Arrays = request.param()
    return made


def row(logits: dict[int, float]) -> list[float]:
    values = [-100.0] * SIZE
    for token, value in logits.items():
        values[token] = value
    return values


def write(arrays: Arrays, chooser: Chooser, rows: Sequence[dict[int, float]]) -> list[tuple[int, float]]:
    tokens, logprobs = chooser.choose(arrays.new(np.array([row(logits) for logits in rows], dtype=np.float32)))
    return list(zip(tokens.tolist(), logprobs.tolist(), strict=True))


@pytest.fixture
def choose(arrays: Arrays) -> Choose:
    """What one row chooses after `before`; a second row of other wishes must not matter."""

    def one(logits: dict[int, float], before: Sequence[int] = OPEN, limits: StampLimits = LIMITS) -> tuple[int, Any]:
        chooser = Chooser(arrays, SPECIAL, [limits, LIMITS])
        for token, other in zip(before, (STAMPS + 1, 20, 20, 20), strict=False):
            assert [found[0] for found in write(arrays, chooser, [{token: 50.0}, {other: 50.0}])] == [token, other]
        first, _ = write(arrays, chooser, [logits, {50: 3.0}])
        return first[0], pytest.approx(first[1], abs=1e-4)

    return one


def test_the_likeliest_text_wins(choose: Choose) -> None:
    # log(e^2 / (e^2 + e^1)) = -0.31326
    assert choose({10: 2.0, 11: 1.0}) == (10, -0.31326)


def test_a_suppressed_token_is_never_chosen(choose: Choose) -> None:
    assert choose({FORBIDDEN: 9.0, 10: 2.0, 11: 1.0}) == (10, -0.31326)


def test_special_tokens_are_never_chosen(choose: Choose) -> None:
    assert choose({101: 9.0, 102: 9.0, 104: 9.0, 105: 9.0, 109: 9.0, 10: 2.0, 11: 1.0}) == (10, -0.31326)


def test_timestamps_win_together_where_each_alone_would_lose(choose: Choose) -> None:
    # 2 e^1.5 > e^2; the log probability is among timestamps: log(1/2), the first of equals
    assert choose({10: 2.0, STAMPS + 5: 1.5, STAMPS + 6: 1.5}) == (STAMPS + 5, -math.log(2))


def test_text_wins_against_timestamps_that_are_less_likely_together(choose: Choose) -> None:
    # log(e^2 / (e^2 + 2 e^1)) = -0.55144
    assert choose({10: 2.0, STAMPS + 5: 1.0, STAMPS + 6: 1.0}) == (10, -0.55144)


def test_only_timestamps_in_the_span_are_chosen(choose: Choose) -> None:
    limits = StampLimits(first=7, last=1500)
    assert choose({10: 9.0, END: 9.0, STAMPS + 8: 9.0, STAMPS + 7: 1.0}, (), limits) == (STAMPS + 7, 0.0)
    assert choose({STAMPS: 9.0, STAMPS + 1: 1.0}) == (STAMPS + 1, 0.0)


def test_no_timestamp_right_after_a_start(choose: Choose) -> None:
    assert choose({10: 1.0, STAMPS: 9.0, STAMPS + 1500: 9.0}, (STAMPS,)) == (10, 0.0)


def test_the_end_instead_of_a_new_line(choose: Choose) -> None:
    # log(e^1 / (e^1 + e^0))
    assert choose({10: 9.0, END: 1.0, STAMPS + 9: 0.0}, (STAMPS, 20, STAMPS + 3)) == (END, -0.31326)


def test_a_row_that_ended_says_its_end_mark(arrays: Arrays) -> None:
    chooser = Chooser(arrays, SPECIAL, [LIMITS, LIMITS])
    write(arrays, chooser, [{STAMPS: 9.0}, {STAMPS: 9.0}])
    write(arrays, chooser, [{END: 9.0}, {20: 9.0}])
    assert [token for token, _ in write(arrays, chooser, [{20: 9.0}, {21: 9.0}])] == [END, 21]


def test_rows_that_stay_go_on(arrays: Arrays) -> None:
    chooser = Chooser(arrays, SPECIAL, [LIMITS, LIMITS])
    write(arrays, chooser, [{STAMPS: 9.0}, {STAMPS + 5: 9.0}])
    write(arrays, chooser, [{END: 9.0}, {20: 9.0}])
    chooser.keep(arrays.new([1]))
    assert [token for token, _ in write(arrays, chooser, [{STAMPS + 5: 9.0, STAMPS + 6: 1.0}])] == [STAMPS + 6]


@pytest.mark.parametrize(("draw", "expected"), [(0.001, 10), (0.72, 10), (0.74, 11), (0.999, 11)])
def test_a_drawn_number_decides_at_a_temperature(arrays: Arrays, draw: float, expected: int) -> None:
    # e^2 / (e^2 + e^1) = 0.7311
    chooser = Chooser(arrays, SPECIAL, [LIMITS], 1.0, np.array([[0.5, draw]], dtype=np.float32))
    write(arrays, chooser, [{STAMPS: 50.0}])
    ((token, logprob),) = write(arrays, chooser, [{10: 2.0, 11: 1.0}])
    assert token == expected
    assert logprob == pytest.approx(-0.31326 if expected == 10 else -1.31326, abs=1e-4)


def test_a_higher_temperature_flattens(arrays: Arrays) -> None:
    # e^1 / (e^1 + e^0.5) = 0.6225
    chooser = Chooser(arrays, SPECIAL, [LIMITS], 2.0, np.array([[0.5, 0.65]], dtype=np.float32))
    write(arrays, chooser, [{STAMPS: 50.0}])
    assert write(arrays, chooser, [{10: 2.0, 11: 1.0}])[0][0] == 11


def test_drawing_keeps_to_the_grammar(arrays: Arrays) -> None:
    draws = np.random.default_rng(0).random((1, 40), dtype=np.float32)
    chooser = Chooser(arrays, SPECIAL, [StampLimits(first=3, last=6)], 0.4, draws)
    flat = {token: 0.0 for token in range(SIZE)}
    tokens = [write(arrays, chooser, [flat])[0][0] for _ in range(40)]
    assert STAMPS <= tokens[0] <= STAMPS + 3
    assert FORBIDDEN not in tokens
    assert not set(tokens) & set(range(101, 110))
    stamps = [token for token in tokens if token >= STAMPS]
    assert stamps == sorted(stamps)
    assert max(stamps) <= STAMPS + 6
