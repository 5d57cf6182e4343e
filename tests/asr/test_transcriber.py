"""The contract of Transcriber, over every implementation and a fake that reads a script.

MLX's processor build needs seconds for a window, so what does not depend on hearing well is tried with a tiny random model.
"""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import jiwer
import numpy as np
import pytest

from core.asr.base import ChunkResult, TranscribeOptions, Transcriber
from core.asr.qwen_mlx import QwenMlx
from core.asr.whisper_hf import WhisperHf
from core.asr.whisper_mlx import WhisperMlx
from core.audio.resample import resample
from core.audio.wav import SAMPLE_RATE, Audio
from core.document import Segment, SpeechRegion
from core.practice.voice import Voice, speak_timed
from core.speech.chunks import Chunk

from ..fakes.torch_threads import torch_threads
from ..fakes.whisper_model import PRACTICE, write_wav

SAID = ("你會唔會咁攞苦來辛啊", "但係我覺得其實大家都冇郁", "係唔係喺高處啊你哋")

Make = Callable[[Path, Path], Transcriber]


@dataclass(slots=True)
class ScriptedTranscriber:
    """The fake: every chunk with speech says where it begins, as one line from its first speech to its last."""

    model: list[str] | None = field(default=None)

    def __enter__(self) -> Self:
        self.model = ["weights"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.model = None

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        if self.model is None:
            raise ValueError("a transcriber is used inside its with block")
        for index, chunk in enumerate(chunks):
            text = f"{chunk.start_ms}"
            lines = [Segment(chunk.regions[0].start_ms, chunk.regions[-1].end_ms, text)] if chunk.regions else []
            yield ChunkResult(index, tuple(lines), tuple(map(ord, text)), hit_cap=len(text) > options.max_tokens)


def _fake(folder: Path, cache: Path) -> Transcriber:
    return ScriptedTranscriber()


def _hf(folder: Path, cache: Path) -> Transcriber:
    return WhisperHf(folder, "cpu")


def _mlx(folder: Path, cache: Path) -> Transcriber:
    return WhisperMlx(folder, "mlx", cache)


def _qwen(folder: Path, cache: Path) -> Transcriber:
    return QwenMlx(folder)


TRANSCRIBERS = {"fake": _fake, "hf": _hf, "mlx": _mlx, "qwen": _qwen}

# the tiny model never stops by itself
SHORT = TranscribeOptions(batch_size=3, max_tokens=24, temperatures=())


@pytest.fixture(params=TRANSCRIBERS)
def make(request: pytest.FixtureRequest, tiny: Path, tiny_qwen: Path, mlx_cache: Path) -> Callable[[], Transcriber]:
    folder = tiny_qwen if request.param == "qwen" else tiny
    return lambda: TRANSCRIBERS[request.param](folder, mlx_cache)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Audio:
    samples = np.random.default_rng(1).standard_normal(40 * SAMPLE_RATE) * np.repeat(np.linspace(0.01, 0.2, 40), SAMPLE_RATE)
    return write_wav(tmp_path_factory.mktemp("audio") / "noise.wav", samples.clip(-1, 1))


def chunk(start_ms: int, end_ms: int) -> Chunk:
    return Chunk(start_ms, end_ms, (SpeechRegion(start_ms, end_ms),))


CHUNKS = (chunk(0, 22_000), chunk(22_000, 22_100), chunk(25_000, 31_010))


def check(results: Sequence[ChunkResult], chunks: Sequence[Chunk]) -> None:
    """Every promise of ChunkResult."""
    assert [result.chunk_index for result in results] == list(range(len(chunks)))
    for result, place in zip(results, chunks, strict=True):
        ends = [place.start_ms]
        for segment in result.segments:
            assert ends[-1] <= segment.start_ms < segment.end_ms <= place.end_ms
            assert segment.text == segment.text.strip() != ""
            assert segment.avg_logprob <= 0
            ends.append(segment.end_ms)
        assert result.avg_logprob <= 0
        assert 0 <= result.no_speech <= 1


def test_long_and_very_short_chunks_keep_the_promises(make: Callable[[], Transcriber], noise: Audio) -> None:
    with make() as transcriber:
        check(list(transcriber.transcribe(noise, CHUNKS, SHORT)), CHUNKS)


def test_the_token_limit_is_flagged(make: Callable[[], Transcriber], noise: Audio) -> None:
    with make() as transcriber:
        (result,) = transcriber.transcribe(noise, CHUNKS[2:], TranscribeOptions(max_tokens=4, temperatures=()))
    assert result.hit_cap


def test_batch_size_and_order_change_no_token(make: Callable[[], Transcriber], noise: Audio) -> None:
    with make() as transcriber:
        together = list(transcriber.transcribe(noise, CHUNKS, SHORT))
        alone = list(transcriber.transcribe(noise, CHUNKS[::-1], TranscribeOptions(batch_size=1, max_tokens=24, temperatures=())))
    assert [result.tokens for result in together] == [result.tokens for result in alone[::-1]]
    assert [[(s.start_ms, s.end_ms, s.text) for s in result.segments] for result in together] == [
        [(s.start_ms, s.end_ms, s.text) for s in result.segments] for result in alone[::-1]
    ]


def test_nothing_to_hear(make: Callable[[], Transcriber], noise: Audio) -> None:
    with make() as transcriber:
        assert list(transcriber.transcribe(noise, [], SHORT)) == []


def test_a_call_that_is_given_up_leaves_a_usable_transcriber(make: Callable[[], Transcriber], noise: Audio) -> None:
    with make() as transcriber:
        results = transcriber.transcribe(noise, CHUNKS[1:], TranscribeOptions(batch_size=1, max_tokens=6, temperatures=()))
        first = next(results)
        del results
        again = next(transcriber.transcribe(noise, CHUNKS[1:2], TranscribeOptions(batch_size=1, max_tokens=6, temperatures=())))
    assert first.tokens == again.tokens


def test_leaving_frees_the_model(make: Callable[[], Transcriber], noise: Audio) -> None:
    transcriber = make()
    with transcriber:
        model = transcriber._model if hasattr(transcriber, "_model") else None  # the fake has none
        alive = weakref.ref(model.net) if model else None
        del model
    gc.collect()
    assert alive is None or alive() is None
    with pytest.raises(ValueError, match="with block"):
        list(transcriber.transcribe(noise, CHUNKS, SHORT))


def test_a_transcriber_can_be_entered_again(make: Callable[[], Transcriber], noise: Audio) -> None:
    transcriber = make()
    tokens = []
    for _ in range(2):
        with transcriber:
            tokens += [result.tokens for result in transcriber.transcribe(noise, CHUNKS[1:2], SHORT)]
    assert tokens[0] == tokens[1]


def test_loaded_in_one_thread_used_in_another(make: Callable[[], Transcriber], noise: Audio) -> None:
    # a window's thread may prepare what a worker thread then runs
    results: list[ChunkResult] = []
    with make() as transcriber:
        worker = threading.Thread(target=lambda: results.extend(transcriber.transcribe(noise, CHUNKS[1:2], SHORT)))
        worker.start()
        worker.join()
    check(results, CHUNKS[1:2])


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said, and where: one chunk of speech, one of digital silence."""

    audio: Audio
    chunks: tuple[Chunk, Chunk]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    parts, regions, place = [], [], 0
    for text, variant in zip(SAID, ("f1", "m1", "f2"), strict=True):
        spoken = speak_timed(text, Voice(variant))
        samples = resample(spoken.trimmed().astype(np.float32) / 32768, spoken.sample_rate, SAMPLE_RATE)
        parts += [np.zeros(SAMPLE_RATE // 2), samples]
        place += SAMPLE_RATE // 2
        regions.append(SpeechRegion(place * 1000 // SAMPLE_RATE, (place + len(samples)) * 1000 // SAMPLE_RATE))
        place += len(samples)
    # a noise floor that every real recording has
    speech = np.concatenate([*parts, np.zeros(SAMPLE_RATE // 4)])
    speech += np.random.default_rng(0).standard_normal(len(speech)) * 1e-3
    audio = write_wav(tmp_path_factory.mktemp("audio") / "talk.wav", np.concatenate([speech, np.zeros(5 * SAMPLE_RATE)]))
    end_ms = len(speech) * 1000 // SAMPLE_RATE
    return Talk(audio, (Chunk(0, end_ms, tuple(regions)), Chunk(end_ms, end_ms + 5000, ())))


@pytest.fixture(scope="module")
def heard(talk: Talk, mlx_cache: Path) -> dict[str, list[ChunkResult]]:
    """Both backends with the practice model, once."""
    results = {}
    for name in ("hf", "mlx"):
        with TRANSCRIBERS[name](PRACTICE, mlx_cache) as transcriber:
            results[name] = list(transcriber.transcribe(talk.audio, talk.chunks, TranscribeOptions()))
    return results


def plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


@pytest.mark.parametrize("name", ["hf", "mlx"])
def test_speech_is_heard(heard: dict[str, list[ChunkResult]], talk: Talk, name: str) -> None:
    check(heard[name], talk.chunks)
    text = plain("".join(segment.text for segment in heard[name][0].segments))
    assert jiwer.cer("".join(SAID), text) <= 0.2
    assert not heard[name][0].hit_cap
    assert heard[name][0].avg_logprob > -1


@pytest.mark.parametrize("name", ["hf", "mlx"])
def test_lines_sit_where_the_speech_is(heard: dict[str, list[ChunkResult]], talk: Talk, name: str) -> None:
    segments, regions = heard[name][0].segments, talk.chunks[0].regions
    assert len(segments) == len(regions)
    for segment, region in zip(segments, regions, strict=True):
        assert segment.start_ms == pytest.approx(region.start_ms, abs=250)
        assert segment.end_ms == pytest.approx(region.end_ms, abs=250)


@pytest.mark.parametrize("name", ["hf", "mlx"])
def test_silence_gives_no_text(heard: dict[str, list[ChunkResult]], name: str) -> None:
    assert heard[name][1].segments == ()


def test_both_backends_hear_the_same(heard: dict[str, list[ChunkResult]]) -> None:
    for one, other in zip(heard["hf"], heard["mlx"], strict=True):
        assert one.tokens == other.tokens
        assert one.avg_logprob == pytest.approx(other.avg_logprob, abs=0.01)
        assert one.no_speech == pytest.approx(other.no_speech, abs=0.01)


def test_words_follow_the_text(heard: dict[str, list[ChunkResult]]) -> None:
    for segment in heard["hf"][0].segments:
        assert "".join(word.text for word in segment.words) == plain(segment.text)
        assert segment.words[0].start_ms == pytest.approx(segment.start_ms, abs=250)


def test_both_backends_place_the_words_alike(heard: dict[str, list[ChunkResult]]) -> None:
    one, other = ([word for segment in heard[name][0].segments for word in segment.words] for name in ("hf", "mlx"))
    assert [word.text for word in one] == [word.text for word in other]
    assert max(abs(a.start_ms - b.start_ms) for a, b in zip(one, other, strict=True)) <= 40


def test_speech_in_batches_of_any_size_and_order_is_the_same_text(talk: Talk) -> None:
    chunks = [chunk(region.start_ms - 200, region.end_ms + 200) for region in talk.chunks[0].regions] + [talk.chunks[1], talk.chunks[0]]
    heard = []
    # with a second thread two batches are heard side by side
    for size, order, threads in ((1, chunks, 1), (2, chunks, 1), (5, chunks[::-1], 1), (2, chunks, 2)):
        with torch_threads(threads), WhisperHf(PRACTICE, "cpu") as transcriber:
            found = list(transcriber.transcribe(talk.audio, order, TranscribeOptions(batch_size=size)))
        heard.append([result.tokens for result in found][:: 1 if order is chunks else -1])
    assert heard[0] == heard[1] == heard[2] == heard[3]
    assert all(heard[0][number] for number in (0, 1, 2, 4))
