"""High dynamic range: which pictures can be kept, and how bright text may be in them.

libass knows screen colours only and writes them as they are, so that its white would be the brightest light that the picture can hold. Text colours
are therefore converted first: white becomes the reference white of graphics, 203 candela a square metre, 58 % of PQ and 75 % of HLG
(ITU-R BT.2408-7, table 1; curves from ITU-R BT.2100-2, tables 4 and 5). Another kind of light gets its curve in `_CURVES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ..errors import InputError
from .encoder_table import Codec
from .picture import Light, PictureFacts

_WHITE_NITS = 203.0
_PQ_PEAK_NITS = 10_000.0
_HLG_WHITE = 0.265  # scene light that HLG writes as 75 %
# Linear light of ITU-R BT.709 as seen in BT.2020 (ITU-R BT.2087-0, equation 2)
_TO_2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
_DOLBY_ONLY = 0  # compatibility id: the base layer is no picture of any other kind


def check_light(facts: PictureFacts, codec: Codec) -> None:
    """Refuse what could only be rendered wrong.

    Raises InputError `render.dolby_only` for Dolby Vision without a base layer that others can show, `render.hdr_codec` for a codec without room.
    """
    if facts.dolby and facts.dolby[1] == _DOLBY_ONLY:
        raise InputError("render.dolby_only", file=facts.path, profile=facts.dolby[0])
    if facts.light != "sdr" and not codec.hdr:
        raise InputError("render.hdr_codec", file=facts.path, light=facts.light.upper(), codec=codec.name)


def text_colour(rgb: tuple[int, int, int], light: Light) -> tuple[int, int, int]:
    """A screen colour (sRGB, 0 to 255) as code values of a picture of such light, with white at the reference white of graphics."""
    if light == "sdr":
        return rgb
    linear = [_from_srgb(value / 255) for value in rgb]
    wide = [sum(weight * value for weight, value in zip(row, linear, strict=True)) for row in _TO_2020]
    red, green, blue = (round(255 * _CURVES[light](min(1.0, value))) for value in wide)
    return red, green, blue


def _from_srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _pq(share: float) -> float:
    """Signal of a share of graphics white: the inverse of SMPTE ST 2084's curve."""
    power = (share * _WHITE_NITS / _PQ_PEAK_NITS) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def _hlg(share: float) -> float:
    scene = share * _HLG_WHITE
    if scene <= 1 / 12:
        return math.sqrt(3 * scene)
    return 0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073


_CURVES: Mapping[Light, Callable[[float], float]] = {"pq": _pq, "hlg": _hlg}
