"""Fonts for burning in: the bundled one or the user's, which characters it can draw, and which file libass really took.

No system font is relied on: PingFang cannot be read by FreeType on macOS 15, and every other machine has others. libass gets a folder with our
file alone and a family that only this file has. To bundle another font, see `make_font.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, StageError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FAMILY = "Canto-Beats Sans HK"
BUNDLED = Path(__file__).parent.parent / "data" / "fonts" / "CantoBeatsSansHK-Medium.otf"
SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_COLLECTIONS = frozenset({".ttc", ".otc"})
_FAMILY_NAME, _FULL_NAME, _POSTSCRIPT_NAME = 1, 4, 6
_ENGLISH = 0x409
_SELECTED = re.compile(r"fontselect: \((?P<family>.*), \d+, \d+\) -> (?P<file>.*), -?\d+, (?P<postscript>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Font:
    """One family as libass gets it: the files of all its faces. Characters and widths are those of the first face.

    A width is a share of ASS's font size, which stands for ascent plus descent and not for the em: 0.69 for a Chinese character of Noto.
    """

    family: str
    files: tuple[Path, ...]
    postscript: frozenset[str]
    widths: Mapping[int, float]

    def missing(self, text: str) -> str:
        """The characters of `text` that would come out as empty boxes, each once; what nothing draws does not count."""
        return "".join(dict.fromkeys(char for char in text if ord(char) not in self.widths and _is_drawn(char)))

    def width(self, text: str) -> float:
        """How wide one line is, as a multiple of ASS's font size; kerning is left out."""
        return sum(self.widths.get(ord(char), 0.0) for char in text)


@dataclass(frozen=True, slots=True)
class _Face:
    file: Path
    names: frozenset[str]
    family: str
    postscript: str
    number: int


@cache
def bundled_font() -> Font:
    """The font that comes with the program: Hong Kong's forms, every character of Big5-HKSCS."""
    return _font(FAMILY, (_faces(BUNDLED)[0],))


def user_font(place: Path, family: str) -> Font:
    """The font in a file or folder that the user named; of several families in it, the one called `family`, which is the look's own.

    Raises InputError `fonts.missing`, `fonts.unreadable`, or `fonts.which` when several families are there and none is called so.
    """
    place = place.expanduser()
    faces = tuple(face for file in _font_files(place) for face in _faces(file))
    if not faces:
        raise InputError("fonts.missing", file=place)
    own = tuple(face for face in faces if family in face.names)
    families = dict.fromkeys(face.family for face in faces)
    # the faces of one file (a collection) are the regional forms of one design: Hong Kong's where it has them
    if not own and len({face.file for face in faces}) == 1:
        own = tuple(face for face in faces if face.family.endswith("HK")) or faces[:1]
    if not own and len(families) == 1:
        own = faces
    if not own:
        raise InputError("fonts.which", file=place, names=", ".join(families), family=family)
    return _font(own[0].family, tuple(face for face in own if face.family == own[0].family))


def check_drawn(log: str, font: Font) -> None:
    """Raise StageError `fonts.not_taken` when libass' verbose log says that it drew with another file than `font`'s, or with none."""
    chosen = [match["postscript"].strip() for match in _SELECTED.finditer(log)]
    foreign = [name for name in chosen if name not in font.postscript]
    if foreign or not chosen:
        raise StageError("fonts.not_taken", family=font.family, taken=", ".join(dict.fromkeys(foreign)) or "-", detail=log[-2000:])


def _font_files(place: Path) -> tuple[Path, ...]:
    if place.is_dir():
        return tuple(sorted(file for file in place.iterdir() if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")))
    if not place.is_file():
        raise InputError("fonts.missing", file=place)
    return (place,)


def _opened(file: Path) -> tuple[TTFont, ...]:
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        data = BytesIO(file.read_bytes())  # a font that reads from the file itself would keep it open
        return tuple(TTCollection(data, lazy=True).fonts) if file.suffix.lower() in _COLLECTIONS else (TTFont(data, lazy=True),)
    except (OSError, TTLibError, ValueError, AssertionError) as error:
        raise InputError("fonts.unreadable", file=file, detail=repr(error)) from error


def _faces(file: Path) -> tuple[_Face, ...]:
    return tuple(_face(file, font, number) for number, font in enumerate(_opened(file)))


def _face(file: Path, font: TTFont, number: int) -> _Face:
    names = [
        (record.nameID, record.langID, str(record)) for record in font["name"].names if record.nameID in (_FAMILY_NAME, _FULL_NAME, _POSTSCRIPT_NAME)
    ]
    own = [name for name in names if name[0] == _FAMILY_NAME]
    if not own:
        raise InputError("fonts.unreadable", file=file, detail="no family name")
    family = next((value for _, language, value in own if language == _ENGLISH), own[0][2])
    postscript = next((value for kind, _, value in names if kind == _POSTSCRIPT_NAME), "")
    return _Face(file, frozenset(value for kind, _, value in names if kind != _POSTSCRIPT_NAME), family, postscript, number)


def _font(family: str, faces: tuple[_Face, ...]) -> Font:
    files = tuple(dict.fromkeys(face.file for face in faces))
    return Font(family, files, frozenset(face.postscript for face in faces), _widths(faces[0].file, faces[0].number))


@cache
def _widths(file: Path, number: int) -> Mapping[int, float]:
    """Advance of every character, as a share of what libass scales to the font size: the Windows ascent and descent, else the line's."""
    font = _opened(file)[number]
    metrics, line = font.get("OS/2"), font["hhea"]
    height = (metrics.usWinAscent + metrics.usWinDescent if metrics else 0) or line.ascent - line.descent
    advances = font["hmtx"].metrics
    return {code: advances[glyph][0] / height for code, glyph in (font.getBestCmap() or {}).items()}


def _is_drawn(char: str) -> bool:
    """False for spaces, line ends, controls and the invisible marks that choose a variant or a direction."""
    selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return not (selector or char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Zs"))
