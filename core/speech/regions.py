"""From probabilities to regions: hysteresis, then the rules for short pauses and short sounds. Pure arithmetic, no audio.

A rule for what counts as speech goes here, as one more step of `find_regions`; how audio is cut for the recogniser belongs to `chunks.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..document import SpeechRegion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RegionOptions:
    """`threshold` starts speech, `threshold - fall` ends it; lengths in milliseconds."""

    threshold: float = 0.5
    fall: float = 0.15
    min_speech_ms: int = 200
    min_silence_ms: int = 300


def find_regions(
    probabilities: NDArray[np.float32], frame_ms: int, duration_ms: int, options: RegionOptions = RegionOptions()
) -> tuple[SpeechRegion, ...]:
    """Regions of speech in time order, inside [0, duration_ms], never overlapping.

    `probabilities` has shape (frames,), one for each `frame_ms`. A region is a run of frames at or above `threshold - fall` of which one
    reaches `threshold`. Pauses under `min_silence_ms` are closed first, then what is shorter than `min_speech_ms` is dropped: a 100 ms
    sound counts only near other speech. `confidence` is the mean probability. The edges are the detector's own, for timing subtitles;
    the margin that a recogniser wants is added to chunks (`ChunkOptions.pad_ms`).
    """
    first, stop = _close_pauses(*_runs(probabilities, options), frame_ms, options.min_silence_ms)
    start_ms, end_ms = first * frame_ms, (stop * frame_ms).clip(max=duration_ms)
    kept = end_ms - start_ms >= max(options.min_speech_ms, 1)
    confidence = _means(probabilities, first[kept], stop[kept])
    spans = zip(start_ms[kept].tolist(), end_ms[kept].tolist(), confidence, strict=True)
    return tuple(SpeechRegion(start, end, mean) for start, end, mean in spans)


def _runs(probabilities: NDArray[np.float32], options: RegionOptions) -> tuple[Frames, Frames]:
    """First and one-past-last frames of the runs that hysteresis calls speech."""
    import numpy as np

    # float32, as the probabilities are: 0.5 - 0.15 in double precision lies above float32(0.35)
    high, low = np.float32(options.threshold), np.float32(options.threshold - options.fall)
    inside = np.concatenate(([False], probabilities >= low, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    first, stop = edges[::2], edges[1::2]
    if not first.size:
        return first, stop
    reached = np.maximum.reduceat(probabilities, first) >= high
    return first[reached], stop[reached]


def _close_pauses(first: Frames, stop: Frames, frame_ms: int, min_silence_ms: int) -> tuple[Frames, Frames]:
    """Join neighbours with less than `min_silence_ms` between them."""
    import numpy as np

    apart = (first[1:] - stop[:-1]) * frame_ms >= min_silence_ms
    return np.concatenate((first[:1], first[1:][apart])), np.concatenate((stop[:-1][apart], stop[-1:]))


def _means(probabilities: NDArray[np.float32], first: Frames, stop: Frames) -> list[float]:
    """Mean probability of each run, rounded to 4 places."""
    import numpy as np

    totals = np.concatenate(([0.0], np.cumsum(probabilities, dtype=np.float64)))
    means: list[float] = np.round((totals[stop] - totals[first]) / (stop - first), 4).tolist()
    return means
