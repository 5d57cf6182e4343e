"""A call's chunks in batches, the same for every model that writes token by token: hear, judge, try again, cut what ran out of places.

    chunks -features-> sound on the device -write-> hearings -judge-> again at 0.2, 0.4 -results-> one ChunkResult each

A recogniser supplies a Writer: how sound becomes features, features become tokens and tokens become lines. Whisper's is in `decoding.py`,
Qwen3-ASR's in `qwen_decoding.py`. Only rows that failed are written again, from the same features; a chunk that fills all its places is cut
at its quietest point and heard again as two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..threads import side_by_side
from .base import ChunkResult, TranscribeOptions
from .recut import halves
from .repeats import packs_too_well, tandem_repeat
from .writing import Row

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..speech.chunks import Chunk

# openai/whisper's thresholds: below the first a text is doubtful, above the second there was perhaps nothing to hear
_LOW_LOGPROB = -1.0
_NO_SPEECH = 0.6


@dataclass(slots=True)
class Hearing:
    """What was written about one chunk, and at which temperature."""

    chunk: Chunk
    row: Row
    no_speech: float
    temperature: float = 0.0


class Writer(Protocol):
    """A loaded model at work on one call. What features are is its own affair."""

    @property
    def audio(self) -> Audio: ...

    @property
    def options(self) -> TranscribeOptions: ...

    @property
    def lanes(self) -> int:
        """How many batches are heard at a time."""

    def features(self, chunks: Sequence[Chunk]) -> Any:
        """What the model hears of these chunks."""

    def some(self, features: Any, numbers: Sequence[int]) -> Any:
        """The features of some of the chunks."""

    def write(self, features: Any, chunks: Sequence[Chunk], temperature: float) -> list[Hearing]:
        """Every chunk's tokens, all chunks together."""

    def text(self, row: Row) -> str:
        """A row's words, without marks of time."""

    def results(self, features: Any, hearings: Sequence[Hearing]) -> list[ChunkResult]:
        """Lines with words; `chunk_index` is set by the caller."""


def hear_chunks(writer: Writer, chunks: Sequence[Chunk]) -> Iterator[ChunkResult]:
    """One result for each chunk, in order, handed out after every batch; lanes share a few chunks among them."""
    size = max(1, min(writer.options.batch_size, -(-len(chunks) // writer.lanes)))
    groups = [chunks[first : first + size] for first in range(0, len(chunks), size)]
    results = side_by_side(lambda group: list(_batch(writer, group)), groups, writer.lanes)
    for index, result in enumerate(result for group in results for result in group):
        yield replace(result, chunk_index=index)


def _batch(writer: Writer, chunks: Sequence[Chunk]) -> Iterator[ChunkResult]:
    """One result for each chunk; those that ran out of places are heard again in halves."""
    hearings, results = _hear(writer, chunks, last=False)
    cuts = {number: halves(writer.audio, hearing.chunk) for number, hearing in enumerate(hearings) if not hearing.row.ended}
    again = [half for cut in cuts.values() for half in cut]
    second: list[ChunkResult] = []
    size = writer.options.batch_size
    for first in range(0, len(again), size):
        second += _hear(writer, again[first : first + size], last=True)[1]
    for number, result in enumerate(results):
        parts = [second.pop(0) for _ in cuts.get(number, ())]
        yield joined(parts) if parts else result


def joined(parts: Sequence[ChunkResult]) -> ChunkResult:
    """The parts of a chunk as one result; the evidence is the worst of them."""
    return ChunkResult(
        chunk_index=0,
        segments=tuple(segment for part in parts for segment in part.segments),
        tokens=tuple(token for part in parts for token in part.tokens),
        avg_logprob=min(part.avg_logprob for part in parts),
        no_speech=max(part.no_speech for part in parts),
        hit_cap=any(part.hit_cap for part in parts),
        temperature=max(part.temperature for part in parts),
    )


def _hear(writer: Writer, chunks: Sequence[Chunk], *, last: bool) -> tuple[list[Hearing], list[ChunkResult]]:
    """Every chunk's tokens and result. Unless this is the `last` time, rows without an end wait to be cut and are not tried again."""
    features = writer.features(chunks)
    hearings = writer.write(features, chunks, 0.0)
    for temperature in writer.options.temperatures:
        failed = [number for number, hearing in enumerate(hearings) if (hearing.row.ended or last) and _failed(writer, hearing)]
        if not failed:
            break
        retried = writer.write(writer.some(features, failed), [chunks[number] for number in failed], temperature)
        for number, hearing in zip(failed, retried, strict=True):
            if _rank(writer, hearing) > _rank(writer, hearings[number]):
                hearings[number] = hearing
    return hearings, writer.results(features, hearings)


def _failed(writer: Writer, hearing: Hearing) -> bool:
    """True for text that goes in circles, and for text that the model itself doubts although it heard speech."""
    if _circles(writer, hearing):
        return True
    return hearing.row.avg_logprob < _LOW_LOGPROB and hearing.no_speech <= _NO_SPEECH


def _circles(writer: Writer, hearing: Hearing) -> bool:
    text = writer.text(hearing.row)
    return packs_too_well(text) or tandem_repeat(text) is not None


def _rank(writer: Writer, hearing: Hearing) -> tuple[bool, bool, float]:
    """Text that does not go in circles before text that does; then what ended; then the likelier."""
    return not _circles(writer, hearing), hearing.row.ended, hearing.row.avg_logprob
