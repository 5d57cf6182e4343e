"""Picking the likeliest allowed token on the device, on both backends, from logits that are written out."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.asr.convert import mlx_folder
from core.asr.layout import read_folder
from core.asr.rules import Allowed
from core.asr.tokens import special_tokens

STAMPS, END, FORBIDDEN = 50365, 50257, 1
ALL = Allowed(text=True, end=True, first_stamp=0, last_stamp=1500)

Choose = Callable[[dict[int, float], Allowed], tuple[int, float]]


def _hf(tiny: Path, cache: Path) -> Callable[[NDArray[np.float32], list[Allowed]], list[tuple[int, float]]]:
    import torch

    from core.asr.whisper_hf import HfModel

    folder = read_folder(tiny)
    model = HfModel(folder, special_tokens(folder), "cpu")

    def choose(logits: NDArray[np.float32], allowed: list[Allowed]) -> list[tuple[int, float]]:
        tokens, logprobs = model.choose(torch.from_numpy(logits), allowed)
        return list(zip(tokens.tolist(), logprobs.tolist(), strict=True))

    return choose


def _mlx(tiny: Path, cache: Path) -> Callable[[NDArray[np.float32], list[Allowed]], list[tuple[int, float]]]:
    import mlx.core as mx

    from core.asr.whisper_mlx import MlxModel

    folder = mlx_folder(read_folder(tiny), cache)
    model = MlxModel(folder, special_tokens(folder))

    def choose(logits: NDArray[np.float32], allowed: list[Allowed]) -> list[tuple[int, float]]:
        tokens, logprobs = model.choose(mx.array(logits), allowed)
        return list(zip(tokens.tolist(), logprobs.tolist(), strict=True))

    return choose


@pytest.fixture(scope="module", params=[_hf, _mlx], ids=["hf", "mlx"])
def choose(request: pytest.FixtureRequest, tiny: Path, mlx_cache: Path) -> Choose:
    """One row whose tokens all have logit -100 but the named ones; a second row of other wishes must not matter."""
    on_device = request.param(tiny, mlx_cache)

    def one(logits: dict[int, float], allowed: Allowed) -> tuple[int, float]:
        both = np.full((2, 51866), -100, dtype=np.float32)
        both[1, 50] = 3
        for token, value in logits.items():
            both[0, token] = value
        first, second = on_device(both, [allowed, ALL])
        assert second[0] == 50
        return first[0], pytest.approx(first[1], abs=1e-4)

    return one


def test_the_likeliest_text_wins(choose: Choose) -> None:
    # log(e^2 / (e^2 + e^1)) = -0.31326
    assert choose({10: 2.0, 11: 1.0}, ALL) == (10, -0.31326)


def test_a_suppressed_token_is_never_chosen(choose: Choose) -> None:
    assert choose({FORBIDDEN: 9.0, 10: 2.0, 11: 1.0}, ALL) == (10, -0.31326)


def test_special_tokens_are_never_chosen(choose: Choose) -> None:
    # start, yue, transcribe, no speech, no timestamps
    assert choose({50258: 9.0, 50358: 9.0, 50360: 9.0, 50363: 9.0, 50364: 9.0, 10: 2.0, 11: 1.0}, ALL) == (10, -0.31326)


def test_timestamps_win_together_where_each_alone_would_lose(choose: Choose) -> None:
    # 2 e^1.5 > e^2; the log probability is among timestamps: log(1/2), the first of equals
    assert choose({10: 2.0, STAMPS + 5: 1.5, STAMPS + 6: 1.5}, ALL) == (STAMPS + 5, -math.log(2))


def test_text_wins_against_timestamps_that_are_less_likely_together(choose: Choose) -> None:
    # log(e^2 / (e^2 + 2 e^1)) = -0.55144
    assert choose({10: 2.0, STAMPS + 5: 1.0, STAMPS + 6: 1.0}, ALL) == (10, -0.55144)


def test_only_timestamps_in_the_span_are_chosen(choose: Choose) -> None:
    span = Allowed(text=False, end=False, first_stamp=3, last_stamp=7)
    assert choose({10: 9.0, END: 9.0, STAMPS + 2: 9.0, STAMPS + 8: 9.0, STAMPS + 3: 1.0}, span) == (STAMPS + 3, 0.0)
    assert choose({10: 9.0, END: 9.0, STAMPS + 2: 9.0, STAMPS + 8: 9.0, STAMPS + 7: 1.0}, span) == (STAMPS + 7, 0.0)


def test_no_timestamp_in_an_empty_span(choose: Choose) -> None:
    assert choose({10: 1.0, STAMPS: 9.0, STAMPS + 1500: 9.0}, Allowed(text=True, end=True)) == (10, 0.0)


def test_the_end_without_text(choose: Choose) -> None:
    assert choose({10: 9.0, END: 1.0, STAMPS + 3: 0.0}, Allowed(text=False, end=True, first_stamp=3, last_stamp=7)) == (END, -0.31326)
