"""The stage between audio and recognition: where speech is, and which chunks the recogniser hears.

    Audio -detector-> probabilities -find_regions-> SpeechRegion[] -pack-> Chunk[]

What `regions.json` keeps is `to_json` of the result; a new field goes into both directions here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from ..document import SpeechRegion
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
    """Find the speech of `audio`; opens and closes `detector`. Raises what the detector and `progress` raise."""
    with detector:
        probabilities = _hear(audio, detector, progress)
    regions = find_regions(probabilities, detector.frame_ms, audio.duration_ms, options.regions)
    chunks = pack(regions, partial(quietest_ms, audio), audio.duration_ms, options.chunks)
    return SpeechMap(regions, chunks, detector.name)


def to_json(speech: SpeechMap) -> dict[str, Any]:
    """Plain data for `regions.json`: {"detector", "regions": [{"start_ms", "end_ms", "confidence"}], "chunks": [{..., "regions"}]}."""
    return asdict(speech)


def from_json(data: dict[str, Any]) -> SpeechMap:
    """The inverse of `to_json`. Raises KeyError or TypeError for anything else."""
    chunks = (Chunk(chunk["start_ms"], chunk["end_ms"], _regions(chunk)) for chunk in data["chunks"])
    return SpeechMap(_regions(data), tuple(chunks), data["detector"])


def _regions(data: dict[str, Any]) -> tuple[SpeechRegion, ...]:
    return tuple(SpeechRegion(**region) for region in data["regions"])


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
