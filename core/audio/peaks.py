"""The waveform's outline: audiowaveform's .dat, version 2, 8 bits, which peaks.js and waveform-data.js read.

Layout (little-endian): int32 version, uint32 flags (1 = 8-bit), int32 sample rate, int32 samples per pixel, uint32 pixels, int32 channels,
then int8 minimum and maximum of every pixel (https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md).
"""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING

from .wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLES_PER_PIXEL = 160
HEADER = struct.Struct("<iIiiIi")
_CACHED_SAMPLES = 160_000  # read twice: the second time they are still in the processor's cache


def peaks_size(samples: int) -> int:
    """Bytes of the file for `samples` of sound."""
    return 24 + 2 * -(-samples // SAMPLES_PER_PIXEL)


def write_header(file: IO[bytes], samples: int) -> None:
    """The header for `samples` of sound."""
    file.write(header(-(-samples // SAMPLES_PER_PIXEL), SAMPLES_PER_PIXEL))


def header(pixels: int, samples_per_pixel: int) -> bytes:
    """The 24 bytes before `pixels` pairs of one channel."""
    return HEADER.pack(2, 1, SAMPLE_RATE, samples_per_pixel, pixels, 1)


def write_pixels(file: IO[bytes], block: NDArray[np.int16]) -> None:
    """The pixels of a block of 16-bit samples; every block but the last must hold whole pixels."""
    file.write(pixels_of(block).tobytes())


def pixels_of(samples: NDArray[np.int16], samples_per_pixel: int = SAMPLES_PER_PIXEL) -> NDArray[np.int8]:
    """Minimum and maximum of every run of `samples_per_pixel` 16-bit samples, 8 bits each, shape (pixels, 2); the last run may be shorter."""
    import numpy as np

    missing = -len(samples) % samples_per_pixel
    last = samples[len(samples) - len(samples) % samples_per_pixel :]
    runs = samples[: len(samples) - len(last)].reshape(-1, samples_per_pixel)
    pairs = np.empty((len(runs) + bool(missing), 2), np.int16)
    step = max(1, _CACHED_SAMPLES // samples_per_pixel)
    for at in range(0, len(runs), step):
        np.minimum.reduce(runs[at : at + step], axis=1, out=pairs[at : min(at + step, len(runs)), 0])
        np.maximum.reduce(runs[at : at + step], axis=1, out=pairs[at : min(at + step, len(runs)), 1])
    if missing:
        pairs[-1] = last.min(), last.max()
    return (pairs >> 8).astype(np.int8)
