"""The list of heads that follow the speech, and what happens to models that lost theirs."""

from __future__ import annotations

import pytest

from core.asr.heads import alignment_heads
from core.models.table import model_table

LARGE, TURBO, SMALL = (32, 20, 51866), (4, 20, 51866), (12, 12, 51865)


def test_a_models_own_list_counts() -> None:
    assert alignment_heads([[1, 2], [3, 0]], TURBO) == ((1, 2), (3, 0))


@pytest.mark.parametrize(("size", "count"), [(LARGE, 10), (TURBO, 6), (SMALL, 10)])
def test_a_lost_list_is_openais(size: tuple[int, int, int], count: int) -> None:
    layers, heads, _ = size
    everything = [[layer, head] for layer in range(layers // 2, layers) for head in range(heads)]
    assert len(alignment_heads([], size)) == count
    assert alignment_heads(everything, size) == alignment_heads([], size)


def test_the_models_on_offer_name_the_same() -> None:
    listed = {entry.id: entry.alignment_heads for entry in model_table()}
    assert listed["whisper-large-v3"] == alignment_heads([], LARGE)
    assert listed["whisper-turbo-cantonese"] == alignment_heads([], TURBO)
    assert listed["whisper-small-cantonese"] == alignment_heads([], SMALL)


def test_an_unknown_size_uses_its_last_half() -> None:
    assert alignment_heads([], (3, 2, 51866)) == ((1, 0), (1, 1), (2, 0), (2, 1))
