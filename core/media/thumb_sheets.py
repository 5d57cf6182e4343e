"""Pictures as files: a JPEG each, or cells of a strip with a WebVTT index that says which part of which sheet stands for which time.

Files are written into `Names.aside`; the values returned carry the names they will have. Another way to lay pictures out is one more function of
the same arguments as `make_strips`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..files import free_name
from ..formats.vtt import timestamp
from .thumb_plan import Moment
from .thumbs_base import Shot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_COLUMNS = 10
_LONGEST = 8192  # pixels of a sheet's side: what every browser's and graphics card's pictures may have
_QUALITY = 85
_EMPTY = "#15171b"  # a cell of which nothing could be decoded


@dataclass(frozen=True, slots=True)
class Names:
    """Where `count` pictures go: into `aside` first, then into `folder` under names made of `stem`."""

    stem: str
    folder: Path
    aside: Path
    count: int
    timecode: Callable[[Fraction], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of `moment`: `place` = (x, y, width, height) of `file`, which is None where nothing could be decoded."""

    moment: Moment
    timecode: str
    file: Path | None
    place: tuple[int, int, int, int]
    by: str


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """What was made: files and folders, and every picture in them in order."""

    files: tuple[Path, ...]
    pictures: tuple[Picture, ...]


def make_files(shots: Iterable[tuple[Moment, Shot]], names: Names) -> Thumbnails:
    """A folder with a JPEG for each moment, named by number and timecode."""
    target = free_name(names.folder / f"{names.stem}.thumbnails")
    (names.aside / target.name).mkdir()
    pictures = []
    for number, (moment, shot) in enumerate(shots, 1):
        timecode = names.timecode(moment.at_s)
        file, place = None, (0, 0, 0, 0)
        if shot.pixels is not None:
            file = target / f"{number:04} {timecode.replace(':', '-').replace(';', '-')}.jpg"
            place = (0, 0, shot.pixels.shape[1], shot.pixels.shape[0])
            _image(shot.pixels).save(names.aside / target.name / file.name, quality=_QUALITY)
        pictures.append(Picture(moment, timecode, file, place, shot.by))
    return Thumbnails((target,), tuple(pictures))


def make_strips(shots: Iterable[tuple[Moment, Shot]], names: Names) -> Thumbnails:
    """Sheets of ten cells a row and their index. Cells have the shape of the first picture; others are fitted into them."""
    sheets = _Sheets(names.count)
    seen = [(moment, shot.by, sheets.add(shot.pixels)) for moment, shot in shots]
    base = _free_base(names)
    several = len(sheets.images) > 1
    files = [names.folder / f"{base}{f'-{number}' if several else ''}.jpg" for number in range(1, len(sheets.images) + 1)]
    for file, image in zip(files, sheets.images, strict=True):
        image.save(names.aside / file.name, quality=_QUALITY)
    pictures = tuple(
        Picture(moment, names.timecode(moment.at_s), files[sheets.sheet_of(index)] if there else None, sheets.place_of(index), by)
        for index, (moment, by, there) in enumerate(seen)
    )
    index = names.folder / f"{base}.vtt"
    (names.aside / index.name).write_text(_vtt(pictures), "utf-8")
    return Thumbnails((*files, index), pictures)


class _Sheets:
    """Sheets that fill up cell by cell; the first picture that comes decides the shape of all cells."""

    def __init__(self, count: int) -> None:
        self.images: list[Image] = []
        self._count, self._added, self._cell = count, 0, (0, 0)

    def add(self, pixels: NDArray[np.uint8] | None) -> bool:
        """Put a picture into the next cell, or leave that empty; says whether there was one."""
        index, self._added = self._added, self._added + 1
        if pixels is None:
            return False
        if not self.images:
            self._cell = (min(pixels.shape[1], _LONGEST), min(pixels.shape[0], _LONGEST))
            self.images = self._blank()
        image, (x, y, wide, high) = _image(pixels), self.place_of(index)
        image.thumbnail((wide, high))
        self.images[self.sheet_of(index)].paste(image, (x + (wide - image.width) // 2, y + (high - image.height) // 2))
        return True

    def sheet_of(self, index: int) -> int:
        """Which sheet cell `index` is on."""
        columns, rows = self._grid()
        return index // (columns * rows)

    def place_of(self, index: int) -> tuple[int, int, int, int]:
        """x, y, width and height of cell `index` on its sheet."""
        columns, rows = self._grid()
        row, column = divmod(index % (columns * rows), columns)
        return (column * self._cell[0], row * self._cell[1], *self._cell)

    def _grid(self) -> tuple[int, int]:
        wide, high = (max(1, side) for side in self._cell)
        return max(1, min(_COLUMNS, self._count, _LONGEST // wide)), max(1, _LONGEST // high)

    def _blank(self) -> list[Image]:
        from PIL import Image

        columns, rows = self._grid()
        left = range(self._count, 0, -columns * rows)
        sizes = [(columns * self._cell[0], min(rows, -(-count // columns)) * self._cell[1]) for count in left]
        return [Image.new("RGB", size, _EMPTY) for size in sizes]


def _free_base(names: Names) -> str:
    """A beginning that none of the folder's files has: sheets and index keep one name, for the index names the sheets."""
    taken = {entry.name for entry in names.folder.iterdir()}
    number, base = 1, f"{names.stem}.strip"
    while any(f"{base}{ending}" in taken for ending in (".jpg", "-1.jpg", ".vtt")):
        number += 1
        base = f"{names.stem}.strip {number}"
    return base


def _vtt(pictures: Iterable[Picture]) -> str:
    """Times count from the range's first frame, as a player's do."""
    lines = ["WEBVTT", ""]
    for picture in pictures:
        if picture.file is not None:
            start, end = (timestamp(int(1000 * at_s)) for at_s in (picture.moment.from_s, picture.moment.until_s))
            lines += [f"{start} --> {end}", f"{quote(picture.file.name)}#xywh={','.join(map(str, picture.place))}", ""]
    return "\n".join(lines)


def _image(pixels: NDArray[np.uint8]) -> Image:
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(pixels))
