"""Peaks: the outline of sound as pairs of minimum and maximum, in levels of which each has a quarter of the points of the one before.

The job's `peaks.dat` is the finest level; audiowaveform's .dat and JSON (version 2, 8 bits) are read by peaks.js and waveform-data.js. Another file
format is one more function beside `write_json_peaks`; how peaks are drawn is in `waveform_scene.py`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.peaks import HEADER, SAMPLES_PER_PIXEL, header, pixels_of
from ..audio.wav import SAMPLE_RATE
from ..errors import InputError
from ..files import replacing, write_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEP = 4
_SMALLEST = 1024  # pixels: a level that fits on a screen needs no coarser one


@dataclass(frozen=True, slots=True)
class Peaks:
    """`pairs` are int8 minimum and maximum of every `samples_per_pixel` samples at 16 kHz, shape (pixels, 2)."""

    pairs: NDArray[np.int8]
    samples_per_pixel: int = SAMPLES_PER_PIXEL

    @property
    def pixels_per_s(self) -> float:
        """Pixels in a second of sound."""
        return SAMPLE_RATE / self.samples_per_pixel


def peaks_of(samples: NDArray[np.int16], samples_per_pixel: int = SAMPLES_PER_PIXEL) -> Peaks:
    """Peaks of 16-bit samples at 16 kHz, shape (samples,)."""
    return Peaks(pixels_of(samples, samples_per_pixel), samples_per_pixel)


def pyramid(finest: Peaks) -> tuple[Peaks, ...]:
    """The level given and every coarser one, a quarter of the points each, down to what fits on a screen (5 levels in an hour)."""
    levels = [finest]
    while len(levels[-1].pairs) > _SMALLEST:
        levels.append(coarser(levels[-1]))
    return tuple(levels)


def coarser(peaks: Peaks) -> Peaks:
    """Four pixels become one; the last may stand for fewer."""
    import numpy as np

    pairs = peaks.pairs
    missing = -len(pairs) % STEP
    if missing:
        pairs = np.concatenate([pairs, np.repeat(pairs[-1:], missing, axis=0)])
    first, second, third, fourth = (pairs[start::STEP] for start in range(STEP))  # much quicker than the minimum of rows of four
    low = np.minimum(np.minimum(first[:, 0], second[:, 0]), np.minimum(third[:, 0], fourth[:, 0]))
    high = np.maximum(np.maximum(first[:, 1], second[:, 1]), np.maximum(third[:, 1], fourth[:, 1]))
    return Peaks(np.stack([low, high], axis=1), peaks.samples_per_pixel * STEP)


def read_peaks(path: Path) -> Peaks:
    """The peaks in an audiowaveform .dat of one channel, 8 bits, 16 kHz.

    Raises InputError `waveform.damaged_peaks` for anything else and OSError when it cannot be opened.
    """
    import numpy as np

    data = path.read_bytes()
    try:
        version, flags, rate, samples_per_pixel, pixels, channels = HEADER.unpack_from(data)
        if (version, flags, rate, channels) != (2, 1, SAMPLE_RATE, 1) or samples_per_pixel < 1:
            raise ValueError(f"version {version}, flags {flags}, {rate} Hz, {channels} channels")
        pairs = np.frombuffer(data, np.int8, 2 * pixels, HEADER.size).reshape(-1, 2)
    except (ValueError, struct.error) as error:
        raise InputError("waveform.damaged_peaks", file=path, detail=repr(error)) from error
    return Peaks(pairs, samples_per_pixel)


def write_dat(peaks: Peaks, path: Path) -> None:
    """Write audiowaveform's .dat, aside and then renamed. Raises InputError `files.*`."""
    with replacing(path) as part:
        part.write_bytes(header(len(peaks.pairs), peaks.samples_per_pixel) + peaks.pairs.tobytes())


def write_json_peaks(peaks: Peaks, path: Path) -> None:
    """Write audiowaveform's JSON (version 2), aside and then renamed: minimum, maximum, minimum ... in `data`. Raises InputError `files.*`."""
    shape = {"version": 2, "channels": 1, "sample_rate": SAMPLE_RATE, "samples_per_pixel": peaks.samples_per_pixel, "bits": 8}
    write_text(path, json.dumps({**shape, "length": len(peaks.pairs), "data": peaks.pairs.ravel().tolist()}, separators=(",", ":")) + "\n")
