"""High dynamic range pictures as a plain screen shows them: PQ and HLG in BT.2020 become sRGB.

Meant for small pictures: exact curves, no speed. Another curve is one more branch of `to_srgb`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Light = NDArray[np.float64]

PQ, HLG = 16, 18
"""Transfer characteristics as in ITU-T H.273, table 3."""

_WHITE_NITS = 203.0  # where graphics white stands (ITU-R BT.2408-7, 2.2); it becomes the screen's white
_PEAK_NITS = 1000.0  # what most masters reach, and HLG's nominal peak
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_LUMA_2020 = (0.2627, 0.6780, 0.0593)
_TO_709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))  # ITU-R BT.2087-0, linear light


def to_srgb(signal: NDArray[np.uint16], curve: int) -> NDArray[np.uint8]:
    """16-bit R'G'B' in BT.2020 with the `curve` PQ or HLG, shape (..., 3), to 8-bit sRGB."""
    import numpy as np

    coded = signal.astype(np.float64) / 65535
    nits = pq_nits(coded) if curve == PQ else hlg_nits(coded)
    brightest = np.maximum(nits.max(axis=-1, keepdims=True), 1e-6)
    light = nits * (_rolled_off(brightest) / brightest) / _WHITE_NITS
    linear = np.clip(light @ np.array(_TO_709).T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    pixels: NDArray[np.uint8] = np.rint(255 * encoded).astype(np.uint8)
    return pixels


def pq_nits(coded: Light) -> Light:
    """Light in cd/m² of a PQ signal from 0 to 1 (ITU-R BT.2100-2, table 4, EOTF)."""
    import numpy as np

    root = coded ** (1 / _M2)
    nits: Light = 10000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)
    return nits


def hlg_nits(coded: Light) -> Light:
    """Light in cd/m² of an HLG signal on a screen of 1000 cd/m² (ITU-R BT.2100-2, table 5: inverse OETF, then OOTF with gamma 1.2)."""
    import numpy as np

    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - _HLG_C) / _HLG_A) + _HLG_B) / 12)
    luma = np.maximum(scene @ np.array(_LUMA_2020), 1e-9)[..., None]
    nits: Light = _PEAK_NITS * luma**0.2 * scene
    return nits


def _pq_code(nits: Light) -> Light:
    """The inverse of `pq_nits`."""
    power = (nits / 10000) ** _M1
    code: Light = ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
    return code


def _rolled_off(nits: Light) -> Light:
    """Light up to 1000 cd/m² brought under graphics white, dark and middle tones as they were (ITU-R BT.2390-10, 5.4.1, with b = 0)."""
    import numpy as np

    peak, white = (float(_pq_code(np.array(value))) for value in (_PEAK_NITS, _WHITE_NITS))
    code = np.minimum(_pq_code(nits) / peak, 1.0)
    most = white / peak
    knee = 1.5 * most - 0.5
    t = np.clip((code - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return pq_nits(np.where(code < knee, code, spline) * peak)
