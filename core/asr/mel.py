"""Whisper's picture of sound: the log-mel spectrogram of one chunk, padded with silence to 30 s; Qwen3-ASR takes the same unpadded.

One chunk at a time: Whisper cuts everything 80 dB below the loudest spot of the picture, so a picture of a whole file would erase its quiet
passages, and an hour's would cost 2 GB. Both backends share this one, so that they hear the same.

Source: openai/whisper `audio.py` (25 ms Hann window, 10 ms hop, reflected edges, Slaney mel filters, log10, floor at maximum - 8).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ..audio.wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW_SAMPLES = 30 * SAMPLE_RATE
FRAMES = 3000
_HOP = 160
_FFT = 400
_EMPTY = 1e-10


def log_mel(samples: NDArray[np.float32], n_mels: int) -> NDArray[np.float32]:
    """The picture of `samples` (n,) in -1..1 at 16 kHz, n <= 480,000: float32 of shape (3000, n_mels).

    Raises ValueError for more than 30 s.
    """
    import numpy as np

    if len(samples) > WINDOW_SAMPLES:
        raise ValueError(f"{len(samples)} samples do not fit into a window of 30 s")
    # frames that touch only padding are all alike, so they are not computed
    heard = min(FRAMES, -(-(len(samples) + _FFT // 2) // _HOP))
    padded = np.zeros(WINDOW_SAMPLES, dtype=np.float32)
    padded[: len(samples)] = samples
    mel = np.full((FRAMES, n_mels), _EMPTY, dtype=np.float32)
    mel[:heard] = _mel(padded, heard, n_mels)
    return _scaled(mel)


def log_mel_bare(samples: NDArray[np.float32], n_mels: int) -> NDArray[np.float32]:
    """The picture of `samples` (n,) alone, without silence after them: float32 of shape (n // 160, n_mels).

    Raises ValueError for fewer than 201 samples, whose edges cannot be reflected.
    """
    if len(samples) <= _FFT // 2:
        raise ValueError(f"{len(samples)} samples are too few for a picture")
    return _scaled(_mel(samples, len(samples) // _HOP, n_mels))


def _mel(samples: NDArray[np.float32], frames: int, n_mels: int) -> NDArray[np.float32]:
    """The power of the first `frames` frames in every band."""
    import numpy as np

    padded = np.pad(samples, _FFT // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:frames]
    power = np.abs(np.fft.rfft(windows * _hann(), axis=1)) ** 2
    mel: NDArray[np.float32] = np.maximum(power @ mel_filters(n_mels), _EMPTY).astype(np.float32)
    return mel


def _scaled(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    picture = np.log10(mel)
    scaled: NDArray[np.float32] = (np.maximum(picture, picture.max() - np.float32(8)) + np.float32(4)) / np.float32(4)
    return scaled


@cache
def mel_filters(n_mels: int) -> NDArray[np.float32]:
    """Slaney's mel filter bank as librosa computes it, 0 to 8 kHz, each triangle of unit area: float32 of shape (201, n_mels)."""
    import numpy as np

    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE / 2), n_mels + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, _FFT // 2 + 1)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.maximum(0.0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    return (triangles * (2.0 / (high - low))).astype(np.float32)


# Slaney's scale: linear up to 1 kHz (15 mel), then 27 steps for each factor of 6.4
_HZ_PER_MEL = 200.0 / 3
_BREAK_HZ, _BREAK_MEL = 1000.0, 15.0
_STEPS_PER_LOG = 27.0


def _hz_to_mel(hz: float) -> float:
    import math

    return hz / _HZ_PER_MEL if hz < _BREAK_HZ else _BREAK_MEL + math.log(hz / _BREAK_HZ) * _STEPS_PER_LOG / math.log(6.4)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.where(mel < _BREAK_MEL, mel * _HZ_PER_MEL, _BREAK_HZ * np.exp((mel - _BREAK_MEL) * np.log(6.4) / _STEPS_PER_LOG))


@cache
def _hann() -> NDArray[np.float32]:
    import numpy as np

    return np.hanning(_FFT + 1)[:-1].astype(np.float32)
