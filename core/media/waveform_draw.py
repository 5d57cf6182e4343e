"""A scene as pixels by Pillow, which runs everywhere. Core Graphics' twin is `waveform_quartz.py`, and a drawing of vectors `waveform_svg.py`.

The picture has a palette: a quarter of the bytes to fill and to compress, and a waveform has few colours.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from .picture_text import font
from .waveform_shapes import Bars, Box, Color, Label, Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

NAME = "Pillow"
_LEVELS = 16  # of a letter's edge, from the colour under it to its own
Rgb = tuple[int, int, int]
_Row = tuple[int, int, Color]
"""What boxes of one row share: upper pixel, height, colour."""


def draw(scene: Scene) -> Image:
    """The picture, mode P."""
    from PIL import Image

    canvas = _Canvas(scene)
    for row, shapes in groupby(scene.shapes, _row_of):
        if row:
            canvas.boxes(row, [(shape.x, shape.x + shape.width) for shape in shapes if isinstance(shape, Box)])
            continue
        for shape in shapes:
            if isinstance(shape, Bars):
                canvas.bars(shape)
            elif isinstance(shape, Label):
                canvas.label(shape)
    image = Image.fromarray(canvas.pixels)
    image.putpalette(canvas.palette)
    return image


def write_png(scene: Scene, path: Path) -> None:
    """Write the picture to exactly `path`, compressed the quickest way."""
    draw(scene).save(path, format="PNG", compress_level=1)


def label_layer(scene: Scene) -> Image:
    """The labels alone on nothing, RGBA with straight alpha: what a drawing library without our font lays over its picture."""
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", (scene.width, scene.height))
    pen = ImageDraw.Draw(layer)
    for label in scene.labels:
        pen.text((label.x, label.y), label.text, fill=label.color, font=font(label.size), anchor="lm")
    return layer


class _Canvas:
    """Palette indexes, uint8 of shape (height, width), and the colours they stand for."""

    def __init__(self, scene: Scene) -> None:
        import numpy as np

        self._colors: dict[Rgb, int] = {}
        self._blends: dict[tuple[int, Color], NDArray[np.uint8]] = {}
        self.pixels = np.full((scene.height, scene.width), self._index(_rgb(scene.background)), np.uint8)

    @property
    def palette(self) -> bytes:
        """Red, green and blue of each index."""
        return bytes(part for color in self._colors for part in color)

    def boxes(self, row: _Row, spans: list[tuple[int, int]]) -> None:
        """Fill columns [left, right) of a row, all at once: an hour has thousands of boxes in one row."""
        import numpy as np

        y, height, color = row
        pixels, index = self.pixels[y : y + height], np.uint8(self._index(_rgb(color)))
        if len(spans) == 1:
            pixels[:, spans[0][0] : spans[0][1]] = index
            return
        inside = np.zeros(pixels.shape[1], np.bool_)
        for left, right in spans:
            inside[left:right] = True
        np.copyto(pixels, index, where=inside)

    def bars(self, bars: Bars) -> None:
        """Fill all bars by one mask: a Pillow line for each column takes four times as long."""
        import numpy as np

        if not len(bars.xs):
            return
        first, stop = int(bars.tops.min()), int(bars.bottoms.max()) + 1
        rows = np.arange(first, stop, dtype=np.int16)[:, None]
        tops, bottoms = np.full(self.pixels.shape[1], stop, np.int16), np.full(self.pixels.shape[1], -1, np.int16)
        tops[bars.xs], bottoms[bars.xs] = bars.tops, bars.bottoms
        np.copyto(self.pixels[first:stop], np.uint8(self._index(_rgb(bars.color))), where=(rows >= tops) & (rows <= bottoms))

    def label(self, label: Label) -> None:
        """Write a text, its edges blended with what is under them."""
        import numpy as np
        from PIL import Image, ImageDraw

        left, top, right, bottom = (int(edge) for edge in font(label.size).getbbox(label.text, anchor="lm"))
        ink = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(ink).text((-left, -top), label.text, fill=255, font=font(label.size), anchor="lm")
        x, y = label.x + left, label.y + top
        under = self.pixels[max(0, y) : y + ink.height, max(0, x) : x + ink.width]
        levels = np.asarray(ink)[max(0, -y) :, max(0, -x) :][: under.shape[0], : under.shape[1]] // _LEVELS
        written = under.copy()
        for index in np.unique(under[levels > 0]):
            chosen = (under == index) & (levels > 0)
            written[chosen] = self._blend(int(index), label.color)[levels[chosen]]
        under[:] = written

    def _blend(self, under: int, color: Color) -> NDArray[np.uint8]:
        """The index of each level between a colour of the palette and another."""
        import numpy as np

        if (under, color) not in self._blends:
            below, ink = list(self._colors)[under], _rgb(color)
            steps = (tuple(round(a + (b - a) * level / (_LEVELS - 1)) for a, b in zip(below, ink, strict=True)) for level in range(_LEVELS))
            self._blends[under, color] = np.array([self._index((red, green, blue)) for red, green, blue in steps], np.uint8)
        return self._blends[under, color]

    def _index(self, color: Rgb) -> int:
        """The palette's index of a colour; the nearest there is once 256 are taken."""
        if color not in self._colors and len(self._colors) == 256:
            color = min(self._colors, key=lambda there: sum((a - b) ** 2 for a, b in zip(there, color, strict=True)))
        return self._colors.setdefault(color, len(self._colors))


def _row_of(shape: Box | Bars | Label) -> _Row | None:
    return (shape.y, shape.height, shape.color) if isinstance(shape, Box) else None


@cache
def _rgb(color: Color) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
