"""The stage as the pipeline calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.wav import Audio
from core.document import SpeechRegion
from core.errors import Cancelled, InputError
from core.speech.chunks import Chunk
from core.speech.clock import heard_ms
from core.speech.energy import EnergyDetector
from core.speech.find import SpeechMap, find_speech, load_speech, save_speech

Truth = tuple[tuple[int, int], ...]
Writer = Callable[[np.ndarray], Audio]


class Scripted:
    """An open detector that yields the blocks it was given."""

    name = "scripted"
    frame_ms = 32

    def __init__(self, *blocks: list[float]) -> None:
        self.blocks = blocks

    def probabilities(self, audio: Audio) -> Iterator[NDArray[np.float32]]:
        for block in self.blocks:
            yield np.array(block, np.float32)


def ignore(done_s: float, total_s: float) -> None:
    pass


def test_regions_run_across_blocks(write_audio: Writer) -> None:
    detector = Scripted([0.0] * 10 + [1.0] * 10, [1.0] * 10, [0.0] * 20)
    speech = find_speech(write_audio(np.zeros(50 * 512)), detector, ignore)
    region = SpeechRegion(320, 960, 1.0)
    assert speech == SpeechMap((region,), (Chunk(120, 1160, (region,)),), "scripted")


def test_progress_counts_seconds_up_to_the_end(write_audio: Writer) -> None:
    told: list[tuple[float, float]] = []
    detector = Scripted([0.0] * 25, [0.0] * 25, [0.0])
    find_speech(write_audio(np.zeros(50 * 512 + 16)), detector, lambda done_s, total_s: told.append((done_s, total_s)))
    assert told == [(0.8, 1.601), (1.6, 1.601), (1.601, 1.601)]


def test_empty_audio_has_no_speech(write_audio: Writer) -> None:
    assert find_speech(write_audio(np.zeros(0)), Scripted(), ignore) == SpeechMap((), (), "scripted")


def test_a_stop_between_blocks_is_passed_on(write_audio: Writer) -> None:
    def stop(done_s: float, total_s: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_speech(write_audio(np.zeros(50 * 512)), Scripted([0.0] * 25, [0.0] * 25), stop)


def test_a_long_region_is_cut_where_the_audio_is_quiet(write_audio: Writer) -> None:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, 1000 * 512)
    samples[22 * 16000 : 22 * 16000 + 1920] = 0
    speech = find_speech(write_audio(samples), Scripted([1.0] * 1000), ignore)
    assert [(chunk.start_ms, chunk.end_ms) for chunk in speech.chunks] == [(0, 22_060), (22_060, 32_000)]
    assert speech.regions == (SpeechRegion(0, 32_000, 1.0),)


def test_real_speech_is_packed(spoken: tuple[Audio, Truth]) -> None:
    audio, truth = spoken
    speech = find_speech(audio, EnergyDetector(), ignore)
    assert len(speech.regions) == len(truth)
    assert [region for chunk in speech.chunks for region in chunk.regions] == list(speech.regions)
    assert all(20_000 <= heard_ms(chunk) <= 28_000 for chunk in speech.chunks[:-1])


def test_the_file_keeps_everything(tmp_path: Path) -> None:
    region = SpeechRegion(320, 960, 0.75)
    speech = SpeechMap((region,), (Chunk(120, 1160, (region,)),), "silero")
    save_speech(speech, tmp_path / "regions.json")
    plain = {"start_ms": 320, "end_ms": 960, "confidence": 0.75}
    assert json.loads((tmp_path / "regions.json").read_text("utf-8")) == {
        "schema": "regions/1",
        "regions": [plain],
        "chunks": [{"start_ms": 120, "end_ms": 1160, "regions": [plain]}],
        "detector": "silero",
    }
    assert load_speech(tmp_path / "regions.json") == speech


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "regions.json"
    path.write_text('{"schema": "regions/1", "regions": 3}', "utf-8")
    with pytest.raises(InputError, match=r"regions\.json"):
        load_speech(path)
