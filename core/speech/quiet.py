"""Where audio is quietest: the place to cut speech that never pauses.

Kept apart from `chunks.py`, which knows no audio. Another idea of a good cut is another function of the same shape (`chunks.Quiet`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audio.wav import read_samples

if TYPE_CHECKING:
    from ..audio.wav import Audio

_HOP_MS = 10
_WINDOW_HOPS = 12  # a stop consonant's closure is about 100 ms


def quietest_ms(audio: Audio, start_ms: int, end_ms: int) -> int:
    """The middle of the quietest 120 ms of [start_ms, end_ms), in milliseconds; where several are equal, the most central one."""
    import numpy as np

    hop = audio.sample_rate * _HOP_MS // 1000
    first = start_ms * audio.sample_rate // 1000
    samples = read_samples(audio, first, end_ms * audio.sample_rate // 1000)
    hops = len(samples) // hop
    if hops < _WINDOW_HOPS:
        return (start_ms + end_ms) // 2
    energy = np.square(samples[: hops * hop].reshape(hops, hop), dtype=np.float64).sum(axis=1)
    total = np.convolve(energy, np.ones(_WINDOW_HOPS), "valid")
    # rounding in the sums must not decide between equal places
    lowest = np.flatnonzero(total <= total.min() + 1e-9 * total.max())
    central = lowest[np.argmin(np.abs(lowest - (len(total) - 1) / 2))]
    return start_ms + (int(central) + _WINDOW_HOPS // 2) * _HOP_MS
