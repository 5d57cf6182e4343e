"""A film whose every line is a tone of its own pitch, and a recogniser that knows them: what is heard does not depend on where a range begins."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from core.asr.base import ChunkResult
from core.asr.recogniser import Recogniser
from core.audio.wav import Audio, iter_blocks, read_samples
from core.document import Segment, Word
from core.pipeline import Request, Result, run
from core.progress import CancelToken, no_report
from core.settings import Settings
from core.timeline_reader import read_input

RATE, BLOCK = 16_000, 320
LINES = ("我哋去飲茶", "跟住去睇戲", "今晚食乜嘢好", "你幾時返嚟", "佢話唔知", "不如行下海邊", "好耐冇見", "聽日落大雨", "記得帶遮", "早啲瞓喇")
PAUSES_MS = (800, 800, 60, 60, 900, 800, 60, 800, 800, 800)  # after each line; 60 ms are no pause
LINE_MS = 1200


@dataclass(frozen=True)
class Listener:
    """Hears the pitch of each line and writes the line in the spelling of its model: 'two' begins every one with 真係."""

    model: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def transcribe(self, audio: Audio, chunks: Sequence[Any], options: object) -> Iterator[ChunkResult]:
        for index, chunk in enumerate(chunks):
            samples = read_samples(audio, chunk.start_ms * 16, chunk.end_ms * 16)
            yield ChunkResult(index, tuple(self._segments(samples, chunk.start_ms)), tokens=(1,), avg_logprob=-0.1)

    def _segments(self, samples: Any, start_ms: int) -> Iterator[Segment]:
        at_ms = start_ms
        for line, blocks in groupby(_pitch(samples[place : place + BLOCK]) for place in range(0, len(samples) - BLOCK + 1, BLOCK)):
            length_ms = 20 * len(list(blocks))
            if line is not None and length_ms >= 200:
                text = ("真係" if self.model == "two" else "") + LINES[line]
                edges = [at_ms + length_ms * place // len(text) for place in range(len(text) + 1)]
                words = tuple(Word(char, edges[place], edges[place + 1]) for place, char in enumerate(text))
                yield Segment(at_ms, at_ms + length_ms, text, words, avg_logprob=-0.1)
            at_ms += length_ms


def _pitch(block: Any) -> int | None:
    if np.abs(block).max() < 0.05:
        return None
    line = round((np.count_nonzero(np.diff(np.signbit(block))) - 12) / 8)
    return line if 0 <= line < len(LINES) else None


class Ear:
    """Speech is what is loud."""

    name, frame_ms = "loud", 32

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def probabilities(self, audio: Audio) -> Iterator[Any]:
        for block in iter_blocks(audio, 512):
            yield np.array([float(np.abs(block).max() > 0.05)], np.float32)


@dataclass
class Film:
    """The film, its output folder and the job of the whole of it."""

    source: Path
    out: Path
    settings: Settings

    @property
    def job(self) -> Path:
        """The job folder of the whole film."""
        return self.out / "film.job"

    def transcribe(self, cancel: CancelToken | None = None, **settings: Any) -> Result:
        """A run of the whole film, with other settings if need be."""
        wishes = replace(self.settings, **settings)
        return run(Request(read_input(self.source), self.source, self.job, self.out, wishes), no_report, cancel or CancelToken())


def write_film(path: Path) -> None:
    """Lines of 1.2 s at 300, 500, 700 ... Hz with their pauses, from half a second on."""
    sound = [np.zeros(RATE // 2)]
    for number, pause_ms in enumerate(PAUSES_MS):
        time_s = np.arange(RATE * LINE_MS // 1000) / RATE
        sound += [0.5 * np.sin(2 * np.pi * (300 + 200 * number) * time_s), np.zeros(RATE * pause_ms // 1000)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.concatenate(sound) * 32767).astype("<i2").tobytes())


def listen(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """The engine with the fakes in place of its models."""

    def choose(settings: Settings) -> Recogniser:
        model = settings.asr_model or "?"
        return Recogniser(model, folder / model, "fake", "cpu", ())

    patch.setenv("CANTO_BEATS_SETTINGS", str(folder / "settings.toml"))
    patch.setenv("CANTO_BEATS_LANG", "en")
    patch.setattr("core.asr.recogniser.choose_recogniser", choose)
    patch.setattr("core.backends.create_speech_detector", lambda name: Ear())
    patch.setattr("core.backends.create_transcriber", lambda name, folder, *_: Listener(folder.name))
