"""Apple's Accelerate by ctypes: the one function of vDSP that we call. Its portable twin is `desamp` in `desamp.py`.

The framework belongs to macOS, so there is nothing to install. Another function is another entry of `SIGNATURES`, of
`data/apple_symbols.toml` and a wrapper that checks lengths, since vDSP itself checks nothing.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from .desamp import needed_samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAMEWORK = "/System/Library/Frameworks/Accelerate.framework/Accelerate"
_FLOATS, _STRIDE, _LENGTH = ctypes.POINTER(ctypes.c_float), ctypes.c_long, ctypes.c_ulong
SIGNATURES: dict[str, tuple[Any, ...]] = {
    # A, decimation factor, filter, C, length of C, length of the filter
    "vDSP_desamp": (_FLOATS, _STRIDE, _FLOATS, _FLOATS, _LENGTH, _LENGTH),
}


def available() -> bool:
    """Whether this system has Accelerate with every function that we call."""
    try:
        _library()
    except SetupError:
        return False
    return True


def desamp(signal: NDArray[np.float32], factor: int, taps: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """vDSP_desamp: `count` float32 samples of `signal` filtered by `taps`, one in `factor`.

    Raises ValueError when `signal` is too short for them and SetupError `resample.no_accelerate` away from macOS.
    """
    import numpy as np

    if len(signal) < needed_samples(factor, len(taps), count):
        raise ValueError(f"{count} samples need {needed_samples(factor, len(taps), count)}, not {len(signal)}")
    read, weights = np.ascontiguousarray(signal, np.float32), np.ascontiguousarray(taps, np.float32)
    written = np.empty(count, np.float32)
    if count:
        _library().vDSP_desamp(_pointer(read), factor, _pointer(weights), _pointer(written), count, len(weights))
    return written


def _pointer(samples: NDArray[np.float32]) -> Any:
    return samples.ctypes.data_as(_FLOATS)


@cache
def _library() -> Any:
    if sys.platform != "darwin":
        raise SetupError("resample.no_accelerate", detail=f"{sys.platform} has no {FRAMEWORK}")
    try:
        library = ctypes.CDLL(FRAMEWORK)
        for name, arguments in SIGNATURES.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, None
    except (OSError, AttributeError) as error:
        raise SetupError("resample.no_accelerate", detail=str(error)) from error
    return library
