"""Greedy decoding of chunks in batches, the same for every Whisper backend.

A backend supplies a Model: it runs the network and picks the likeliest allowed token on its device; which tokens are allowed, when a row ends
and what becomes of its tokens is decided here. All rows of a batch have the same prompt, so they are at the same position at every step
and none can influence another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..audio.wav import read_samples
from .base import ChunkResult, TranscribeOptions
from .mel import log_mel
from .rules import ANYTHING_BUT_STAMPS, Allowed, StampLimits, allowed_next, stamp_limits
from .segments import place_lines, read_lines
from .tokens import SpecialTokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..speech.chunks import Chunk


class Batch(Protocol):
    """Chunks on their way through the decoder, the prompt already read."""

    def no_speech(self) -> list[float]:
        """Each row's probability of the no-speech token right after the start token."""

    def choose(self, allowed: Sequence[Allowed]) -> list[tuple[int, float]]:
        """Each row's likeliest allowed token and its natural log probability among the allowed ones.

        When the timestamps together are likelier than the likeliest other token, the choice is among timestamps only
        (openai/whisper `ApplyTimestampRules`). Text tokens never include those in SpecialTokens.suppressed.
        """

    def feed(self, tokens: Sequence[int]) -> None:
        """Read one more token in each row."""


class Model(Protocol):
    """A loaded Whisper."""

    @property
    def special(self) -> SpecialTokens: ...

    @property
    def n_mels(self) -> int: ...

    @property
    def n_text_ctx(self) -> int: ...

    def begin(self, mel: NDArray[np.float32], prompt: Sequence[int]) -> Batch:
        """Encode pictures (rows, 3000, n_mels) and read the prompt."""

    def text(self, tokens: Sequence[int]) -> str:
        """Text tokens as text; bytes that are no UTF-8 become U+FFFD."""


@dataclass(slots=True)
class Row:
    """What one chunk's decoding has written so far. `logprobs` has one value more than `tokens` once the end mark came."""

    limits: StampLimits
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    ended: bool = False

    def add(self, token: int, logprob: float, end: int) -> None:
        """Take a chosen token; after the end mark nothing is taken any more."""
        if self.ended:
            return
        self.logprobs.append(logprob)
        self.ended = token == end
        if not self.ended:
            self.tokens.append(token)


def transcribe_chunks(model: Model, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
    """`Transcriber.transcribe` for a Whisper model. Raises SetupError `asr.no_language` and ValueError for a chunk above 30 s."""
    prompt = model.special.prompt(options.language)
    for first in range(0, len(chunks), options.batch_size):
        group = chunks[first : first + options.batch_size]
        for offset, (chunk, (row, no_speech)) in enumerate(zip(group, _decode(model, audio, group, (prompt, options)), strict=True)):
            yield _result(first + offset, chunk, row, (model, no_speech))


def _decode(model: Model, audio: Audio, group: Sequence[Chunk], task: tuple[tuple[int, ...], TranscribeOptions]) -> list[tuple[Row, float]]:
    """Every chunk's tokens and no-speech probability."""
    prompt, options = task
    batch = model.begin(_pictures(audio, group, model.n_mels), prompt)
    no_speech = batch.no_speech()
    rows = [Row(stamp_limits(chunk)) for chunk in group]
    write(batch, rows, model.special, min(options.max_tokens, model.n_text_ctx) - len(prompt))
    return list(zip(rows, no_speech, strict=True))


def write(batch: Batch, rows: Sequence[Row], special: SpecialTokens, cap: int) -> None:
    """Let every row write until its end mark or until it has `cap` tokens; rows are changed in place."""
    for position in range(1, cap + 1):
        allowed = [ANYTHING_BUT_STAMPS if row.ended else allowed_next(row.tokens, special.stamps, row.limits) for row in rows]
        for row, (token, logprob) in zip(rows, batch.choose(allowed), strict=True):
            row.add(token, logprob, special.end)
        if position == cap or all(row.ended for row in rows):
            return
        batch.feed([special.end if row.ended else row.tokens[-1] for row in rows])


def _pictures(audio: Audio, group: Sequence[Chunk], n_mels: int) -> NDArray[np.float32]:
    """(rows, 3000, n_mels)."""
    import numpy as np

    rate = audio.sample_rate
    spans = ((chunk.start_ms * rate // 1000, chunk.end_ms * rate // 1000) for chunk in group)
    return np.stack([log_mel(read_samples(audio, start, stop), n_mels) for start, stop in spans])


def _result(index: int, chunk: Chunk, row: Row, source: tuple[Model, float]) -> ChunkResult:
    model, no_speech = source
    lines = read_lines(row.tokens, row.logprobs[: len(row.tokens)], model.special)
    return ChunkResult(
        chunk_index=index,
        segments=place_lines(lines, chunk, model.text, no_speech),
        tokens=tuple(row.tokens),
        avg_logprob=sum(row.logprobs) / max(1, len(row.logprobs)),
        no_speech=no_speech,
        hit_cap=not row.ended,
    )
