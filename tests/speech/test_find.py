"""The stage as the pipeline calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.wav import Audio
from core.document import SpeechRegion
from core.errors import Cancelled
from core.speech.chunks import Chunk
from core.speech.energy import EnergyDetector
from core.speech.find import SpeechMap, find_speech, from_json, to_json

Truth = tuple[tuple[int, int], ...]
Writer = Callable[[np.ndarray], Audio]


class Scripted:
    """Yields the blocks it was given and remembers whether it is open."""

    name = "scripted"
    frame_ms = 32

    def __init__(self, *blocks: list[float]) -> None:
        self.blocks, self.open, self.closed = blocks, False, False

    def __enter__(self) -> Self:
        self.open = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.open, self.closed = False, True

    def probabilities(self, audio: Audio) -> Iterator[NDArray[np.float32]]:
        assert self.open
        for block in self.blocks:
            yield np.array(block, np.float32)


def ignore(done_s: float, total_s: float) -> None:
    pass


def test_regions_run_across_blocks(write_audio: Writer) -> None:
    detector = Scripted([0.0] * 10 + [1.0] * 10, [1.0] * 10, [0.0] * 20)
    speech = find_speech(write_audio(np.zeros(50 * 512)), detector, ignore)
    region = SpeechRegion(320, 960, 1.0)
    assert speech == SpeechMap((region,), (Chunk(120, 1160, (region,)),), "scripted")
    assert detector.closed


def test_progress_counts_seconds_up_to_the_end(write_audio: Writer) -> None:
    told: list[tuple[float, float]] = []
    detector = Scripted([0.0] * 25, [0.0] * 25, [0.0])
    find_speech(write_audio(np.zeros(50 * 512 + 16)), detector, lambda done_s, total_s: told.append((done_s, total_s)))
    assert told == [(0.8, 1.601), (1.6, 1.601), (1.601, 1.601)]


def test_empty_audio_has_no_speech(write_audio: Writer) -> None:
    assert find_speech(write_audio(np.zeros(0)), Scripted(), ignore) == SpeechMap((), (), "scripted")


def test_a_stop_between_blocks_closes_the_detector(write_audio: Writer) -> None:
    def stop(done_s: float, total_s: float) -> None:
        raise Cancelled

    detector = Scripted([0.0] * 25, [0.0] * 25)
    with pytest.raises(Cancelled):
        find_speech(write_audio(np.zeros(50 * 512)), detector, stop)
    assert detector.closed


def test_a_long_region_is_cut_where_the_audio_is_quiet(write_audio: Writer) -> None:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, 1000 * 512)
    samples[14 * 16000 : 14 * 16000 + 1920] = 0
    speech = find_speech(write_audio(samples), Scripted([1.0] * 1000), ignore)
    assert [(chunk.start_ms, chunk.end_ms) for chunk in speech.chunks] == [(0, 14_060), (14_060, 32_000)]
    assert speech.regions == (SpeechRegion(0, 32_000, 1.0),)


def test_real_speech_is_packed(spoken: tuple[Audio, Truth]) -> None:
    audio, truth = spoken
    speech = find_speech(audio, EnergyDetector(), ignore)
    assert len(speech.regions) == len(truth)
    assert [region for chunk in speech.chunks for region in chunk.regions] == list(speech.regions)
    assert all(12_000 <= chunk.end_ms - chunk.start_ms <= 20_000 for chunk in speech.chunks[:-1])


def test_json_keeps_everything() -> None:
    region = SpeechRegion(320, 960, 0.75)
    speech = SpeechMap((region,), (Chunk(120, 1160, (region,)),), "silero")
    plain = {"start_ms": 320, "end_ms": 960, "confidence": 0.75}
    data = json.loads(json.dumps(to_json(speech)))
    assert data == {"regions": [plain], "chunks": [{"start_ms": 120, "end_ms": 1160, "regions": [plain]}], "detector": "silero"}
    assert from_json(data) == speech
