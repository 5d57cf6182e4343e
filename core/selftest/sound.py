"""Accelerate against soxr and against vDSP's arithmetic in numpy: the same filter, the same samples, and how fast each is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audio import accelerate, desamp
from ..audio.fir import low_pass
from ..bench.resample import by_kernel, by_soxr
from ..bench.tones import RATE, Resampler, alias_db, ripple_db
from .verdict import Verdict, failed, not_here, passed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SECONDS = 60
_FACTORS = (2, 3, 6)
_SAME = 1e-5  # of full scale: two orders of adding the same float32 products
_ALIAS_DB, _RIPPLE_DB = -100.0, 0.1
_AGREES = 1e-3  # RMS of the difference to soxr in the band that both keep


def resampling(folder: Path) -> Verdict:
    """vDSP_desamp here; its numpy twin where there is no Accelerate."""
    kernel = accelerate.desamp if accelerate.available() else desamp.desamp
    ours: Resampler = lambda samples: by_kernel(samples, kernel)  # noqa: E731
    noise = _speech_band_noise()
    off = {f"{factor * 16} kHz": _difference(kernel, factor) for factor in _FACTORS}
    data: dict[str, Any] = {"difference_to_numpy": off, "difference_to_soxr": _rms_difference(ours(noise), by_soxr(noise))}
    data |= {"alias_db": round(alias_db(ours), 1), "ripple_db": round(ripple_db(ours), 4)}
    data["x_realtime"] = {"ours": _speed(ours, noise), "soxr": _speed(by_soxr, noise)}
    good = max(off.values()) <= _SAME and data["difference_to_soxr"] <= _AGREES and data["alias_db"] <= _ALIAS_DB and data["ripple_db"] <= _RIPPLE_DB
    if not good:
        return failed("selftest.resampling_differs", data, alias=data["alias_db"], ripple=data["ripple_db"], off=max(off.values()))
    if not accelerate.available():
        return not_here("selftest.needs_mac", data, what="Accelerate")
    speeds = data["x_realtime"]
    return passed("selftest.resampling_agrees", data, alias=data["alias_db"], ours=speeds["ours"], soxr=speeds["soxr"])


def _difference(kernel: desamp.Kernel, factor: int) -> float:
    import numpy as np

    signal, taps = np.random.default_rng(factor).uniform(-1, 1, 20_000).astype(np.float32), low_pass(factor)
    count = (len(signal) - len(taps)) // factor
    return float(np.abs(kernel(signal, factor, taps, count) - desamp.desamp(signal, factor, taps, count)).max())


def _speech_band_noise() -> NDArray[np.float32]:
    """Noise of 100 Hz to 6.5 kHz at 48 kHz."""
    import numpy as np

    spectrum = np.zeros(_SECONDS * RATE // 2 + 1, np.complex64)
    band = slice(_SECONDS * 100, _SECONDS * 6500)
    spectrum[band] = np.exp(2j * np.pi * np.random.default_rng(1).random(band.stop - band.start, np.float32))
    sound = np.fft.irfft(spectrum)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _rms_difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    import numpy as np

    inside = slice(200, -200)
    return float(np.sqrt(np.mean((one[inside] - other[inside]) ** 2) / np.mean(other[inside] ** 2)))


def _speed(resampler: Resampler, noise: NDArray[np.float32]) -> int:
    began = time.perf_counter()
    resampler(noise)
    return round(_SECONDS / (time.perf_counter() - began))
