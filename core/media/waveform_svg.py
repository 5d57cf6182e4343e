"""A scene as SVG 1.1: sharp at any size, small, and its texts stay texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from ..files import write_text
from .waveform_shapes import Bars, Box, Label, Scene

_FONTS = "'Noto Sans HK','Noto Sans CJK HK','PingFang HK','Microsoft JhengHei',sans-serif"


def write_svg(scene: Scene, path: Path) -> None:
    """Write the picture, aside and then renamed. Raises InputError `files.*`."""
    write_text(path, "\n".join(_lines(scene)) + "\n")


def _lines(scene: Scene) -> Iterator[str]:
    size = f'width="{scene.width}" height="{scene.height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {scene.width} {scene.height}" font-family="{_FONTS}">'
    yield f'<rect {size} fill="{scene.background}"/>'
    for shape in scene.shapes:
        if isinstance(shape, Box):
            yield f'<rect x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}" fill="{shape.color}"/>'
        elif isinstance(shape, Bars):
            yield from _path(shape)
        else:
            yield _text(shape)
    yield "</svg>"


def _path(bars: Bars) -> Iterator[str]:
    """One path for all bars: each a line one pixel wide through the middle of its column."""
    if len(bars.xs):
        steps = "".join(f"M{x}.5 {top}V{bottom + 1}" for x, top, bottom in zip(bars.xs, bars.tops, bars.bottoms, strict=True))
        yield f'<path d="{steps}" stroke="{bars.color}" fill="none"/>'


def _text(label: Label) -> str:
    place = f'x="{label.x}" y="{label.y}" dy=".35em"'  # dy: dominant-baseline is not known everywhere
    return f'<text {place} font-size="{label.size}" fill="{label.color}">{escape(label.text)}</text>'
