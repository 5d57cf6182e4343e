"""A scene as pixels by Core Graphics, written as PNG by Core Image; the Mac's twin of `waveform_draw.py`.

Core Graphics counts rows from below. Texts come as a layer drawn with our own font, so that both twins write the same letters. Every name of Apple's
used here is in the table of `core/apple.py`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import StageError
from .waveform_draw import label_layer
from .waveform_shapes import Bars, Box, Color, Scene

NAME = "Core Graphics"
Rect = tuple[tuple[float, float], tuple[float, float]]
"""A CGRect: ((x, y), (width, height)), y from below."""


def available() -> bool:
    """True on a Mac with pyobjc's Quartz."""
    if sys.platform != "darwin":
        return False
    try:
        import_module("Quartz")
    except ImportError:
        return False
    return True


def write_png(scene: Scene, path: Path) -> None:
    """Write the picture to exactly `path`. Raises StageError `waveform.quartz_failed`."""
    quartz: Any = import_module("Quartz")
    foundation: Any = import_module("Foundation")
    space = quartz.CGColorSpaceCreateWithName(quartz.kCGColorSpaceSRGB)
    picture = quartz.CIImage.imageWithCGImage_(_draw(scene, quartz, space))
    context = quartz.CIContext.contextWithOptions_(None)
    url = foundation.NSURL.fileURLWithPath_(str(path))
    done, error = context.writePNGRepresentationOfImage_toURL_format_colorSpace_options_error_(picture, url, quartz.kCIFormatRGBA8, space, {}, None)
    if not done:
        raise StageError("waveform.quartz_failed", reason=error, file=path)


def _draw(scene: Scene, quartz: Any, space: Any) -> Any:
    """The picture as a CGImage."""
    context = quartz.CGBitmapContextCreate(None, scene.width, scene.height, 8, 4 * scene.width, space, quartz.kCGImageAlphaPremultipliedLast)
    if context is None:
        raise StageError("waveform.quartz_failed", reason="CGBitmapContextCreate", file="")
    quartz.CGContextSetShouldAntialias(context, False)
    quartz.CGContextSetFillColorSpace(context, space)  # plain RGB would be the display's own, other colours on every Mac
    _fill(quartz, context, scene.background, [((0, 0), (scene.width, scene.height))])
    for shape in scene.shapes:
        if isinstance(shape, Box | Bars):
            _fill(quartz, context, shape.color, _rects(shape, scene.height))
    if scene.labels:
        quartz.CGContextDrawImage(context, ((0, 0), (scene.width, scene.height)), _labels(scene, quartz, space))
    return quartz.CGBitmapContextCreateImage(context)


def _rects(shape: Box | Bars, height: int) -> list[Rect]:
    if isinstance(shape, Box):
        return [((shape.x, height - shape.y - shape.height), (shape.width, shape.height))]
    bars = zip(shape.xs.tolist(), shape.tops.tolist(), shape.bottoms.tolist(), strict=True)
    return [((x, height - 1 - bottom), (1, bottom - top + 1)) for x, top, bottom in bars]


def _fill(quartz: Any, context: Any, color: Color, rects: list[Rect]) -> None:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    quartz.CGContextSetFillColor(context, (*parts, 1.0))
    quartz.CGContextFillRects(context, rects, len(rects))


def _labels(scene: Scene, quartz: Any, space: Any) -> Any:
    """The texts as a CGImage."""
    provider = quartz.CGDataProviderCreateWithCFData(label_layer(scene).tobytes())
    return quartz.CGImageCreate(
        scene.width, scene.height, 8, 32, 4 * scene.width, space, quartz.kCGImageAlphaLast, provider, None, False, quartz.kCGRenderingIntentDefault
    )
