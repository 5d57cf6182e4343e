"""The contract of SpeechDetector, over every implementation and a fake that reads a script."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.wav import SAMPLE_RATE, Audio, iter_blocks
from core.document import SpeechRegion
from core.speech.base import SpeechDetector
from core.speech.energy import EnergyDetector
from core.speech.regions import find_regions
from core.speech.silero import SileroDetector


@dataclass(frozen=True, slots=True)
class PeakDetector:
    """The fake: a frame is speech when it is loud and its samples differ in size more than those of a tone do."""

    block_frames: int = 512

    name = "peak"
    frame_ms = 32

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def probabilities(self, audio: Audio) -> Iterator[NDArray[np.float32]]:
        for samples in iter_blocks(audio, self.block_frames * 512):
            frames = np.zeros(-(-len(samples) // 512) * 512, dtype=np.float32)
            frames[: len(samples)] = samples
            frames = np.abs(frames.reshape(-1, 512))
            steady = np.median(frames, axis=1) > 0.5 * frames.max(axis=1)
            yield np.where(steady, 0, frames.max(axis=1) > 0.04).astype(np.float32)


Make = Callable[[int], SpeechDetector]
DETECTORS: dict[str, Make] = {"silero": SileroDetector, "energy": EnergyDetector, "fake": PeakDetector}


@pytest.fixture(params=DETECTORS.values(), ids=DETECTORS.keys())
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a detector from its block size in frames."""
    return request.param


def probabilities(detector: SpeechDetector, audio: Audio) -> NDArray[np.float32]:
    with detector:
        blocks = list(detector.probabilities(audio))
    return np.concatenate([np.zeros(0, np.float32), *blocks])


def regions(detector: SpeechDetector, audio: Audio) -> tuple[SpeechRegion, ...]:
    return find_regions(probabilities(detector, audio), detector.frame_ms, audio.duration_ms)


def test_every_frame_has_one_probability(make: Make, spoken: tuple[Audio, object]) -> None:
    audio = spoken[0]
    values = probabilities(make(512), audio)
    assert values.dtype == np.float32
    assert values.shape == ((audio.samples + 511) // 512,)
    assert values.min() >= 0 and values.max() <= 1


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (1, 1), (512, 1), (513, 2), (7 * 512, 7), (350 * 512 + 5, 351)])
def test_any_length_is_heard(make: Make, write_audio: Callable[[object], Audio], samples: int, frames: int) -> None:
    assert len(probabilities(make(4), write_audio(np.zeros(samples)))) == frames


@pytest.mark.parametrize("block_frames", [1, 7, 100, 2000])
def test_the_size_of_blocks_changes_nothing(make: Make, spoken: tuple[Audio, object], block_frames: int) -> None:
    np.testing.assert_array_equal(probabilities(make(block_frames), spoken[0]), probabilities(make(512), spoken[0]))


def test_a_detector_can_be_used_twice(make: Make, spoken: tuple[Audio, object]) -> None:
    detector = make(512)
    np.testing.assert_array_equal(probabilities(detector, spoken[0]), probabilities(detector, spoken[0]))


def silence(seconds: int) -> NDArray[np.float64]:
    return np.zeros(seconds * SAMPLE_RATE)


def noise(seconds: int) -> NDArray[np.float64]:
    return np.random.default_rng(3).standard_normal(seconds * SAMPLE_RATE) * 10 ** (-50 / 20)


def room(seconds: int) -> NDArray[np.float64]:
    """Noise at -45 dBFS that falls by 3 dB an octave."""
    spectrum = np.fft.rfft(np.random.default_rng(4).standard_normal(seconds * SAMPLE_RATE))
    samples = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)))
    return samples * 10 ** (-45 / 20) / samples.std()


def tone(seconds: int) -> NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE)


@pytest.mark.parametrize("sound", [silence, noise, tone])
def test_what_is_not_speech_gives_no_regions(make: Make, write_audio: Callable[[object], Audio], sound: Callable[[int], NDArray[np.float64]]) -> None:
    assert regions(make(512), write_audio(sound(30))) == ()


@pytest.mark.parametrize("sound", [noise, room, tone])
def test_nor_when_it_starts_and_stops(make: Make, write_audio: Callable[[object], Audio], sound: Callable[[int], NDArray[np.float64]]) -> None:
    samples = np.concatenate((silence(4), sound(6), silence(4), sound(3), silence(4)))
    assert regions(make(512), write_audio(samples)) == ()


@pytest.mark.parametrize("recording", ["spoken", "spoken_clean"])
def test_every_sentence_is_found_within_150_ms(make: Make, recording: str, request: pytest.FixtureRequest) -> None:
    audio, truth = request.getfixturevalue(recording)
    found = regions(make(512), audio)
    assert len(found) == len(truth) >= 8
    errors = [(region.start_ms - start, region.end_ms - end) for region, (start, end) in zip(found, truth, strict=True)]
    assert np.abs(errors).max() <= 150, errors


def peak_bytes(detector: SpeechDetector, audio: Audio) -> int:
    with detector:
        tracemalloc.start()
        try:
            for _ in detector.probabilities(audio):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_memory_does_not_grow_with_the_audio(make: Make, write_audio: Callable[[object], Audio]) -> None:
    detector = make(64)
    short = peak_bytes(detector, write_audio(noise(30)))
    long = peak_bytes(detector, write_audio(noise(150)))
    # 120 s more are 7.7 MB of float32
    assert long < short + 200_000
