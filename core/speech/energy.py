"""Speech by loudness and spectrum: a detector that needs numpy only.

A frame is speech when it stands out of the noise around it and is neither flat like noise nor one line like a tone. Hiss-like frames (s,
c, f) count beside voiced ones only. Music and other changing sounds are taken for speech: Silero is the detector to prefer. To judge by
one more property, add a column in `_features` and use it in `_judge`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..audio.wav import SAMPLE_RATE, iter_blocks
from .base import FRAME_MS, FRAME_SAMPLES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio

    Floats = NDArray[np.float32]

_FLOOR_FRAMES = 156  # 5 s on either side: longer than a phrase, so that a pause is in reach
_HISS_FRAMES = 4
_VOICED_FRAMES = 2  # noise may look voiced for one frame
_REACH = _FLOOR_FRAMES + _HISS_FRAMES
_QUIETEST_DBFS = -65.0
_ABOVE_FLOOR_DB, _SLOPE_DB = 9.0, 1.5
# measured on the computer voice, on white noise (flatness 0.42-0.70) and on tones (tonality 1.0)
_FLAT, _TONAL = 0.4, 0.8
_HISS_PROBABILITY = 0.45  # carries a region on, cannot start one
_BAND_HZ = (150, 4000)
_LINE_BINS = 5  # width of a pure tone under the window
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class EnergyDetector:
    """`block_frames` frames are analysed at a time."""

    block_frames: int = 512

    name = "energy"
    frame_ms = FRAME_MS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def probabilities(self, audio: Audio) -> Iterator[Floats]:
        """See SpeechDetector; a block comes out once the 5 s after it are known."""
        features = (_features(samples) for samples in iter_blocks(audio, self.block_frames * FRAME_SAMPLES))
        for surrounded in _with_surroundings(features):
            yield _judge(surrounded)


def _features(samples: Floats) -> Floats:
    """Level in dBFS, flatness 0..1 and tonality 0..1 of each frame: shape (frames, 3)."""
    import numpy as np

    count = -(-len(samples) // FRAME_SAMPLES)
    frames = np.zeros((count, FRAME_SAMPLES), dtype=np.float32)
    frames.reshape(-1)[: len(samples)] = samples
    window = np.hanning(FRAME_SAMPLES).astype(np.float32)
    spectrum = np.fft.rfft(frames * window)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    bin_hz = SAMPLE_RATE / FRAME_SAMPLES
    low, high = (int(edge // bin_hz) for edge in _BAND_HZ)
    full_scale = FRAME_SAMPLES * np.square(window).sum() / 2
    level = 10 * np.log10(power[:, low:].sum(axis=1) / full_scale + _TINY)
    band, hz = power[:, low:high], np.arange(low, high, dtype=np.float32)
    # room noise falls with frequency: it is flat once raised
    flatness = np.maximum(_flatness(band), _flatness(band * hz))
    # raised more, or a low voice's fundamental would look like a tone
    raised = band * np.square(hz)
    lines = np.lib.stride_tricks.sliding_window_view(raised, _LINE_BINS, axis=1).sum(axis=2)
    tonality = lines.max(axis=1) / (raised.sum(axis=1) + _TINY)
    return np.stack((level, flatness, tonality), axis=1).astype(np.float32)


def _flatness(power: Floats) -> Floats:
    """Geometric over arithmetic mean of each row: shape (frames,)."""
    import numpy as np

    flatness: Floats = np.exp(np.log(power + _TINY).mean(axis=1)) / (power.mean(axis=1) + _TINY)
    return flatness


def _with_surroundings(blocks: Iterator[Floats]) -> Iterator[Floats]:
    """The same rows in order, each block with `_REACH` rows before and after it; outside the audio are rows that mean nothing."""
    import numpy as np

    outside = np.tile(np.array([np.inf, 1, 0], dtype=np.float32), (_REACH, 1))
    held = outside
    for block in blocks:
        held = np.concatenate((held, block))
        if len(held) > 2 * _REACH:
            yield held
            held = held[-2 * _REACH :]
    held = np.concatenate((held, outside))
    if len(held) > 2 * _REACH:
        yield held


def _judge(rows: Floats) -> Floats:
    """Probabilities of all rows but the `_REACH` first and last ones: shape (len(rows) - 2 * _REACH,)."""
    import numpy as np

    view = np.lib.stride_tricks.sliding_window_view
    floor = view(rows[:, 0], 2 * _FLOOR_FRAMES + 1).min(axis=1).clip(min=_QUIETEST_DBFS)
    level, flatness, tonality = rows[_FLOOR_FRAMES:-_FLOOR_FRAMES].T
    above = (level - floor - _ABOVE_FLOOR_DB) / _SLOPE_DB
    loud = 1 / (1 + np.exp(-above.clip(-30, 30)))
    voiced = np.where((flatness < _FLAT) & (tonality < _TONAL), loud, 0)
    beside_voice = view(voiced >= 0.5, 2 * _HISS_FRAMES + 1).sum(axis=1) >= _VOICED_FRAMES
    inner = slice(_HISS_FRAMES, -_HISS_FRAMES)
    hiss = np.where(beside_voice & (flatness[inner] >= _FLAT), loud[inner], 0).clip(max=_HISS_PROBABILITY)
    speech: Floats = np.maximum(voiced[inner], hiss).astype(np.float32)
    return speech
