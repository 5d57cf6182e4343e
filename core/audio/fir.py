"""The one low-pass filter with which whole-number ratios are resampled, whoever does the arithmetic: vDSP on a Mac, numpy in the tests.

A windowed sinc, so the table is its own recipe: `low_pass` computes it in a fraction of a millisecond and nothing has to be stored. What it does
to every frequency is measured and drawn in `docs/resampling.md` (`python -m core.bench.resample_plot`). To change the filter, change the three
numbers below and make the page again; `tests/audio/test_fir.py` holds the bars.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of the new rate's Nyquist frequency, 8 kHz for speech: flat to 7/8 of it, silent from it on, half-way between the two the gain is one half.
# A Kaiser window of shape b reaches about b / 0.1102 + 8.7 dB and needs (dB - 7.95) / (2.285 * width) taps for a width in radians
# (Kaiser, 1974; Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5.3); the sinc's own ripple takes some of it.
_CUT_OFF = 15 / 16
_KAISER_SHAPE = 10.4
_REACH = 54  # samples of the new rate on each side: 3.4 ms at 16 kHz


@cache
def low_pass(factor: int) -> NDArray[np.float32]:
    """The coefficients for dividing a sample rate by `factor` (2 or more), shape (108 * factor + 1,), symmetric, of sum 1, read-only.

    Linear phase: centred on its middle coefficient it delays nothing.
    """
    import numpy as np

    offsets = np.arange(-_REACH * factor, _REACH * factor + 1)
    taps = np.sinc(_CUT_OFF * offsets / factor) * np.kaiser(len(offsets), _KAISER_SHAPE)
    table: NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    table.flags.writeable = False
    return table
