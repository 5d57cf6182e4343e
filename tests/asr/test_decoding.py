"""The loop over a scripted model: rows that leave, caps, cuts, second tries, prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.asr.arrays import torch_arrays
from core.asr.base import ChunkResult, TranscribeOptions
from core.asr.decoding import transcribe_chunks
from core.asr.tokens import SpecialTokens
from core.asr.writing import Manner
from core.audio.wav import Audio
from core.document import SpeechRegion
from core.speech.chunks import Chunk

from ..fakes.whisper_model import write_wav

SPECIAL = SpecialTokens(end=100, start=101, languages=(("yue", 102), ("zh", 103)), transcribe=104, previous=106, no_speech=105, stamps=110)
END = 100

Script = Callable[[int, int], Sequence[int]]
"""(start of the chunk in seconds, number of this try) -> what the model wants to write."""


class ScriptedBatch:
    """Each row wants its script's tokens, with the certainty of its model."""

    sync_steps = 2

    def __init__(self, model: ScriptedModel, rows: list[Sequence[int]]) -> None:
        self.model, self.rows, self.position = model, rows, 0
        self.logits = self.next()

    def next(self) -> Any:
        import torch

        logits = torch.full((len(self.rows), 110 + 1501), -1e4)
        for row, script in enumerate(self.rows):
            wanted = script[self.position] if self.position < len(script) else 7
            logits[row, wanted] = 0.0
            if wanted < END and self.model.doubt:
                logits[row, 60:90] = self.model.doubt - 1e-3
        return logits

    def no_speech(self) -> list[float]:
        return [self.model.silence] * len(self.rows)

    def feed(self, tokens: Any) -> Any:
        self.model.fed.append(len(self.rows))
        self.position += 1
        return self.next()

    def keep(self, numbers: Any) -> None:
        self.rows = [self.rows[number] for number in numbers.tolist()]

    def fetch(self, values: Sequence[Any]) -> list[list[Any]]:
        return [value.tolist() for value in values]


@dataclass
class ScriptedModel:
    """A model that knows a chunk by the loudness of its first second, which the audio of these tests counts up."""

    script: Script
    doubt: float = 0.0
    silence: float = 0.125
    special: SpecialTokens = SPECIAL
    n_mels: int = 80
    n_text_ctx: int = 448
    lanes: int = 1
    arrays: Any = field(default_factory=lambda: torch_arrays("cpu"))
    tries: dict[int, int] = field(default_factory=dict)
    prompts: list[tuple[int, ...]] = field(default_factory=list)
    pictures: list[NDArray[np.float32]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    fed: list[int] = field(default_factory=list)

    def encode(self, mel: NDArray[np.float32]) -> Any:
        self.pictures.append(mel)
        starts, self.starts = self.starts[: len(mel)], self.starts[len(mel) :]
        return self.arrays.new(starts)

    def begin(self, features: Any, prompt: Sequence[int], room: int) -> ScriptedBatch:
        self.prompts.append(tuple(prompt))
        rows = []
        for start in features.tolist():
            rows.append(self.script(start, self.tries.get(start, 0)))
            self.tries[start] = self.tries.get(start, 0) + 1
        return ScriptedBatch(self, rows)

    def looks(self, features: Any, tokens: Sequence[Sequence[int]]) -> Any:
        raise AssertionError("no times were asked for")

    def text(self, tokens: Sequence[int]) -> str:
        return "".join(chr(0x4E00 + token) for token in tokens)

    def tokens(self, text: str) -> list[int]:
        return [ord(character) % 100 for character in text]


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    return write_wav(tmp_path / "audio.wav", np.random.default_rng(0).standard_normal(20 * 16_000) * 0.05)


def chunk(start_s: float, end_s: float) -> Chunk:
    start_ms, end_ms = round(start_s * 1000), round(end_s * 1000)
    return Chunk(start_ms, end_ms, (SpeechRegion(start_ms, end_ms),))


def run(model: ScriptedModel, audio: Audio, chunks: Sequence[Chunk], starts: Sequence[int] | None = None, **options: Any) -> list[ChunkResult]:
    model.starts = [one.start_ms // 1000 for one in chunks] if starts is None else list(starts)
    return list(transcribe_chunks(model, audio, chunks, TranscribeOptions(**{"times": False, **options})))


def text(*numbers: int) -> str:
    return "".join(chr(0x4E00 + number) for number in numbers)


def test_results_come_in_order_after_every_batch(audio: Audio) -> None:
    scripts = {0: [110, 5, 120, END], 2: [110, END], 5: [115, 6, 130, END]}
    model = ScriptedModel(lambda start, _: scripts[start])
    model.starts = [0, 2, 5]
    chunks = [chunk(0, 2), chunk(2, 4), chunk(5, 6)]
    results = transcribe_chunks(model, audio, chunks, TranscribeOptions(batch_size=2, times=False))
    first = next(results)
    assert len(model.pictures) == 1
    second, third = results
    assert [result.chunk_index for result in (first, second, third)] == [0, 1, 2]
    assert [(s.start_ms, s.end_ms, s.text, s.no_speech) for s in first.segments] == [(0, 200, text(5), 0.125)]
    assert (second.segments, second.tokens, second.hit_cap, second.avg_logprob) == ((), (110,), False, 0.0)
    assert [(s.start_ms, s.end_ms) for s in third.segments] == [(5100, 5400)]
    assert model.prompts == [(101, 102, 104)] * 2
    assert [picture.shape for picture in model.pictures] == [(2, 3000, 80), (1, 3000, 80)]


def test_rows_leave_the_batch_when_they_end(audio: Audio) -> None:
    scripts = {0: [110, END], 2: [110, END], 4: [110, END], 6: [110, *range(1, 9), 120, END]}
    model = ScriptedModel(lambda start, _: scripts[start])
    results = run(model, audio, [chunk(start, start + 1) for start in scripts], batch_size=4)
    assert [result.tokens for result in results] == [(110,), (110,), (110,), (110, *range(1, 9), 120)]
    # two steps between two looks: the rows that end in the first pair are gone before the third step
    assert model.fed == [4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def test_each_chunk_has_its_own_picture(audio: Audio) -> None:
    together, alone = (ScriptedModel(lambda start, _: [110, END]) for _ in range(2))
    run(together, audio, [chunk(1, 2), chunk(9, 10)])
    run(alone, audio, [chunk(1, 2)])
    np.testing.assert_array_equal(together.pictures[0][0], alone.pictures[0][0])


def test_a_chunk_without_end_is_cut_and_heard_again(audio: Audio) -> None:
    scripts = {0: [110, *range(1, 90)], 10: [110, 5, 120, END], 20: [110, 6, 120, END]}
    model = ScriptedModel(lambda start, _: scripts[start])
    pause = Chunk(0, 10_000, (SpeechRegion(0, 4_000), SpeechRegion(5_000, 10_000)))
    (result,) = run(model, audio, [pause], starts=[0, 10, 20], max_tokens=50)
    assert [(s.start_ms, s.end_ms, s.text) for s in result.segments] == [(0, 200, text(5)), (4_500, 4_700, text(6))]
    assert (result.tokens, result.hit_cap, result.temperature) == ((110, 5, 120, 110, 6, 120), False, 0.0)


def test_what_runs_out_of_places_twice_is_flagged_and_kept(audio: Audio) -> None:
    model = ScriptedModel(lambda start, _: [110, *range(1, 90)])
    (result,) = run(model, audio, [chunk(0, 10)], starts=[0, 1, 2], max_tokens=13, temperatures=())
    # 13 places less the prompt of three
    assert result.tokens == (110, *range(1, 10)) * 2
    assert result.hit_cap
    assert [s.text for s in result.segments] == [text(*range(1, 10))] * 2


def test_a_chunk_too_short_to_cut_is_flagged(audio: Audio) -> None:
    model = ScriptedModel(lambda start, _: [110, *range(1, 90)])
    (result,) = run(model, audio, [chunk(0, 1)], max_tokens=13, temperatures=())
    assert (result.hit_cap, len(model.pictures)) == (True, 1)


def test_only_text_in_circles_is_tried_again(audio: Audio) -> None:
    circle = [110, *[5, 6, 7] * 8, 120, END]
    model = ScriptedModel(lambda start, attempt: circle if start == 2 and attempt < 2 else [110, 5, 120, END])
    results = run(model, audio, [chunk(0, 1), chunk(2, 3)])
    assert [(result.tokens, result.temperature) for result in results] == [((110, 5, 120), 0.0), ((110, 5, 120), 0.4)]
    assert model.tries == {0: 1, 2: 3}
    # the encoder's work is not done again
    assert len(model.pictures) == 1


def test_the_first_try_stays_when_no_other_is_better(audio: Audio) -> None:
    circle = [110, *[5, 6, 7] * 8, 120, END]
    (result,) = run(ScriptedModel(lambda start, attempt: circle), audio, [chunk(0, 1)])
    assert result.temperature == 0.0
    assert result.tokens == tuple(circle[:-1])


@pytest.mark.parametrize(("silence", "tries"), [(0.1, 3), (0.9, 1)])
def test_doubtful_text_is_tried_again_unless_there_was_nothing_to_hear(audio: Audio, silence: float, tries: int) -> None:
    # thirty other tokens nearly as likely: log(1/31) = -3.4 a text token, 4 text tokens of 7
    model = ScriptedModel(lambda start, _: [110, 5, 6, 7, 8, 120, END], doubt=-0.001, silence=silence)
    run(model, audio, [chunk(0, 1)])
    assert model.tries == {0: tries}


def test_words_before_every_chunk(audio: Audio) -> None:
    model = ScriptedModel(lambda start, _: [110, END])
    run(model, audio, [chunk(0, 1), chunk(2, 3)], prompt="AB", batch_size=1)
    # space, A, B by this model's vocabulary
    assert model.prompts == [(106, 32, 65, 66, 101, 102, 104)] * 2


def test_a_long_prompt_is_cut_to_half_the_places(audio: Audio) -> None:
    model = ScriptedModel(lambda start, _: [110, END])
    run(model, audio, [chunk(0, 1)], prompt="字" * 500)
    assert len(model.prompts[0]) == 220


def test_no_chunks_no_work(audio: Audio) -> None:
    model = ScriptedModel(lambda start, _: [])
    assert run(model, audio, []) == []
    assert model.pictures == []


@pytest.mark.parametrize("sizes", [{"batch_size": 0}, {"max_tokens": 0}])
def test_sizes_below_one_are_refused(sizes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TranscribeOptions(**sizes)


def test_drawn_numbers_belong_to_the_chunk_not_to_its_place_in_the_batch() -> None:
    both, alone = Manner(5, 0.2, (3_000, 9_000)).draws(), Manner(5, 0.2, (9_000,)).draws()
    assert both is not None and alone is not None
    np.testing.assert_array_equal(both[1], alone[0])
    assert not np.array_equal(both[0], both[1])
    assert Manner(5).draws() is None
