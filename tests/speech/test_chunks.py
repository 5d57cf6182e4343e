"""Packing and cutting; expected chunks are written out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document import SpeechRegion
from core.speech.chunks import Chunk, ChunkOptions, pack
from core.speech.clock import heard_ms

SHORT = ChunkOptions(shortest_ms=12_000, longest_ms=20_000, cap_ms=22_000, max_pause_ms=3_000)


def middle(start_ms: int, end_ms: int) -> int:
    return (start_ms + end_ms) // 2


def regions(*spans: tuple[int, int]) -> tuple[SpeechRegion, ...]:
    return tuple(SpeechRegion(start, end, 0.8) for start, end in spans)


def packed(*spans: tuple[int, int], duration_ms: int = 600_000) -> list[tuple[int, int, int]]:
    """(start, end, number of regions) of each chunk."""
    return [(chunk.start_ms, chunk.end_ms, len(chunk.regions)) for chunk in pack(regions(*spans), middle, duration_ms, SHORT)]


def test_nothing_makes_no_chunk() -> None:
    assert pack((), middle, 10_000) == ()


def test_one_region_gets_its_pads() -> None:
    assert pack(regions((1000, 3000)), middle, 10_000) == (Chunk(800, 3200, regions((1000, 3000))),)


def test_pads_stay_inside_the_audio() -> None:
    assert packed((100, 9950), duration_ms=10_000) == [(0, 10_000, 1)]


def test_near_regions_share_a_chunk() -> None:
    assert packed((1000, 5000), (6000, 9000), (9500, 14_000)) == [(800, 14_200, 3)]


def test_a_pause_of_three_seconds_is_packed_and_a_longer_one_is_not() -> None:
    assert packed((1000, 5000), (8000, 9000)) == [(800, 9200, 2)]
    assert packed((1000, 5000), (8001, 9000)) == [(800, 5200, 1), (7801, 9200, 1)]


def test_the_cut_goes_to_the_longest_pause_in_the_window() -> None:
    # lengths at the three pauses: 13.4, 15.9 and 19.4 s
    assert packed((0, 13_000), (13_400, 15_500), (16_300, 19_000), (19_500, 24_000), (24_500, 30_000)) == [(0, 15_700, 2), (16_100, 30_200, 3)]


def test_without_a_pause_in_the_window_the_last_one_under_the_cap_is_taken() -> None:
    assert packed((1000, 5000), (5500, 8000), (8500, 26_000)) == [(800, 8200, 2), (8300, 26_200, 1)]
    assert packed((1000, 22_300), (22_800, 30_000)) == [(800, 22_500, 1), (22_600, 30_200, 1)]


def test_of_a_pause_800_ms_count() -> None:
    # 13 + 0.8 + 7.8 s and the pads are the cap
    assert packed((0, 13_000), (15_500, 23_300)) == [(0, 23_500, 2)]
    assert packed((0, 13_000), (15_500, 23_301)) == [(0, 13_200, 1), (15_300, 23_501, 1)]


def test_pads_of_neighbours_meet_in_the_middle() -> None:
    assert packed((0, 18_000), (18_301, 30_000)) == [(0, 18_150, 1), (18_150, 30_200, 1)]


def test_all_that_is_left_under_the_cap_stays_together() -> None:
    assert packed((1000, 15_000), (15_500, 22_600)) == [(800, 22_800, 2)]
    assert packed((1000, 15_000), (15_500, 22_601)) == [(800, 15_200, 1), (15_300, 22_801, 1)]


def test_a_region_above_the_cap_is_cut_at_the_quietest_point() -> None:
    asked: list[tuple[int, int]] = []

    def quiet(start_ms: int, end_ms: int) -> int:
        asked.append((start_ms, end_ms))
        return 15_000

    assert pack(regions((1000, 30_000)), quiet, 600_000, SHORT) == (
        Chunk(800, 15_000, regions((1000, 15_000))),
        Chunk(15_000, 30_200, regions((15_000, 30_000))),
    )
    assert asked == [(12_600, 20_600)]


def test_a_region_of_the_cap_is_not_cut() -> None:
    assert packed((1000, 22_600)) == [(800, 22_800, 1)]
    assert packed((1000, 22_601)) == [(800, 15_600, 1), (15_600, 22_801, 1)]


def test_what_is_left_of_a_long_region_is_packed_with_the_next() -> None:
    assert packed((0, 24_000), (24_500, 26_000)) == [(0, 15_600, 1), (15_600, 26_200, 2)]


def test_a_cut_outside_its_window_is_brought_back() -> None:
    assert [chunk.end_ms for chunk in pack(regions((0, 40_000)), lambda start, end: 0, 600_000, SHORT)] == [11_600, 23_200, 40_000 + 200]


@pytest.mark.parametrize(
    "wrong", [{"shortest_ms": 24_001}, {"cap_ms": 27_999}, {"pad_ms": 11_000}, {"tail_ms": 6_001}], ids=lambda wrong: next(iter(wrong))
)
def test_lengths_that_do_not_fit_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        ChunkOptions(**wrong)


region_lists = st.lists(st.tuples(st.integers(1, 10_000), st.one_of(st.integers(1, 8000), st.integers(8000, 90_000))), max_size=25)


def lay(pairs: list[tuple[int, int]]) -> tuple[SpeechRegion, ...]:
    """(pause, length) pairs as regions."""
    laid, now = [], 0
    for pause, length in pairs:
        laid.append(SpeechRegion(now + pause, now + pause + length))
        now += pause + length
    return tuple(laid)


@given(region_lists, st.integers(0, 300), st.sampled_from([min, max, middle]))
def test_chunks_hold_their_promises(pairs: list[tuple[int, int]], after_ms: int, quiet: object) -> None:
    speech = lay(pairs)
    duration_ms = (speech[-1].end_ms if speech else 0) + after_ms
    chunks = pack(speech, quiet, duration_ms)  # type: ignore[arg-type]
    previous_end = 0
    for chunk in chunks:
        assert previous_end <= chunk.start_ms <= chunk.regions[0].start_ms
        assert chunk.regions[-1].end_ms <= chunk.end_ms <= duration_ms
        assert heard_ms(chunk) <= 28_000
        assert all(right.start_ms - left.end_ms <= 8_000 for left, right in zip(chunk.regions, chunk.regions[1:], strict=False))
        previous_end = chunk.end_ms


@given(region_lists, st.sampled_from([min, max, middle]))
def test_no_speech_is_lost_or_doubled(pairs: list[tuple[int, int]], quiet: object) -> None:
    speech = lay(pairs)
    pieces = [piece for chunk in pack(speech, quiet, 10_000_000) for piece in chunk.regions]  # type: ignore[arg-type]
    joined: list[SpeechRegion] = []
    for piece in pieces:
        assert piece.start_ms < piece.end_ms
        if joined and joined[-1].end_ms == piece.start_ms:
            joined[-1] = SpeechRegion(joined[-1].start_ms, piece.end_ms)
        else:
            joined.append(piece)
    assert tuple(joined) == speech


@given(region_lists)
def test_only_regions_above_the_cap_are_cut(pairs: list[tuple[int, int]]) -> None:
    speech = lay(pairs)
    whole = {region for chunk in pack(speech, middle, 10_000_000) for region in chunk.regions}
    assert all(region in whole for region in speech if region.end_ms - region.start_ms <= 27_600)
