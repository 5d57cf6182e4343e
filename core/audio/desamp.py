"""Filter and keep every n-th sample: vDSP's arithmetic in numpy, and the walk over blocks that vDSP and numpy share.

A `Kernel` computes C[n] = sum over p of A[n * factor + p] * F[p] (developer.apple.com/documentation/accelerate/vdsp_desamp): correlation order,
no memory between calls, and A must hold factor * (count - 1) + len(F) samples. `Decimator` gives it what it needs: half a filter of silence in
front, so that nothing is delayed, and the end of each block again before the next. Another implementation is another function of that shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .fir import low_pass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kernel = Callable[["NDArray[np.float32]", int, "NDArray[np.float32]", int], "NDArray[np.float32]"]
"""(signal, factor, taps, count) -> `count` samples."""


def needed_samples(factor: int, taps: int, count: int) -> int:
    """How many samples a kernel reads to write `count` of them."""
    return factor * (count - 1) + taps if count else 0


def desamp(signal: NDArray[np.float32], factor: int, taps: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """vDSP_desamp in numpy, `count` float32 samples. Raises ValueError when `signal` is too short for them, where vDSP would read on."""
    import numpy as np

    if len(signal) < needed_samples(factor, len(taps), count):
        raise ValueError(f"{count} samples need {needed_samples(factor, len(taps), count)}, not {len(signal)}")
    if not count:
        return np.zeros(0, np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(signal, len(taps))[::factor][:count]
    filtered: NDArray[np.float32] = windows @ taps
    return filtered


class Decimator:
    """A signal that arrives in blocks of any lengths, at a `factor`-th of its rate and without delay.

    In all it answers a `factor`-th of the samples, halves rounded up, as soxr does. It holds no more than a filter's length between blocks.
    """

    def __init__(self, factor: int, kernel: Kernel) -> None:
        import numpy as np

        self._factor, self._kernel, self._taps = factor, kernel, low_pass(factor)
        self._half = len(self._taps) // 2
        self._held: NDArray[np.float32] = np.zeros(self._half, np.float32)
        self._arrived = self._answered = 0

    def push(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples (float32, 1-D); answers those that they complete, perhaps none."""
        import numpy as np

        self._arrived += len(block)
        self._held = np.concatenate((self._held, block))
        return self._filter(max(0, len(self._held) - len(self._taps) + self._factor) // self._factor)

    def finish(self) -> NDArray[np.float32]:
        """The last samples, to which half a filter of silence belongs."""
        import numpy as np

        self._held = np.concatenate((self._held, np.zeros(self._half + self._factor, np.float32)))
        return self._filter((2 * self._arrived + self._factor) // (2 * self._factor) - self._answered)

    def _filter(self, count: int) -> NDArray[np.float32]:
        samples = self._kernel(self._held, self._factor, self._taps, count)
        self._held = self._held[count * self._factor :]
        self._answered += count
        return samples
