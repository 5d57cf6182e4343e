"""The stage between audio and recognition: where speech is, and which chunks the recogniser hears.

    Audio -detector-> probabilities -find_regions-> SpeechRegion[] -pack-> Chunk[]

`regions.json` keeps a SpeechMap field by field; a new fact about the speech of a job is a new field of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import SpeechRegion
from ..document_file import read_object
from ..files import write_json
from ..plain import from_plain, to_plain
from .chunks import Chunk, ChunkOptions, pack
from .quiet import quietest_ms
from .regions import RegionOptions, find_regions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from .base import SpeechDetector

SpeechProgress = Callable[[float, float], None]
"""(seconds heard, seconds in all)."""


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """What counts as speech, and how it is cut."""

    regions: RegionOptions = field(default_factory=RegionOptions)
    chunks: ChunkOptions = field(default_factory=ChunkOptions)


@dataclass(frozen=True, slots=True)
class SpeechMap:
    """Where speech is heard, the chunks to recognise, and the detector that said so."""

    regions: tuple[SpeechRegion, ...]
    chunks: tuple[Chunk, ...]
    detector: str


def find_speech(audio: Audio, detector: SpeechDetector, progress: SpeechProgress, options: SpeechOptions = SpeechOptions()) -> SpeechMap:
    """Find the speech of `audio` with a detector that is open (inside its `with`). Raises what the detector and `progress` raise."""
    probabilities = _hear(audio, detector, progress)
    regions = find_regions(probabilities, detector.frame_ms, audio.duration_ms, options.regions)
    chunks = pack(regions, partial(quietest_ms, audio), audio.duration_ms, options.chunks)
    return SpeechMap(regions, chunks, detector.name)


def save_speech(speech: SpeechMap, path: Path) -> None:
    """Write `regions.json`, aside and then renamed. Raises InputError `files.*`."""
    write_json(path, {"schema": "regions/1", **to_plain(speech)})


def load_speech(path: Path) -> SpeechMap:
    """The inverse of `save_speech`. Raises InputError `job.damaged` for anything else and OSError when it cannot be opened."""
    return from_plain(SpeechMap, read_object(path), path)


def _hear(audio: Audio, detector: SpeechDetector, progress: SpeechProgress) -> NDArray[np.float32]:
    """All probabilities in one array: 0.45 MB for an hour."""
    import numpy as np

    total_s, frames = audio.duration_ms / 1000, 0
    blocks = [np.zeros(0, dtype=np.float32)]
    for block in detector.probabilities(audio):
        blocks.append(block)
        frames += len(block)
        progress(min(frames * detector.frame_ms / 1000, total_s), total_s)
    return np.concatenate(blocks)
