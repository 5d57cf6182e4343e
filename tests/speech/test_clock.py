"""A chunk's clock; expected times are written out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audio.wav import SAMPLE_RATE
from core.document import SpeechRegion
from core.speech.chunks import Chunk
from core.speech.clock import end_to_programme, heard_ms, heard_pieces, pause_heard_ms, read_heard, start_to_programme, to_heard

from ..fakes.whisper_model import write_wav

# pauses of 1.6, 0.6 and 5 s
CHUNK = Chunk(800, 13_200, (SpeechRegion(1_000, 3_000), SpeechRegion(4_600, 5_000), SpeechRegion(5_600, 6_000), SpeechRegion(11_000, 13_000)))
PIECES = ((800, 3_400), (4_200, 6_400), (10_600, 13_200))


def test_the_middles_of_long_pauses_are_not_heard() -> None:
    assert heard_pieces(CHUNK) == PIECES
    assert heard_ms(CHUNK) == 7_400
    assert [pause_heard_ms(pause) for pause in (0, 300, 800, 801, 5_000)] == [0, 300, 800, 800, 800]


def test_without_speech_everything_is_heard() -> None:
    assert heard_pieces(Chunk(100, 9_000, ())) == ((100, 9_000),)


@pytest.mark.parametrize(
    ("heard", "starts", "ends"),
    [
        (0, 800, 800),
        (2_199, 2_999, 2_999),
        (2_200, 4_200, 3_000),
        (2_600, 4_200, 3_400),
        (2_999, 4_599, 3_400),
        (3_000, 4_600, 3_400),
        (3_001, 4_601, 4_601),
        (3_700, 5_300, 5_300),
        (4_799, 10_600, 6_399),
        (7_400, 13_200, 13_200),
        (7_440, 13_240, 13_240),
    ],
)
def test_what_begins_in_a_pause_begins_behind_its_cut_and_what_ends_there_before_it(heard: int, starts: int, ends: int) -> None:
    assert (start_to_programme(PIECES, heard), end_to_programme(PIECES, heard)) == (starts, ends)


def test_a_moment_that_is_not_heard_is_its_cut() -> None:
    assert [to_heard(PIECES, moment) for moment in (800, 3_000, 3_400, 4_000, 4_200, 10_600, 13_200)] == [0, 2_200, 2_600, 2_600, 2_600, 4_800, 7_400]


def test_the_sound_is_that_of_the_pieces(tmp_path: Path) -> None:
    steps = np.arange(14 * SAMPLE_RATE) // 160 / 32_768
    heard = read_heard(write_wav(tmp_path / "steps.wav", steps), CHUNK)
    hundredths = [*range(80, 340), *range(420, 640), *range(1_060, 1_320)]
    assert (heard[::160] * 32_768).round().astype(int).tolist() == hundredths
    assert len(heard) == 7.4 * SAMPLE_RATE


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    now, regions = draw(st.integers(0, 5_000)), []
    start = now
    for pause, length in draw(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 5_000)), min_size=1, max_size=8)):
        regions.append(SpeechRegion(now + pause, now + pause + length))
        now += pause + length
    return Chunk(start, now + draw(st.integers(0, 500)), tuple(regions))


@given(chunks())
def test_all_speech_is_heard_and_comes_back_to_its_place(chunk: Chunk) -> None:
    pieces = heard_pieces(chunk)
    assert sum(end - start for start, end in pieces) == heard_ms(chunk) <= chunk.end_ms - chunk.start_ms
    for region in chunk.regions:
        assert any(start <= region.start_ms and region.end_ms <= end for start, end in pieces)
        assert start_to_programme(pieces, to_heard(pieces, region.start_ms)) == region.start_ms
        assert end_to_programme(pieces, to_heard(pieces, region.end_ms)) == region.end_ms


@pytest.mark.parametrize("clock", [start_to_programme, end_to_programme])
@given(chunk=chunks())
def test_time_never_runs_backwards(clock: Callable[[tuple[tuple[int, int], ...], int], int], chunk: Chunk) -> None:
    pieces = heard_pieces(chunk)
    times = [clock(pieces, heard) for heard in range(0, heard_ms(chunk) + 1, 20)]
    assert times == sorted(times)
    assert chunk.start_ms <= times[0] and times[-1] <= chunk.end_ms
