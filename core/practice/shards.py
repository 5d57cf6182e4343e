"""Speak the training text: shards of int16 speech at 16 kHz, made in worker processes.

A shard is two files, `NNN.i16` (utterances end to end, silence trimmed) and `NNN.npy` (their lengths in samples, written last, so
its presence means the shard is whole). To change the speakers: see `cast`.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.resample import resample
from ..errors import StageError
from .voice import VARIANTS, Voice, speak_timed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHARD_SIZE = 2048
SAMPLE_RATE = 16_000


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """Where the shards of one text file lie."""

    folder: Path
    utterances: int

    @property
    def count(self) -> int:
        """Number of shards; the last may be short."""
        return -(-self.utterances // SHARD_SIZE)

    def ready(self, index: int) -> bool:
        """Whether the shard is whole; raises StageError when a voice has failed and it will never be."""
        if self.failure_path.exists():
            raise StageError("practice.voice_stopped", detail=self.failure_path.read_text("utf-8"))
        return self.lengths_path(index).exists()

    @property
    def failure_path(self) -> Path:
        """Written by a voice process that failed, for everybody who waits for it."""
        return self.folder / "failed.txt"

    def lengths_path(self, index: int) -> Path:
        """The file that holds the lengths."""
        return self.folder / f"{index:03}.npy"

    def audio_path(self, index: int) -> Path:
        """The file that holds the samples."""
        return self.folder / f"{index:03}.i16"


def cast(index: int, seed: int) -> Voice:
    """The voice of utterance `index`: any variant, 120-210 words a minute, pitch 30-70."""
    rng = random.Random(seed * 1_000_003 + index)
    return Voice(rng.choice(VARIANTS), rng.randint(120, 210), rng.randint(30, 70))


def speak_16k(text: str, voice: Voice) -> NDArray[np.float32]:
    """`text` spoken, silence trimmed, as float32 samples in -1..1 at 16 kHz; raises as `speak_timed` does."""
    import numpy as np

    spoken = speak_timed(text, voice)
    return resample(spoken.trimmed().astype(np.float32) / np.float32(32768), spoken.sample_rate, SAMPLE_RATE)


@contextmanager
def voices_speaking(texts: tuple[str, ...], shards: ShardFolder, seed: int, workers: int) -> Iterator[None]:
    """Speak every missing shard, in order, with `workers` background processes; leaving early stops them."""
    shards.folder.mkdir(parents=True, exist_ok=True)
    shards.failure_path.unlink(missing_ok=True)
    jobs = [(shards, index, texts[index * SHARD_SIZE : (index + 1) * SHARD_SIZE], seed) for index in range(shards.count) if not shards.ready(index)]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pool.map_async(_speak_shard, jobs, chunksize=1)
        yield


def _speak_shard(job: tuple[ShardFolder, int, tuple[str, ...], int]) -> None:
    shards, index, texts, seed = job
    try:
        write_shard(shards, index, texts, seed)
    except Exception as error:
        shards.failure_path.write_text(repr(error), "utf-8")
        raise


def write_shard(shards: ShardFolder, index: int, texts: tuple[str, ...], seed: int) -> None:
    """Speak `texts`, the shard's share of the text, and write both files; raises as `speak_timed` does."""
    import numpy as np

    lengths = []
    audio = shards.audio_path(index)
    with audio.with_suffix(".tmp").open("wb") as file:
        for offset, text in enumerate(texts):
            samples = speak_16k(text, cast(index * SHARD_SIZE + offset, seed))
            file.write((samples * 32767).clip(-32768, 32767).astype(np.int16).tobytes())
            lengths.append(len(samples))
    os.replace(audio.with_suffix(".tmp"), audio)
    partial = shards.folder / f"{index:03}.partial"
    with partial.open("wb") as file:
        np.save(file, np.array(lengths, np.int64))
    os.replace(partial, shards.lengths_path(index))
