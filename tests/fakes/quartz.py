"""Core Graphics, Core Image and NSURL as far as a waveform needs them, on numpy: rows count from below, rectangles are filled without smoothing.

Every function takes exactly the arguments that pyobjc's metadata names, so a call with another number of them fails here as it would on a Mac.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image


class Context:
    """A bitmap context; `pixels` is RGBA, upper row first as in memory."""

    def __init__(self, width: int, height: int, info: int) -> None:
        self.pixels = np.zeros((height, width, 4), np.uint8)
        self.color = (0, 0, 0, 0)
        self.space: object = None
        self.info = info


def fill(context: Context, rects: Any, count: int) -> None:
    assert context.space == "sRGB"
    height = len(context.pixels)
    for (x, y), (wide, high) in rects[:count]:
        context.pixels[height - y - high : height - y, x : x + wide] = context.color


def set_color(context: Context, parts: tuple[float, float, float, float]) -> None:
    context.color = tuple(round(255 * part) for part in parts)


def draw_image(context: Context, rect: Any, image: Any) -> None:
    (x, y), (wide, high) = rect
    assert (x, y) == (0, 0)
    over = np.asarray(Image.fromarray(image).resize((wide, high), Image.Resampling.BOX)).astype(float)
    alpha = over[:, :, 3:] / 255
    context.pixels[:, :, :3] = np.rint(over[:, :, :3] * alpha + context.pixels[:, :, :3] * (1 - alpha))
    context.pixels[:, :, 3] = 255


class CIContext:
    """Writes what it is given; `fails` makes it answer as Core Image does when it cannot."""

    fails = False

    @classmethod
    def contextWithOptions_(cls, options: None) -> CIContext:  # noqa: N802
        return cls()

    def writePNGRepresentationOfImage_toURL_format_colorSpace_options_error_(  # noqa: N802
        self, image: Any, url: Path, pixel_format: str, space: str, options: dict[str, object], error: None
    ) -> tuple[bool, object]:
        assert (pixel_format, space, options, error) == ("RGBA8", "sRGB", {}, None)
        if self.fails:
            return False, "no space left"
        Image.fromarray(image).save(url, format="PNG")
        return True, None


def bitmap_context(data: None, width: int, height: int, bits: int, row_bytes: int, space: str, info: int) -> Context:
    assert (data, bits, row_bytes, space) == (None, 8, 4 * width, "sRGB")
    return Context(width, height, info)


def image_of(*arguments: Any) -> Any:
    width, height, bits, pixel_bits, row_bytes, space, info, provider, decode, smooth, intent = arguments
    assert (bits, pixel_bits, row_bytes, space, info, decode, smooth, intent) == (8, 32, 4 * width, "sRGB", "straight", None, False, "default")
    return np.frombuffer(provider, np.uint8).reshape(height, width, 4)


def quartz() -> ModuleType:
    """The module `Quartz`."""
    module: Any = ModuleType("Quartz")
    module.kCGColorSpaceSRGB, module.kCIFormatRGBA8 = "sRGB", "RGBA8"
    module.kCGImageAlphaPremultipliedLast, module.kCGImageAlphaLast, module.kCGImageAlphaNoneSkipLast = "premultiplied", "straight", "none"
    module.kCGRenderingIntentDefault, module.kCGInterpolationHigh = "default", "high"
    module.CGColorSpaceCreateWithName = lambda name: name
    module.CGBitmapContextCreate = bitmap_context
    module.CGBitmapContextCreateImage = lambda context: context.pixels
    module.CGContextSetShouldAntialias = lambda context, smooth: None
    module.CGContextSetInterpolationQuality = lambda context, quality: None
    module.CGContextSetFillColorSpace = lambda context, space: setattr(context, "space", space)
    module.CGContextSetFillColor = set_color
    module.CGContextFillRects = fill
    module.CGContextDrawImage = draw_image
    module.CGDataProviderCreateWithCFData = lambda data: data
    module.CGImageCreate = image_of
    module.CGImageGetWidth = lambda image: image.shape[1]
    module.CGImageGetHeight = lambda image: image.shape[0]
    module.CGImageGetDataProvider = lambda image: image.tobytes()
    module.CGDataProviderCopyData = lambda provider: provider
    module.CIImage = SimpleNamespace(imageWithCGImage_=lambda image: image)
    module.CIContext = type("CIContext", (CIContext,), {})
    return module


def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let this machine pass for a Mac with pyobjc; returns the fake `Quartz`."""
    found = quartz()
    foundation: Any = ModuleType("Foundation")
    foundation.NSURL = SimpleNamespace(fileURLWithPath_=lambda path: Path(path))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "Quartz", found)
    monkeypatch.setitem(sys.modules, "Foundation", foundation)
    return found
