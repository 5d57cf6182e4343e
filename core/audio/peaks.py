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


def peaks_size(samples: int) -> int:
    """Bytes of the file for `samples` of sound."""
    return 24 + 2 * -(-samples // SAMPLES_PER_PIXEL)


def write_header(file: IO[bytes], samples: int) -> None:
    """The header for `samples` of sound."""
    file.write(struct.pack("<iIiiIi", 2, 1, SAMPLE_RATE, SAMPLES_PER_PIXEL, -(-samples // SAMPLES_PER_PIXEL), 1))


def write_pixels(file: IO[bytes], block: NDArray[np.int16]) -> None:
    """The pixels of a block of 16-bit samples; every block but the last must hold whole pixels."""
    import numpy as np

    missing = -len(block) % SAMPLES_PER_PIXEL
    pixels = np.pad(block, (0, missing), mode="edge").reshape(-1, SAMPLES_PER_PIXEL)
    pairs = np.stack([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
    file.write((pairs >> 8).astype(np.int8).tobytes())
