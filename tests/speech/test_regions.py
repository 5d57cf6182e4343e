"""Hysteresis and its rules; expected times are written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document import SpeechRegion
from core.speech.regions import RegionOptions, find_regions

DEFAULT = RegionOptions()


def frames(*runs: tuple[float, int]) -> np.ndarray:
    """(probability, count) runs as one array."""
    return np.concatenate([np.zeros(0, np.float32), *(np.full(count, value, np.float32) for value, count in runs)])


def spans(probabilities: np.ndarray, duration_ms: int | None = None, options: RegionOptions = DEFAULT) -> list[tuple[int, int]]:
    duration_ms = len(probabilities) * 32 if duration_ms is None else duration_ms
    return [(region.start_ms, region.end_ms) for region in find_regions(probabilities, 32, duration_ms, options)]


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        pytest.param(frames(), [], id="nothing"),
        pytest.param(frames((0.1, 50)), [], id="silence"),
        pytest.param(frames((0.9, 50)), [(0, 1600)], id="speech only"),
        pytest.param(frames((0.1, 10), (0.9, 20), (0.1, 10)), [(320, 960)], id="one region"),
        pytest.param(frames((0.1, 10), (0.36, 5), (0.9, 20), (0.36, 5), (0.1, 10)), [(320, 1280)], id="soft edges belong"),
        pytest.param(frames((0.1, 10), (0.34, 5), (0.9, 20), (0.34, 5), (0.1, 10)), [(480, 1120)], id="below the lower threshold"),
        pytest.param(frames((0.1, 10), (0.49, 30), (0.1, 10)), [], id="never reaches the threshold"),
        pytest.param(frames((0.1, 10), (0.5, 30), (0.1, 10)), [(320, 1280)], id="just reaches the threshold"),
        pytest.param(frames((0.9, 20), (0.1, 9), (0.9, 20)), [(0, 1568)], id="288 ms of pause are closed"),
        pytest.param(frames((0.9, 20), (0.1, 10), (0.9, 20)), [(0, 640), (960, 1600)], id="320 ms of pause are kept"),
        pytest.param(frames((0.1, 20), (0.9, 6), (0.1, 20)), [], id="192 ms alone are dropped"),
        pytest.param(frames((0.1, 20), (0.9, 7), (0.1, 20)), [(640, 864)], id="224 ms alone are kept"),
        pytest.param(frames((0.9, 20), (0.1, 5), (0.9, 3)), [(0, 896)], id="96 ms beside speech are kept"),
        pytest.param(frames((0.9, 3), (0.1, 5), (0.9, 3)), [(0, 352)], id="two fragments are one sound"),
    ],
)
def test_rules(probabilities: np.ndarray, expected: list[tuple[int, int]]) -> None:
    assert spans(probabilities) == expected


def test_the_lower_threshold_itself_counts() -> None:
    assert spans(frames((0.1, 10), (0.35, 5), (0.9, 20), (0.1, 10))) == [(320, 1120)]


def test_the_end_is_cut_to_the_audio() -> None:
    assert spans(frames((0.1, 10), (0.9, 20)), duration_ms=950) == [(320, 950)]


def test_a_fragment_is_measured_after_the_cut() -> None:
    assert spans(frames((0.1, 10), (0.9, 7)), duration_ms=519) == []


def test_a_frame_that_begins_at_the_end_is_no_region() -> None:
    assert spans(frames((0.1, 10), (0.9, 1)), 320, RegionOptions(min_speech_ms=0)) == []


def test_confidence_is_the_mean_probability() -> None:
    assert find_regions(frames((0.1, 10), (0.4, 5), (0.8, 15), (0.0, 10)), 32, 1280) == (SpeechRegion(320, 960, 0.7),)


def test_other_options() -> None:
    options = RegionOptions(threshold=0.35, fall=0.1, min_speech_ms=64, min_silence_ms=64)
    assert spans(frames((0.1, 10), (0.4, 2), (0.1, 2), (0.26, 1), (0.4, 1)), options=options) == [(320, 384), (448, 512)]


probability_arrays = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.35, 0.4, 0.5, 0.9, 1.0]), st.integers(1, 30)), max_size=30).map(
    lambda runs: frames(*runs)
)


@given(probability_arrays, st.integers(0, 31))
def test_regions_are_sorted_apart_and_inside(probabilities: np.ndarray, short_ms: int) -> None:
    duration_ms = max(0, len(probabilities) * 32 - short_ms)
    previous_end = -300
    for region in find_regions(probabilities, 32, duration_ms):
        assert region.start_ms - previous_end >= 300 and region.end_ms - region.start_ms >= 200
        assert region.start_ms >= 0 and region.end_ms <= duration_ms
        assert 0.0 <= region.confidence <= 1.0
        previous_end = region.end_ms


@given(probability_arrays)
def test_what_was_found_is_found_again(probabilities: np.ndarray) -> None:
    once = spans(probabilities)
    drawn = np.zeros_like(probabilities)
    for start, end in once:
        drawn[start // 32 : end // 32] = 1
    assert spans(drawn) == once


@given(probability_arrays)
def test_every_frame_at_the_threshold_is_in_a_region(probabilities: np.ndarray) -> None:
    loose = RegionOptions(min_speech_ms=0)
    found = spans(probabilities, options=loose)
    for frame in np.flatnonzero(probabilities >= 0.5):
        assert any(start <= frame * 32 < end for start, end in found)
