"""The job's one audio file: 16 kHz mono 16-bit WAV, read in pieces so that three hours cost no more memory than ten minutes.

Every later stage hears the timeline through `read_samples` or `iter_blocks`; nothing else opens the file.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Audio:
    """A mono WAV at 16 kHz on disk; sample 0 is the first frame of the chosen range."""

    path: Path
    samples: int
    sample_rate: int = SAMPLE_RATE

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds, rounded down."""
        return self.samples * 1000 // self.sample_rate


def open_audio(path: Path) -> Audio:
    """Describe a WAV that extraction wrote. Raises InputError `audio.not_job_audio` for any other file."""
    try:
        with wave.open(str(path), "rb") as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            samples = file.getnframes()
    except (OSError, EOFError, wave.Error) as error:
        raise InputError("audio.not_job_audio", file=path, detail=repr(error)) from error
    if shape != (1, 2, SAMPLE_RATE):
        raise InputError("audio.not_job_audio", file=path, detail=f"channels, bytes, rate = {shape}")
    return Audio(path, samples)


def read_samples(audio: Audio, start: int, stop: int) -> NDArray[np.float32]:
    """Samples [start, stop) as float32 in -1..1, shape (stop - start,) cut to the file's end."""
    import numpy as np

    start = max(0, min(start, audio.samples))
    with wave.open(str(audio.path), "rb") as file:
        file.setpos(start)
        data = file.readframes(max(0, min(stop, audio.samples) - start))
    return np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)


def iter_blocks(audio: Audio, block: int) -> Iterator[NDArray[np.float32]]:
    """The whole file in blocks of `block` samples, float32 in -1..1; the last one may be shorter."""
    import numpy as np

    with wave.open(str(audio.path), "rb") as file:
        while data := file.readframes(block):
            yield np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)
