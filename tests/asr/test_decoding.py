"""The greedy loop over a scripted model: who is asked what, when rows end, what the cap does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.asr.base import TranscribeOptions
from core.asr.decoding import Row, transcribe_chunks, write
from core.asr.rules import ANYTHING_BUT_STAMPS, Allowed, StampLimits
from core.asr.tokens import SpecialTokens
from core.audio.wav import Audio
from core.document import SpeechRegion
from core.speech.chunks import Chunk

from ..fakes.whisper_model import write_wav

SPECIAL = SpecialTokens(end=100, start=101, languages=(("yue", 102), ("zh", 103)), transcribe=104, no_speech=105, stamps=110)
END = 100


class ScriptedBatch:
    """Writes what its script says, one list of tokens a row, and remembers what it was asked."""

    def __init__(self, script: Sequence[Sequence[int]]) -> None:
        self.script, self.position = script, 0
        self.asked: list[list[Allowed]] = []
        self.fed: list[list[int]] = []

    def no_speech(self) -> list[float]:
        return [0.125] * len(self.script)

    def choose(self, allowed: Sequence[Allowed]) -> list[tuple[int, float]]:
        self.asked.append(list(allowed))
        return [(row[self.position] if self.position < len(row) else 7, -0.5) for row in self.script]

    def feed(self, tokens: Sequence[int]) -> None:
        self.fed.append(list(tokens))
        self.position += 1


class ScriptedModel:
    """Gives the next rows of its script to each batch."""

    special, n_mels, n_text_ctx = SPECIAL, 80, 448

    def __init__(self, script: Sequence[Sequence[int]]) -> None:
        self.script = list(script)
        self.prompts: list[tuple[int, ...]] = []
        self.pictures: list[NDArray[np.float32]] = []

    def begin(self, mel: NDArray[np.float32], prompt: Sequence[int]) -> ScriptedBatch:
        self.pictures.append(mel)
        self.prompts.append(tuple(prompt))
        rows, self.script = self.script[: len(mel)], self.script[len(mel) :]
        return ScriptedBatch(rows)

    def text(self, tokens: Sequence[int]) -> str:
        return "".join(chr(0x4E00 + token) for token in tokens)


def rows(count: int) -> list[Row]:
    return [Row(StampLimits(first=50, last=200)) for _ in range(count)]


def test_rows_end_one_by_one_and_the_last_ends_the_loop() -> None:
    batch, written = ScriptedBatch([[110, END], [110, 5, 120, END]]), rows(2)
    write(batch, written, SPECIAL, 50)
    assert [row.tokens for row in written] == [[110], [110, 5, 120]]
    assert [len(row.logprobs) for row in written] == [2, 4]
    assert batch.fed == [[110, 110], [END, 5], [END, 120]]
    assert batch.asked[0] == [Allowed(text=False, end=False, first_stamp=0, last_stamp=50)] * 2
    assert batch.asked[2] == [ANYTHING_BUT_STAMPS, Allowed(text=True, end=True, first_stamp=1, last_stamp=200)]


def test_the_cap_stops_a_row_that_never_ends() -> None:
    batch, (row,) = ScriptedBatch([[110, 5, 6]]), rows(1)
    write(batch, [row], SPECIAL, 4)
    assert (row.tokens, row.ended) == ([110, 5, 6, 7], False)
    # the fourth token is nobody's context any more
    assert len(batch.fed) == 3


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    ramp = np.repeat(np.arange(10, dtype=np.float32) / 100, 16_000)
    return write_wav(tmp_path / "audio.wav", ramp)


def chunk(start_ms: int, end_ms: int) -> Chunk:
    return Chunk(start_ms, end_ms, (SpeechRegion(start_ms, end_ms),))


def test_results_come_in_order_after_every_batch(audio: Audio) -> None:
    model = ScriptedModel([[110, 5, 120, END], [110, END], [115, 6]])
    results = transcribe_chunks(model, audio, [chunk(0, 2000), chunk(2000, 4000), chunk(5000, 6000)], TranscribeOptions(batch_size=2, max_tokens=8))
    first = next(results)
    assert len(model.pictures) == 1
    second, third = results
    assert [result.chunk_index for result in (first, second, third)] == [0, 1, 2]
    assert [(s.start_ms, s.end_ms, s.text, s.no_speech) for s in first.segments] == [(0, 200, "\u4e05", 0.125)]
    assert (second.segments, second.tokens, second.hit_cap, second.avg_logprob) == ((), (110,), False, -0.5)
    # 8 tokens less the prompt of three
    assert (third.tokens, third.hit_cap) == ((115, 6, 7, 7, 7), True)
    assert [(s.start_ms, s.end_ms) for s in third.segments] == [(5100, 6000)]
    assert model.prompts == [(101, 102, 104)] * 2
    assert [picture.shape for picture in model.pictures] == [(2, 3000, 80), (1, 3000, 80)]


def test_each_chunk_has_its_own_picture(audio: Audio) -> None:
    together, alone = ScriptedModel([[END], [END]]), ScriptedModel([[END]])
    list(transcribe_chunks(together, audio, [chunk(1000, 2000), chunk(9000, 10_000)], TranscribeOptions()))
    list(transcribe_chunks(alone, audio, [chunk(1000, 2000)], TranscribeOptions()))
    np.testing.assert_array_equal(together.pictures[0][0], alone.pictures[0][0])


def test_no_chunks_no_work(audio: Audio) -> None:
    model = ScriptedModel([])
    assert list(transcribe_chunks(model, audio, [], TranscribeOptions())) == []
    assert model.pictures == []


@pytest.mark.parametrize("sizes", [{"batch_size": 0}, {"max_tokens": 0}])
def test_sizes_below_one_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TranscribeOptions(**sizes)
