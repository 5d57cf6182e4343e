"""What both Whisper backends are: a resident model whose chunks go through `decoding.py`. Another library that runs Whisper writes `_load`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..resident import Resident
from .base import ChunkResult, TranscribeOptions
from .decoding import Model, transcribe_chunks

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..speech.chunks import Chunk


class Whisper(Resident[Model]):
    """The Transcriber of a Whisper model."""

    kind = "asr"

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        """See `base.Transcriber`."""
        with self._working() as model:
            yield from transcribe_chunks(model, audio, chunks, options)
