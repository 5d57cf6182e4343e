"""What a resampler does to a sine of each frequency, found by sending such sines through it.

A tone below the new rate's Nyquist frequency should come out at its own level, one above it not at all: whatever comes out then is an alias, a
tone of another pitch that nobody made. A resampler is any function from samples at `RATE` to samples at 16 kHz.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..audio.wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 48_000
NYQUIST_HZ = SAMPLE_RATE // 2
FLAT_TO_HZ = 7_000
Resampler = Callable[["NDArray[np.float32]"], "NDArray[np.float32]"]
_SECONDS = 0.25


def levels_db(resampler: Resampler, hertz: Iterable[float]) -> tuple[float, ...]:
    """The level of what comes out for a sine of each frequency, in dB of that sine's; the first and last 20 ms are not looked at."""
    import numpy as np

    clock, edge = np.arange(round(_SECONDS * RATE)) / RATE, SAMPLE_RATE // 50
    found = []
    for frequency in hertz:
        # a phase of its own, so that a tone at half the rate does not vanish between the samples
        heard = resampler(np.sin(2 * np.pi * frequency * clock + 1.0).astype(np.float32))[edge:-edge].astype(np.float64)
        # under a window, or a tone that is cut off within a period would seem too loud or too soft
        power = np.average(heard**2, weights=np.hanning(len(heard)))
        found.append(float(10 * np.log10(max(1e-20, 2 * float(power)))))
    return tuple(found)


def ripple_db(resampler: Resampler) -> float:
    """The largest change of level up to 7 kHz, by tones 100 Hz apart."""
    return max(abs(level) for level in levels_db(resampler, range(100, FLAT_TO_HZ + 1, 100)))


def alias_db(resampler: Resampler, step_hz: int = 50) -> float:
    """The loudest alias of any tone from 8 kHz to 24 kHz, by tones `step_hz` apart and closer together where the filter's edge is.

    None lies on a multiple of 8 kHz, whose alias is no tone.
    """
    near = range(NYQUIST_HZ + 5, NYQUIST_HZ + 405, 10)
    far = range(NYQUIST_HZ + 405, RATE // 2, step_hz)
    return max(levels_db(resampler, [*near, *far]))
