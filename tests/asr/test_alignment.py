"""Warping, the median and the clean-up of attention, on both libraries, against plain reference code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.asr.alignment import Written, clean, median_of_7, token_onsets, warp
from core.asr.arrays import Arrays, mlx_arrays, torch_arrays


@pytest.fixture(params=[lambda: torch_arrays("cpu"), mlx_arrays], ids=["torch", "mlx"])
def arrays(request: pytest.FixtureRequest) -> Arrays:
    made: Arrays = request.param()
    return made


def plain_total(cost: NDArray[np.float64]) -> float:
    """The cheapest path's cost by the textbook's three-way recursion."""
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0
    for row in range(rows):
        for column in range(columns):
            total[row + 1, column + 1] = cost[row, column] + min(total[row, column], total[row, column + 1], total[row + 1, column])
    return float(total[rows, columns])


def cost_of(cost: NDArray[np.float64], enter: Sequence[int]) -> float:
    """The cost of the path that enters each row at these columns; a row is left where the next is entered, or one column before it."""
    paid = 0.0
    for row, first in enumerate(enter):
        last = cost.shape[1] - 1 if row + 1 == len(enter) else enter[row + 1]
        choices = {last, max(first, last - 1)} if row + 1 < len(enter) else {last}
        paid += min(cost[row, first : end + 1].sum() for end in choices)
    return paid


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 40), (12, 12), (20, 7)])
def test_the_path_is_the_cheapest(shape: tuple[int, int]) -> None:
    for seed in range(20):
        cost = np.random.default_rng(seed).standard_normal(shape)
        enter = warp(cost).tolist()
        assert enter[0] == 0
        assert enter == sorted(enter)
        assert cost_of(cost, enter) == pytest.approx(plain_total(cost))


def test_a_clear_path_is_followed() -> None:
    cost = np.ones((3, 10))
    cost[0, :4] = cost[1, 4:5] = cost[2, 5:] = -1
    assert warp(cost).tolist() == [0, 4, 5]


@pytest.mark.parametrize("frames", [1, 3, 4, 7, 50])
def test_median(arrays: Arrays, frames: int) -> None:
    values = np.random.default_rng(0).standard_normal((2, 3, frames)).astype(np.float32)
    found = np.asarray(median_of_7(arrays.xp, arrays.new(values)))
    if frames < 4:
        np.testing.assert_array_equal(found, values)
        return
    wide = np.pad(values, ((0, 0), (0, 0), (3, 3)), mode="reflect")
    expected = np.median(np.lib.stride_tricks.sliding_window_view(wide, 7, axis=-1), axis=-1)
    np.testing.assert_array_equal(found, expected)


def test_clean_attention_is_about_the_tokens_not_about_how_loud_a_frame_is(arrays: Arrays) -> None:
    scores = np.zeros((2, 3, 20), dtype=np.float32)
    scores[:, 0, :7] = scores[:, 1, 7:14] = scores[:, 2, 14:] = 5
    scores[1, :, 3] += 4
    cleaned = clean(arrays, arrays.new(scores))
    assert cleaned.shape == (3, 20)
    assert cleaned.argmax(axis=0).tolist() == [0] * 7 + [1] * 7 + [2] * 6


class Looks:
    """Looks at 10 frames for each token, text beginning with frame 5; what was asked is kept."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.asked: list[list[list[int]]] = []

    def looks(self, features: Any, tokens: Sequence[Sequence[int]]) -> Any:
        self.asked.append([list(row) for row in tokens])
        scores = np.zeros((len(tokens), 2, len(tokens[0]), 1500), dtype=np.float32)
        for place in range(1, len(tokens[0]) - 1):
            # the position before a token chose it
            scores[:, :, place, 5 + 10 * (place - 1) : 15 + 10 * (place - 1)] = 8
        return self.arrays.new(scores)


def test_onsets_of_rows_of_different_lengths(arrays: Arrays) -> None:
    model = Looks(arrays)
    texts = [Written((11, 12, 13), 60, ((0, 60),) * 3), Written((14,), 15, ((0, 15),))] * 3
    found = token_onsets(model, arrays.new(np.zeros((6, 4), dtype=np.float32)), texts, ((1, 2), 99))
    assert [len(row) for row in found] == [4, 2] * 3
    for row in found[::2]:
        assert row == pytest.approx([0, 15, 25, 35], abs=3)
    assert model.asked[0][:2] == [[1, 2, 11, 12, 13, 99], [1, 2, 14, 99, 99, 99]]
    assert [len(rows) for rows in model.asked] == [4, 2]


def test_a_line_keeps_its_tokens(arrays: Arrays) -> None:
    texts = [Written((11, 12, 13), 60, ((0, 20), (40, 60), (40, 60)))]
    (row,) = token_onsets(Looks(arrays), arrays.new(np.zeros((1, 4), dtype=np.float32)), texts, ((1, 2), 99))
    # eight frames of grace
    assert row[1] in range(20, 33)
