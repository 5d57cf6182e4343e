"""Small pictures of a film by AVFoundation, the Mac's twin of `thumbs_av.py`: Apple's decoders, for the files that QuickTime plays.

The synchronous call is deprecated since macOS 15 and still there; the asynchronous ones need a run loop that an engine has not. Every name of
Apple's used here is in the table of `core/apple.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StageError
from ..progress import CancelToken
from .thumbs_base import Ask, Shot, small_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "AVFoundation"
SUFFIXES = frozenset({".mov", ".mp4", ".m4v", ".qt"})
_TALLEST = 16  # times the width: the box that pictures are fitted into
_LARGEST_SCALE = 2**31 - 1  # of a CMTime


def available() -> bool:
    """True on a Mac with pyobjc's AVFoundation, CoreMedia and Quartz."""
    if sys.platform != "darwin":
        return False
    try:
        for name in ("AVFoundation", "CoreMedia", "Quartz"):
            import_module(name)
    except ImportError:
        return False
    return True


def take(file: Path, ask: Ask, cancel: CancelToken) -> Iterator[Shot]:
    """A Shot for each moment, in order. Raises StageError `thumbnails.apple_failed` at the first one that AVFoundation does not give; Cancelled."""
    objc: Any = import_module("objc")
    generator = _generator(file, ask)
    for at_s in ask.times_s:
        cancel.check()
        with objc.autorelease_pool():
            image, error = generator.copyCGImageAtTime_actualTime_error_(_time(at_s), None, None)
            if image is None:
                raise StageError("thumbnails.apple_failed", reason=error, file=file)
            pixels = _pixels(image, ask.width)
        yield Shot(at_s, at_s if ask.exact else None, pixels, NAME)


def _generator(file: Path, ask: Ask) -> Any:
    av: Any = import_module("AVFoundation")
    media: Any = import_module("CoreMedia")
    foundation: Any = import_module("Foundation")
    asset = av.AVURLAsset.assetWithURL_(foundation.NSURL.fileURLWithPath_(str(file)))
    generator = av.AVAssetImageGenerator.alloc().initWithAsset_(asset)
    generator.setAppliesPreferredTrackTransform_(True)
    generator.setMaximumSize_((ask.width, _TALLEST * ask.width))
    # As far back as the moment before: the key frame will do, and no two moments get the same picture.
    apart_s = min((second - first for first, second in pairwise(ask.times_s)), default=None)
    before = media.kCMTimeZero if ask.exact else media.kCMTimePositiveInfinity if apart_s is None else _time(apart_s)
    generator.setRequestedTimeToleranceBefore_(before)
    generator.setRequestedTimeToleranceAfter_(media.kCMTimeZero)
    return generator


def _time(seconds: Fraction) -> Any:
    """A CMTime, exact wherever its 32-bit scale allows."""
    media: Any = import_module("CoreMedia")
    exact = seconds.limit_denominator(_LARGEST_SCALE)
    return media.CMTimeMake(exact.numerator, exact.denominator)


def _pixels(image: Any, width: int) -> NDArray[np.uint8]:
    """The pixels of a CGImage at `width`, in sRGB, uint8 of shape (height, width, 3)."""
    import numpy as np

    quartz: Any = import_module("Quartz")
    wide, high = small_size((quartz.CGImageGetWidth(image), quartz.CGImageGetHeight(image)), width)
    space = quartz.CGColorSpaceCreateWithName(quartz.kCGColorSpaceSRGB)
    context = quartz.CGBitmapContextCreate(None, wide, high, 8, 4 * wide, space, quartz.kCGImageAlphaNoneSkipLast)
    quartz.CGContextSetInterpolationQuality(context, quartz.kCGInterpolationHigh)
    quartz.CGContextDrawImage(context, ((0, 0), (wide, high)), image)
    data = quartz.CGDataProviderCopyData(quartz.CGImageGetDataProvider(quartz.CGBitmapContextCreateImage(context)))
    return np.frombuffer(bytes(data), np.uint8, 4 * wide * high).reshape(high, wide, 4)[:, :, :3]
