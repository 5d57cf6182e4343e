"""Where a chunk is cut in two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.asr.recut import halves, parts_of
from core.audio.wav import Audio
from core.document import SpeechRegion
from core.speech.chunks import Chunk

from ..fakes.whisper_model import write_wav


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    """Noise with a quiet spot from 5.5 to 5.7 s."""
    samples = np.random.default_rng(0).standard_normal(12 * 16_000) * 0.1
    samples[88_000:91_200] = 0
    return write_wav(tmp_path / "audio.wav", samples)


def test_in_the_pause_nearest_the_middle(audio: Audio) -> None:
    regions = (SpeechRegion(0, 1_000), SpeechRegion(2_000, 4_000), SpeechRegion(5_000, 10_000, 0.5))
    assert halves(audio, Chunk(0, 10_000, regions)) == (
        Chunk(0, 4_500, regions[:2]),
        Chunk(4_500, 10_000, (SpeechRegion(5_000, 10_000, 0.5),)),
    )


def test_at_the_quietest_point_where_nobody_pauses(audio: Audio) -> None:
    first, second = halves(audio, Chunk(0, 12_000, (SpeechRegion(200, 11_900),)))
    assert first.end_ms == second.start_ms == pytest.approx(5_600, abs=50)
    assert first.regions == (SpeechRegion(200, first.end_ms),)
    assert second.regions == (SpeechRegion(first.end_ms, 11_900),)


def test_a_pause_at_the_edge_is_no_middle(audio: Audio) -> None:
    first, _ = halves(audio, Chunk(0, 12_000, (SpeechRegion(0, 500), SpeechRegion(1_500, 12_000))))
    assert 4_000 <= first.end_ms <= 8_000


def test_two_seconds_are_not_cut(audio: Audio) -> None:
    assert halves(audio, Chunk(0, 1_999, (SpeechRegion(0, 1_999),))) == ()


def test_parts_are_as_short_as_asked_and_leave_nothing_out(audio: Audio) -> None:
    regions = (SpeechRegion(0, 1_000), SpeechRegion(2_000, 4_000), SpeechRegion(5_000, 10_000, 0.5))
    chunk = Chunk(0, 10_000, regions)
    assert parts_of(audio, chunk, 9_600) == (chunk,)
    assert parts_of(audio, chunk, 9_599) == halves(audio, chunk)
    first, second, third = parts_of(audio, chunk, 4_999)
    assert (first.start_ms, first.end_ms, third.end_ms) == (0, 4_500, 10_000)
    assert second.end_ms == third.start_ms == pytest.approx(6_333, abs=1_000)
