"""Apple's pictures against their portable twins: AVFoundation's frames against PyAV's, Core Graphics' waveform against Pillow's.

The twins also run where Apple's libraries are not, so that a report from any machine says whether the pictures themselves can be made.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..media import thumbs_apple, thumbs_av, waveform_draw, waveform_quartz
from ..media.picture_text import fitted
from ..media.thumbs_base import Ask, Shot
from ..media.waveform import peaks_of
from ..media.waveform_scene import LOOKS, View, build_scene
from ..media.waveform_shapes import Scene
from ..progress import CancelToken
from ..timing import FrameRate
from .stage import SAMPLE
from .verdict import Verdict, failed, not_here, passed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Take = Callable[[Path, Ask, CancelToken], Iterator[Shot]]
_MOMENTS = tuple(Fraction(number * 3, 1) for number in range(1, 9))
_WIDTH = 320
# Two decoders, two scalers and two roundings of the same colours: a wrong matrix, range or frame is further off than this
_LARGEST_MEAN = 6.0
_LARGEST_SHARE = 0.005
_NEAR = 3


def thumbnails(folder: Path) -> Verdict:
    """The same eight moments of the sample's camera, by both."""
    film = next(SAMPLE.glob("*.mov"))
    portable, seconds = _shots(thumbs_av.take, film)
    _save(portable, folder, "pyav")
    data: dict[str, Any] = {"pyav_seconds": seconds, "pictures": len(portable)}
    if len(portable) < len(_MOMENTS):
        return failed("selftest.pictures_missing", data, what=thumbs_av.NAME, count=len(portable), wanted=len(_MOMENTS))
    if not thumbs_apple.available():
        return _absent(data, thumbs_apple.NAME)
    apple, data["apple_seconds"] = _shots(thumbs_apple.take, film)
    _save(apple, folder, "apple")
    if len(apple) < len(_MOMENTS):
        return failed("selftest.pictures_missing", data, what=thumbs_apple.NAME, count=len(apple), wanted=len(_MOMENTS))
    means = [_mean_difference(one, other) for one, other in zip(portable, apple, strict=True)]
    data["mean_differences"] = [round(mean, 2) for mean in means]
    verdict = passed if max(means) <= _LARGEST_MEAN else failed
    return verdict("selftest.pictures_differ", data, worst=f"{max(means):.1f}", limit=_LARGEST_MEAN)


def waveform(folder: Path) -> Verdict:
    """One picture of 4000 columns, pixel by pixel."""
    scene = _scene()
    portable, seconds = _drawn(waveform_draw.write_png, scene, folder / "pillow.png")
    data: dict[str, Any] = {"pillow_seconds": seconds}
    if not waveform_quartz.available():
        return _absent(data, waveform_quartz.NAME)
    apple, data["quartz_seconds"] = _drawn(waveform_quartz.write_png, scene, folder / "quartz.png")
    if apple.shape != portable.shape:
        return failed("selftest.waveform_size", data, one=apple.shape, other=portable.shape)
    off = abs(apple.astype(int) - portable.astype(int)).max(axis=2)
    share = float((off > _NEAR).mean())
    data |= {"pixels_off_share": round(share, 5), "largest_difference": int(off.max())}
    verdict = passed if share <= _LARGEST_SHARE else failed
    return verdict("selftest.waveform_differs", data, share=f"{100 * share:.2f}", limit=100 * _LARGEST_SHARE)


def _absent(data: dict[str, Any], what: str) -> Verdict:
    """On a Mac a package is missing, which can be mended; elsewhere there is nothing to miss."""
    if sys.platform == "darwin":
        return failed("selftest.no_pyobjc", data, what=what)
    return not_here("selftest.needs_mac", data, what=what)


def _shots(take: Take, film: Path) -> tuple[list[NDArray[np.uint8]], float]:
    began = time.perf_counter()
    shots = list(take(film, Ask(_MOMENTS, _WIDTH, exact=True), CancelToken()))
    return [shot.pixels for shot in shots if shot.pixels is not None], round(time.perf_counter() - began, 3)


def _save(pictures: list[NDArray[np.uint8]], folder: Path, name: str) -> None:
    from PIL import Image

    for number, pixels in enumerate(pictures, 1):
        Image.fromarray(pixels).save(folder / f"{name}-{number}.png")


def _mean_difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Of a colour's 0 to 255; as much as there is when the sizes differ."""
    if one.shape != other.shape:
        return 255.0
    return float(abs(one.astype(int) - other.astype(int)).mean())


def _scene() -> Scene:
    """Ten seconds that swell and fade, with a ruler."""
    import numpy as np

    clock = np.arange(160_000) / 16_000
    sound = np.sin(2 * np.pi * 220 * clock) * np.sin(np.pi * clock / 10) * 20_000
    view = View(peaks_of(sound.astype(np.int16)), Fraction(0), Fraction(10), FrameRate(25))
    return build_scene(view, (4000, 200), LOOKS["dark"], fitted)


def _drawn(write: Callable[[Scene, Path], None], scene: Scene, path: Path) -> tuple[NDArray[np.uint8], float]:
    import numpy as np
    from PIL import Image

    began = time.perf_counter()
    write(scene, path)
    seconds = round(time.perf_counter() - began, 3)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")), seconds
