"""The sum of all pieces: one float32 sample a sample of the range, added to in place while blocks arrive.

Sums are never clipped; the caller scales once at the end. A new kind of level change becomes one more factor in `envelope`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..timeline import AudioPiece
from .spans import Placement
from .wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEMORY_LIMIT_SAMPLES = 2 * 3600 * SAMPLE_RATE  # 460 MB of floats; longer sums live in a file
_FILL_BYTES = 1 << 22
_STEPS = 1 << 19  # a full-scale sample is this many whole steps: whole floats add exactly, whichever decoder comes first


class Mix:
    """A mono sum of `samples` floats that several threads may add to. With a `file` it lives there, not in memory."""

    def __init__(self, samples: int, file: Path | None = None) -> None:
        import numpy as np

        self._lock = threading.Lock()
        if file is None:
            self._sum: NDArray[np.float32] = np.zeros(samples, np.float32)
        else:
            _fill(file, 4 * samples)
            self._sum = np.memmap(file, np.float32, "r+", shape=(samples,))

    def add(self, placement: Placement, first: int, block: NDArray[np.float32], columns: Sequence[int]) -> None:
        """Add what `block` holds of the placement: samples [first, first + len(block)) of its lane, the mean of `columns` of the block."""
        import numpy as np

        low = max(placement.first, first, placement.first - placement.record)
        high = min(placement.first + placement.count, first + len(block), placement.first - placement.record + len(self._sum))
        if low >= high:
            return
        factor = envelope(placement, low - placement.first, high - placement.first) * np.float32(_STEPS / len(columns))
        wanted = block[low - first : high - first]
        heard = wanted[:, columns[0]] * factor
        for column in columns[1:]:
            heard += wanted[:, column] * factor
        np.rint(heard, out=heard)
        record = placement.record + low - placement.first
        with self._lock:
            self._sum[record : record + len(heard)] += heard

    def blocks(self, size: int, full_scale: float) -> Iterator[NDArray[np.float32]]:
        """The sum so far in order, `size` samples at a time, as copies in which a sample at full scale has the value `full_scale`."""
        import numpy as np

        for start in range(0, len(self._sum), size):
            yield self._sum[start : start + size] * np.float32(full_scale / _STEPS)

    def peak(self, size: int) -> float:
        """The largest absolute sample, 1 at full scale, found in blocks of `size`."""
        highest = 0.0
        for start in range(0, len(self._sum), size):
            block = self._sum[start : start + size]
            highest = max(highest, float(block.max()), -float(block.min()))
        return highest / _STEPS


def envelope(placement: Placement, low: int, high: int) -> NDArray[np.float32] | np.float32:
    """The factor for samples [low, high) of a placement: its gain, or its key frames (linear in dB), times its linear fades."""
    import numpy as np

    piece = placement.piece
    fade_in, fade_out = float(piece.fade_in_s) * SAMPLE_RATE, float(piece.fade_out_s) * SAMPLE_RATE
    fading_in, fading_out = low < fade_in, high > placement.count - fade_out
    if not (piece.gain_keys or fading_in or fading_out):
        return np.float32(10 ** (piece.gain_db / 20))
    samples = np.arange(low, high)
    factor = np.asarray(10 ** (_decibels(piece, samples) / 20))
    if fading_in:
        factor = factor * np.clip(samples / fade_in, 0, 1)
    if fading_out:
        factor = factor * np.clip((placement.count - samples) / fade_out, 0, 1)
    return factor.astype(np.float32)


def _decibels(piece: AudioPiece, samples: NDArray[np.int64]) -> NDArray[np.float64] | float:
    import numpy as np

    if not piece.gain_keys:
        return piece.gain_db
    keys = sorted(piece.gain_keys, key=lambda key: key.record_s)
    return np.interp(samples / SAMPLE_RATE, [float(key.record_s) for key in keys], [key.gain_db for key in keys])


def _fill(file: Path, size: int) -> None:
    """Write real zeros: a sparse file would kill the process instead of raising OSError when the disk runs full."""
    with file.open("wb") as output:
        for start in range(0, size, _FILL_BYTES):
            output.write(bytes(min(_FILL_BYTES, size - start)))
        output.flush()
        os.fsync(output.fileno())
