"""Chunks of speech to text, the same for every Whisper backend: `rounds.py`'s work with Whisper's pictures, grammar and alignment.

    chunks -log_mel-> pictures -encode-> features -write-> tokens -align-> segments with words

A backend supplies a Model, which runs the network; which tokens are allowed, when a row ends and what becomes of its tokens is decided here,
in `rules.py`, `choice.py` and `writing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..speech.clock import end_to_programme, heard_ms, heard_pieces, read_heard, start_to_programme
from .alignment import FRAME_MS, Written, token_onsets
from .arrays import Arrays
from .base import ChunkResult, TranscribeOptions
from .char_times import TimedToken, words_of_tokens
from .mel import log_mel
from .rounds import Hearing, hear_chunks
from .rules import stamp_limits
from .segments import Line, place_lines, read_lines
from .tokens import SpecialTokens
from .writing import Batch, Manner, Row, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..speech.chunks import Chunk


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

    @property
    def lanes(self) -> int:
        """How many batches it hears at a time."""

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
    """`rounds.Writer` for Whisper: what every chunk of a call has in common.

    `prompt` is what each decoding begins with, `room` the tokens it may have with it.
    """

    model: Model
    audio: Audio
    options: TranscribeOptions
    prompt: tuple[int, ...]
    room: int

    @property
    def lanes(self) -> int:
        """See `rounds.Writer`."""
        return self.model.lanes

    def features(self, chunks: Sequence[Chunk]) -> Any:
        """The encoder's output."""
        return self.model.encode(_pictures(self.audio, chunks, self.model.n_mels))

    def some(self, features: Any, numbers: Sequence[int]) -> Any:
        """See `rounds.Writer`."""
        return self.model.arrays.rows(features, self.model.arrays.new(list(numbers)))

    def write(self, features: Any, chunks: Sequence[Chunk], temperature: float) -> list[Hearing]:
        """See `rounds.Writer`."""
        batch = self.model.begin(features, self.prompt, self.room)
        rows = [Row(stamp_limits(chunk)) for chunk in chunks]
        silence = batch.no_speech()
        seeds = tuple(chunk.start_ms for chunk in chunks)
        write(batch, rows, (self.model.arrays, self.model.special), Manner(self.room - len(self.prompt), temperature, seeds))
        return [Hearing(chunk, row, value, temperature) for chunk, row, value in zip(chunks, rows, silence, strict=True)]

    def text(self, row: Row) -> str:
        """See `rounds.Writer`."""
        return self.model.text([token for token in row.tokens if token < self.model.special.end])

    def results(self, features: Any, hearings: Sequence[Hearing]) -> list[ChunkResult]:
        """Lines with words, from the rows as they are now."""
        special, lines = self.model.special, []
        for hearing in hearings:
            lines.append(read_lines(hearing.row.tokens, hearing.row.logprobs[: len(hearing.row.tokens)], special))
        if self.options.times:
            _add_words(features, hearings, lines, self)
        return [_result(hearing, found, self.model) for hearing, found in zip(hearings, lines, strict=True)]


def transcribe_chunks(model: Model, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
    """`Transcriber.transcribe` for a Whisper model. Raises SetupError `asr.no_language` and ValueError above 30 s heard of a chunk."""
    room = min(options.max_tokens, model.n_text_ctx)
    yield from hear_chunks(Task(model, audio, options, _prompt(model, options, room), room), chunks)


def _prompt(model: Model, options: TranscribeOptions, room: int) -> tuple[int, ...]:
    """The words that stand before the chunk, shortened to half the model's places, then start, language and transcribe."""
    task = model.special.prompt(options.language)
    if not options.prompt:
        return task
    words = model.tokens(" " + options.prompt.strip())[: min(room, model.n_text_ctx) // 2 - 1 - len(task)]
    return (model.special.previous, *words, *task)


def _pictures(audio: Audio, group: Sequence[Chunk], n_mels: int) -> NDArray[np.float32]:
    """(rows, 3000, n_mels)."""
    import numpy as np

    return np.stack([log_mel(read_heard(audio, chunk), n_mels) for chunk in group])


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
        pieces = heard_pieces(chunk)
        starts, ends = ([clock(pieces, frame * FRAME_MS) for frame in onsets] for clock in (start_to_programme, end_to_programme))
        for line in lines[number]:
            edges = starts[place:], ends[place + 1 :]
            timed = [TimedToken(*values) for values in zip(line.tokens, *edges, line.logprobs, strict=False)]
            line.words = words_of_tokens(timed, model.text, chunk)
            place += len(line.tokens)


def _written(chunk: Chunk, lines: Sequence[Line]) -> Written:
    frames = -(-heard_ms(chunk) // FRAME_MS)
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
