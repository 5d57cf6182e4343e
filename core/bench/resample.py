"""`canto-beats bench resample`: 48 kHz to 16 kHz in memory, ours against scipy and linear interpolation, on one thread.

Speed and memory are of five minutes of noise, half a minute when `quick`; what the filters do is measured with tones (`tones.py`). Away from a
Mac ours is soxr, and the numpy twin only shows that vDSP's arithmetic is understood: its speed says nothing about a Mac. Another contestant is
another entry of `contestants`.
"""

from __future__ import annotations

import multiprocessing
import time
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio import accelerate
from ..audio.desamp import Decimator, Kernel, desamp
from ..audio.fir import low_pass
from ..audio.resample import method_for, resample
from ..audio.wav import SAMPLE_RATE
from .memory import peak_bytes
from .table import BenchResult, Row
from .tones import RATE, Resampler, alias_db, ripple_db

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SECONDS, _QUICK_SECONDS = 300, 30
_ROUNDS = 3
_FACTOR = RATE // SAMPLE_RATE
_BLOCK = 1 << 18


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Measure every contestant that can run here; nothing is written."""
    noise = _noise(_QUICK_SECONDS if quick else _SECONDS)
    return BenchResult("resample", tuple(_measure(name, resampler, noise) for name, resampler in contestants().items()))


def contestants() -> dict[str, Resampler]:
    """Functions from 48 kHz to 16 kHz by name; the first is what the engine uses here."""
    found: dict[str, Resampler] = {f"ours ({method_for(RATE, SAMPLE_RATE)})": lambda samples: resample(samples, RATE, SAMPLE_RATE)}
    if accelerate.available():
        found["soxr HQ"] = by_soxr
    found["vDSP_desamp in numpy"] = lambda samples: by_kernel(samples, desamp)
    if find_spec("scipy"):
        found |= {"scipy upfirdn, our filter": _by_upfirdn, "scipy resample_poly": _by_resample_poly}
    found["linear interpolation"] = by_interpolation
    return found


def by_kernel(samples: NDArray[np.float32], kernel: Kernel) -> NDArray[np.float32]:
    """Our filter with a kernel, in the blocks in which the engine works."""
    import numpy as np

    decimator = Decimator(_FACTOR, kernel)
    parts = [decimator.push(samples[start : start + _BLOCK]) for start in range(0, len(samples), _BLOCK)]
    return np.concatenate([*parts, decimator.finish()])


def by_soxr(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """soxr at its usual quality, whatever the engine would choose."""
    import numpy as np
    import soxr

    return np.asarray(soxr.resample(samples, RATE, SAMPLE_RATE), np.float32)


def by_interpolation(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Straight lines between the samples, as vDSP_vgenp and vDSP_vlint draw them: no filter."""
    import numpy as np

    wanted = np.arange(len(samples) // _FACTOR) * _FACTOR
    return np.interp(wanted, np.arange(len(samples)), samples).astype(np.float32)


def _by_upfirdn(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np
    from scipy.signal import upfirdn

    taps = low_pass(_FACTOR)
    filtered = upfirdn(taps, samples, down=_FACTOR)
    return np.asarray(filtered[len(taps) // 2 // _FACTOR :][: round(len(samples) / _FACTOR)], np.float32)


def _by_resample_poly(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(samples, 1, _FACTOR), np.float32)


def _measure(name: str, resampler: Resampler, noise: NDArray[np.float32]) -> Row:
    resampler(noise[:RATE])
    seconds = min(_time(resampler, noise) for _ in range(_ROUNDS))
    return Row(
        name,
        {
            "seconds": round(seconds, 3),
            "x_realtime": round(len(noise) / RATE / seconds),
            "peak_mb": round(_peak_mb(name, len(noise) // RATE), 1),
            "ripple_db": round(ripple_db(resampler), 4),
            "alias_db": round(alias_db(resampler), 1),
        },
    )


def _time(resampler: Resampler, noise: NDArray[np.float32]) -> float:
    started = time.perf_counter()
    resampler(noise)
    return time.perf_counter() - started


def _peak_mb(name: str, seconds: int) -> float:
    """What resampling adds to the resident memory of a fresh process that holds the signal, the answer included."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_tell_memory, args=(name, seconds, theirs))
    child.start()
    theirs.close()
    added = float(ours.recv())
    child.join()
    return added / 1e6


def _tell_memory(name: str, seconds: int, tell: Connection) -> None:
    resampler = contestants()[name]
    resampler(_noise(1))
    noise = _noise(seconds)
    before = peak_bytes()
    resampler(noise)
    tell.send(peak_bytes() - before)


def _noise(seconds: int) -> NDArray[np.float32]:
    """Noise at -20 dBFS and 48 kHz, made without a second array."""
    import numpy as np

    noise = np.random.default_rng(3).standard_normal(seconds * RATE, dtype=np.float32)
    noise *= np.float32(0.1)
    return noise
