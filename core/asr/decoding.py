"""Chunks of speech to text in batches, the same for every Whisper backend: encode, write, judge, try again, align.

    chunks -log_mel-> pictures -encode-> features -write-> tokens -judge-> again at 0.2, 0.4 -align-> segments with words

A backend supplies a Model, which runs the network; which tokens are allowed, when a row ends and what becomes of its tokens is decided here,
in `rules.py`, `choice.py` and `writing.py`. A chunk that fills all its places is cut at its quietest point and heard again as two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..audio.wav import read_samples
from .alignment import FRAME_MS, Written, token_onsets
from .arrays import Arrays
from .base import ChunkResult, TranscribeOptions
from .char_times import TimedToken, words_of_tokens
from .mel import log_mel
from .recut import halves
from .repeats import packs_too_well, tandem_repeat
from .rules import stamp_limits
from .segments import Line, place_lines, read_lines
from .tokens import SpecialTokens
from .writing import Batch, Manner, Row, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..speech.chunks import Chunk

# openai/whisper's thresholds: below the first a text is doubtful, above the second there was perhaps nothing to hear
_LOW_LOGPROB = -1.0
_NO_SPEECH = 0.6


class Model(Protocol):
    """A loaded Whisper. Features are the encoder's output on the device, (rows, 1500, width)."""

    @property
    def special(self) -> SpecialTokens: ...

    @property
    def n_mels(self) -> int: ...

    @property
    def n_text_ctx(self) -> int: ...

    @property
    def arrays(self) -> Arrays: ...

    def encode(self, mel: NDArray[np.float32]) -> Any:
        """Features of pictures (rows, 3000, n_mels), a few rows at a time."""

    def begin(self, features: Any, prompt: Sequence[int], room: int) -> Batch:
        """Read the prompt and make ready for `room` tokens, prompt included."""

    def looks(self, features: Any, tokens: Sequence[Sequence[int]]) -> Any:
        """See `alignment.Looker`."""

    def text(self, tokens: Sequence[int]) -> str:
        """Text tokens as text; bytes that are no UTF-8 become U+FFFD."""

    def tokens(self, text: str) -> list[int]:
        """Text as text tokens."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every chunk of a call has in common. `prompt` is what each decoding begins with, `room` the tokens it may have with it."""

    model: Model
    audio: Audio
    options: TranscribeOptions
    prompt: tuple[int, ...]
    room: int


@dataclass(slots=True)
class Hearing:
    """What was written about one chunk, and at which temperature."""

    chunk: Chunk
    row: Row
    no_speech: float
    temperature: float = 0.0


def transcribe_chunks(model: Model, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
    """`Transcriber.transcribe` for a Whisper model. Raises SetupError `asr.no_language` and ValueError for a chunk above 30 s."""
    room = min(options.max_tokens, model.n_text_ctx)
    task = Task(model, audio, options, _prompt(model, options, room), room)
    for first in range(0, len(chunks), options.batch_size):
        for offset, result in enumerate(_batch(chunks[first : first + options.batch_size], task)):
            yield replace(result, chunk_index=first + offset)


def _prompt(model: Model, options: TranscribeOptions, room: int) -> tuple[int, ...]:
    """The words that stand before the chunk, shortened to half the model's places, then start, language and transcribe."""
    task = model.special.prompt(options.language)
    if not options.prompt:
        return task
    words = model.tokens(" " + options.prompt.strip())[: min(room, model.n_text_ctx) // 2 - 1 - len(task)]
    return (model.special.previous, *words, *task)


def _batch(chunks: Sequence[Chunk], task: Task) -> Iterator[ChunkResult]:
    """One result for each chunk; those that ran out of places are heard again in halves."""
    hearings, results = _hear(chunks, task, last=False)
    cuts = {number: halves(task.audio, hearing.chunk) for number, hearing in enumerate(hearings) if not hearing.row.ended}
    again = [half for cut in cuts.values() for half in cut]
    second: list[ChunkResult] = []
    for first in range(0, len(again), task.options.batch_size):
        second += _hear(again[first : first + task.options.batch_size], task, last=True)[1]
    for number, result in enumerate(results):
        parts = [second.pop(0) for _ in cuts.get(number, ())]
        yield _joined(parts) if parts else result


def _joined(parts: Sequence[ChunkResult]) -> ChunkResult:
    """The halves of a chunk as one result; the evidence is the worst of both."""
    return ChunkResult(
        chunk_index=0,
        segments=tuple(segment for part in parts for segment in part.segments),
        tokens=tuple(token for part in parts for token in part.tokens),
        avg_logprob=min(part.avg_logprob for part in parts),
        no_speech=max(part.no_speech for part in parts),
        hit_cap=any(part.hit_cap for part in parts),
        temperature=max(part.temperature for part in parts),
    )


def _hear(chunks: Sequence[Chunk], task: Task, *, last: bool) -> tuple[list[Hearing], list[ChunkResult]]:
    """Every chunk's tokens and result. Unless this is the `last` time, rows without an end wait to be cut and are not tried again."""
    model = task.model
    features = model.encode(_pictures(task.audio, chunks, model.n_mels))
    hearings = _write(features, chunks, task, 0.0)
    for temperature in task.options.temperatures:
        failed = [number for number, hearing in enumerate(hearings) if (hearing.row.ended or last) and _failed(hearing, model)]
        if not failed:
            break
        numbers = model.arrays.new(failed)
        retried = _write(model.arrays.rows(features, numbers), [chunks[number] for number in failed], task, temperature)
        for number, hearing in zip(failed, retried, strict=True):
            if _better(hearing, hearings[number], model):
                hearings[number] = hearing
    return hearings, _results(features, hearings, task)


def _write(features: Any, chunks: Sequence[Chunk], task: Task, temperature: float) -> list[Hearing]:
    model = task.model
    batch = model.begin(features, task.prompt, task.room)
    rows = [Row(stamp_limits(chunk)) for chunk in chunks]
    silence = batch.no_speech()
    seeds = tuple(chunk.start_ms for chunk in chunks)
    write(batch, rows, (model.arrays, model.special), Manner(task.room - len(task.prompt), temperature, seeds))
    return [Hearing(chunk, row, value, temperature) for chunk, row, value in zip(chunks, rows, silence, strict=True)]


def _failed(hearing: Hearing, model: Model) -> bool:
    """True for text that goes in circles, and for text that the model itself doubts although it heard speech."""
    if _circles(hearing, model):
        return True
    return hearing.row.avg_logprob < _LOW_LOGPROB and hearing.no_speech <= _NO_SPEECH


def _circles(hearing: Hearing, model: Model) -> bool:
    text = _plain_text(hearing, model)
    return packs_too_well(text) or tandem_repeat(text) is not None


def _better(new: Hearing, old: Hearing, model: Model) -> bool:
    """Text that does not go in circles before text that does; then what ended; then the likelier."""
    return _rank(new, model) > _rank(old, model)


def _rank(hearing: Hearing, model: Model) -> tuple[bool, bool, float]:
    return not _circles(hearing, model), hearing.row.ended, hearing.row.avg_logprob


def _plain_text(hearing: Hearing, model: Model) -> str:
    return model.text([token for token in hearing.row.tokens if token < model.special.end])


def _pictures(audio: Audio, group: Sequence[Chunk], n_mels: int) -> NDArray[np.float32]:
    """(rows, 3000, n_mels)."""
    import numpy as np

    rate = audio.sample_rate
    spans = ((chunk.start_ms * rate // 1000, chunk.end_ms * rate // 1000) for chunk in group)
    return np.stack([log_mel(read_samples(audio, start, stop), n_mels) for start, stop in spans])


def _results(features: Any, hearings: Sequence[Hearing], task: Task) -> list[ChunkResult]:
    """Lines with words, from the rows as they are now."""
    special, lines = task.model.special, []
    for hearing in hearings:
        lines.append(read_lines(hearing.row.tokens, hearing.row.logprobs[: len(hearing.row.tokens)], special))
    if task.options.times:
        _add_words(features, hearings, lines, task)
    return [_result(hearing, found, task.model) for hearing, found in zip(hearings, lines, strict=True)]


def _add_words(features: Any, hearings: Sequence[Hearing], lines: Sequence[list[Line]], task: Task) -> None:
    """Put words into the lines, which are changed in place."""
    model, speaking = task.model, [number for number, found in enumerate(lines) if found]
    if not speaking:
        return
    texts = [_written(hearings[number].chunk, lines[number]) for number in speaking]
    prefix = (*model.special.prompt(task.options.language), model.special.stamps - 1)
    heard = model.arrays.rows(features, model.arrays.new(speaking))
    for number, onsets in zip(speaking, token_onsets(model, heard, texts, (prefix, model.special.end)), strict=True):
        chunk, place = hearings[number].chunk, 0
        for line in lines[number]:
            edges = [chunk.start_ms + frame * FRAME_MS for frame in onsets[place : place + len(line.tokens) + 1]]
            timed = [TimedToken(*values) for values in zip(line.tokens, edges, edges[1:], line.logprobs, strict=False)]
            line.words = words_of_tokens(timed, model.text, chunk)
            place += len(line.tokens)


def _written(chunk: Chunk, lines: Sequence[Line]) -> Written:
    frames = -(-(chunk.end_ms - chunk.start_ms) // FRAME_MS)
    windows = [(line.start or 0, frames if line.end is None else line.end) for line in lines for _ in line.tokens]
    return Written(tuple(token for line in lines for token in line.tokens), frames, tuple(windows))


def _result(hearing: Hearing, lines: Sequence[Line], model: Model) -> ChunkResult:
    row = hearing.row
    return ChunkResult(
        chunk_index=0,
        segments=place_lines(lines, hearing.chunk, model.text, hearing.no_speech),
        tokens=tuple(row.tokens),
        avg_logprob=row.avg_logprob,
        no_speech=hearing.no_speech,
        hit_cap=not row.ended,
        temperature=hearing.temperature,
    )
