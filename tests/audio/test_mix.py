"""Levels, edges and order of the sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.audio.mix import Mix, envelope
from core.audio.spans import Placement
from core.timeline import AudioPiece, GainKey

PIECE = AudioPiece("/a.wav", Fraction(0), Fraction(1, 100))
PLACE = Placement(PIECE, 0, 0, 0, 160)
ONES = np.ones((160, 1), np.float32)


def heard(mix: Mix) -> list[float]:
    return [round(float(value), 4) for block in mix.blocks(1000, 1.0) for value in block]


def test_gain_is_in_decibels() -> None:
    assert float(envelope(replace(PLACE, piece=replace(PIECE, gain_db=-6.0)), 0, 160)) == pytest.approx(0.5012, abs=1e-4)


def test_keys_replace_the_gain_and_are_linear_in_decibels() -> None:
    keys = (GainKey(Fraction(0), 0.0), GainKey(Fraction(1, 100), -20.0))
    curve = envelope(replace(PLACE, piece=replace(PIECE, gain_db=30.0, gain_keys=keys)), 0, 160)
    assert np.asarray(curve)[[0, 40, 80]] == pytest.approx([1.0, 0.56234, 0.31623], abs=1e-4)


def test_the_first_and_last_key_hold() -> None:
    keys = (GainKey(Fraction(1, 200), -6.0), GainKey(Fraction(1, 160), 0.0))
    curve = np.asarray(envelope(replace(PLACE, piece=replace(PIECE, gain_keys=keys)), 0, 160))
    assert curve[[0, 79]] == pytest.approx([0.5012, 0.5012], abs=1e-4)
    assert curve[[100, 159]] == pytest.approx([1.0, 1.0], abs=1e-4)


def test_fades_are_linear_in_amplitude() -> None:
    piece = replace(PIECE, fade_in_s=Fraction(40, 16000), fade_out_s=Fraction(80, 16000))
    curve = np.asarray(envelope(replace(PLACE, piece=piece), 0, 160))
    assert curve[[0, 10, 20, 40, 79, 80, 120, 159]] == pytest.approx([0, 0.25, 0.5, 1, 1, 1, 0.5, 1 / 80])


def test_a_part_of_a_fade_equals_the_whole() -> None:
    piece = replace(PIECE, fade_in_s=Fraction(100, 16000), fade_out_s=Fraction(100, 16000))
    whole = np.asarray(envelope(replace(PLACE, piece=piece), 0, 160))
    assert np.array_equal(np.asarray(envelope(replace(PLACE, piece=piece), 70, 130)), whole[70:130])


def test_a_crossfade_of_equal_sound_is_flat() -> None:
    mix = Mix(100)
    leaving = replace(PLACE, count=100, piece=replace(PIECE, fade_out_s=Fraction(50, 16000)))
    coming = replace(PLACE, record=50, count=50, piece=replace(PIECE, fade_in_s=Fraction(50, 16000)))
    mix.add(leaving, 0, ONES, (0,))
    mix.add(coming, 0, ONES, (0,))
    assert heard(mix) == [1.0] * 100


def test_blocks_land_where_the_placement_says() -> None:
    mix = Mix(10)
    place = Placement(PIECE, 0, first=5, record=2, count=4)
    signal = np.arange(20, dtype=np.float32).reshape(-1, 1) / 32
    for start in range(0, 20, 3):
        mix.add(place, start, signal[start : start + 3], (0,))
    assert heard(mix) == [0, 0, 0.1562, 0.1875, 0.2188, 0.25, 0, 0, 0, 0]


@pytest.mark.parametrize(("record", "expected"), [(-3, [1, 0, 0]), (1, [0, 1, 1]), (3, [0, 0, 0]), (-4, [0, 0, 0])])
def test_sound_outside_the_range_is_dropped(record: int, expected: list[float]) -> None:
    mix = Mix(3)
    mix.add(Placement(PIECE, 0, 0, record, 4), 0, ONES, (0,))
    assert heard(mix) == expected


def test_columns_are_averaged() -> None:
    mix = Mix(2)
    mix.add(Placement(PIECE, 0, 0, 0, 2), 0, np.array([[1, 9, 0.5], [0, 9, 0]], np.float32), (0, 2))
    assert heard(mix) == [0.75, 0]


def test_loud_sums_are_kept() -> None:
    mix = Mix(2)
    for _ in range(3):
        mix.add(Placement(PIECE, 0, 0, 0, 1), 0, -ONES, (0,))
    assert heard(mix) == [-3.0, 0.0]
    assert mix.peak(1) == 3.0


def test_the_sum_does_not_depend_on_the_order() -> None:
    random = np.random.default_rng(7)
    parts = [random.standard_normal((1000, 1)).astype(np.float32) for _ in range(5)]
    sums = []
    for order in ((0, 1, 2, 3, 4), (4, 2, 0, 3, 1)):
        mix = Mix(1000)
        for index in order:
            mix.add(Placement(PIECE, 0, 0, 0, 1000), 0, parts[index], (0,))
        sums.append(np.concatenate(list(mix.blocks(300, 32768.0))))
    assert np.array_equal(*sums)


def test_a_sum_in_a_file_is_the_same(tmp_path: Path) -> None:
    mix = Mix(160, tmp_path / "sum")
    assert (tmp_path / "sum").stat().st_size == 640
    mix.add(PLACE, 0, ONES, (0,))
    assert heard(mix) == [1.0] * 160
