"""The seam every recogniser fits: chunks of audio in, lines with times out, a few chunks at a time.

To add a recogniser: write a module beside `whisper_hf.py` with a factory `(folder, device) -> Transcriber`, give it an entry in
`core/backends.py`, and add it to `TRANSCRIBERS` of `tests/asr/test_transcriber.py`, the contract that all of them keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from ..document import Segment

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..speech.chunks import Chunk


# flag of a segment whose characters share its speech because nothing told when each was said
SHARED_TIMES = "shared_times"


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """How to recognise.

    `language` is Whisper's code; 'yue' becomes 'zh' where a model's vocabulary has no Cantonese. `batch_size` chunks are decoded together;
    it changes speed and memory, never text. `max_tokens` counts what the model reads and writes for one chunk, prompt included: Whisper
    has 448 places, and Cantonese needs more than the usual half of them. (Qwen3-ASR has places to spare: there it counts what is written.)
    Raises ValueError for sizes below 1.
    """

    language: str = "yue"
    batch_size: int = 8
    max_tokens: int = 440
    prompt: str = ""
    temperatures: tuple[float, ...] = (0.2, 0.4)
    times: bool = True

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.max_tokens < 1:
            raise ValueError(f"batch_size and max_tokens must be at least 1: {self}")


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What was heard in chunk number `chunk_index` of the call.

    `segments` are in time order inside the chunk and never overlap. `tokens` are the model's own, end mark left out. `avg_logprob` is the mean
    natural log probability of all tokens of the chunk, end mark included; `no_speech` is the probability 0..1 that the model gave to
    silence before it wrote anything. `hit_cap`: the token limit came before the end mark, even after the chunk was cut in two, so words may be
    missing. `temperature` is the one that this text was written at, the highest where the chunk had to be cut.
    """

    chunk_index: int
    segments: tuple[Segment, ...]
    tokens: tuple[int, ...] = ()
    avg_logprob: float = 0.0
    no_speech: float = 0.0
    hit_cap: bool = False
    temperature: float = 0.0


class Transcriber(Protocol):
    """Used inside one `with`: entering loads the model, leaving frees its memory.

    One thread owns a transcriber from entering to leaving.
    """

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        """One result for each chunk, in the order of `chunks`, handed out after every batch.

        Raises StageError `asr.out_of_memory` or `asr.failed`, SetupError `asr.no_language`, and Whisper's ValueError for a chunk of which more than
        30 s are heard (`speech/clock.py`).
        """

    def __enter__(self) -> Self:
        """Load the model. Raises SetupError `asr.*` when its folder cannot be used."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
