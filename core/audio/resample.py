"""Samples in memory at another rate: Accelerate's vDSP_desamp on a Mac where the ratio is a whole number, soxr everywhere else.

Both keep every sound at its time and reject aliases by 100 dB and more; `docs/resampling.md` shows it, and why linear interpolation does not.
Another implementation is a kernel for `desamp.Decimator`, or a branch in `resample` and `resample_blocks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from . import accelerate
from .desamp import Decimator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Method = Literal["same", "accelerate", "soxr"]
LARGEST_FACTOR = 12  # 192 kHz to 16 kHz
_BLOCK = 1 << 18


def whole_ratio(source_rate: float, target_rate: float) -> int | None:
    """By how much a rate is divided, where that is a whole number of 1 to 12; else None."""
    factor, rest = divmod(source_rate, target_rate)
    return int(factor) if not rest and 1 <= factor <= LARGEST_FACTOR else None


def method_for(source_rate: float, target_rate: float) -> Method:
    """Who resamples between these rates on this machine."""
    if source_rate == target_rate:
        return "same"
    return "accelerate" if whole_ratio(source_rate, target_rate) and accelerate.available() else "soxr"


def resample(samples: NDArray[np.float32], source_rate: float, target_rate: float) -> NDArray[np.float32]:
    """`samples` (float32, 1-D) at `target_rate`, both in Hz: len * target / source samples, rounded; a signal at its own rate comes back itself.

    Raises ValueError for a rate that is not positive.
    """
    import numpy as np

    method = method_for(_positive(source_rate), _positive(target_rate))
    if method == "same":
        return samples
    if method == "soxr":
        import soxr

        return np.asarray(soxr.resample(samples, source_rate, target_rate), np.float32)
    decimator = Decimator(int(source_rate // target_rate), accelerate.desamp)
    parts = [decimator.push(samples[start : start + _BLOCK]) for start in range(0, len(samples), _BLOCK)]
    return np.concatenate([*parts, decimator.finish()])


def resample_blocks(blocks: Iterable[NDArray[np.float32]], columns: int, rates: tuple[int, int]) -> Iterator[NDArray[np.float32]]:
    """Blocks of shape (samples, columns), float32, from `rates[0]` to `rates[1]` Hz, as blocks of other lengths; little is held at a time."""
    source_rate, target_rate = (_positive(rate) for rate in rates)
    method = method_for(source_rate, target_rate)
    if method == "same":
        yield from blocks
    elif method == "soxr":
        yield from _by_soxr(blocks, columns, rates)
    else:
        yield from _by_accelerate(blocks, columns, int(source_rate // target_rate))


def _by_accelerate(blocks: Iterable[NDArray[np.float32]], columns: int, factor: int) -> Iterator[NDArray[np.float32]]:
    import numpy as np

    decimators = [Decimator(factor, accelerate.desamp) for _ in range(columns)]
    for block in blocks:
        yield np.stack([decimator.push(block[:, column]) for column, decimator in enumerate(decimators)], axis=1)
    yield np.stack([decimator.finish() for decimator in decimators], axis=1)


def _by_soxr(blocks: Iterable[NDArray[np.float32]], columns: int, rates: tuple[int, int]) -> Iterator[NDArray[np.float32]]:
    import numpy as np
    import soxr

    stream = soxr.ResampleStream(*rates, columns, "float32")
    for block in blocks:
        yield np.asarray(stream.resample_chunk(block), np.float32).reshape(-1, columns)
    yield np.asarray(stream.resample_chunk(np.zeros((0, columns), np.float32), last=True), np.float32).reshape(-1, columns)


def _positive(rate: float) -> float:
    if rate <= 0:
        raise ValueError(f"a sample rate is more than 0, not {rate}")
    return rate
