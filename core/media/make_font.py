"""Makes the bundled subtitle font again: one weight of Noto Sans CJK HK, cut down to what subtitles in Hong Kong are written with.

    apt-get download fonts-noto-cjk-extra && dpkg -x fonts-noto-cjk-extra_*.deb /tmp/noto
    python -m core.media.make_font /tmp/noto/usr/share/fonts/opentype/noto/NotoSansCJK-Medium.ttc

The family gets a name of its own. The SIL Open Font License reserves none here, but "Noto" is a trademark of Google, and a name that no other
font has is the only way to be sure which file libass draws with. To draw more characters, add a range to `_RANGES`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .fonts import BUNDLED, FAMILY

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

_HONG_KONG = "Noto Sans CJK HK"
_POSTSCRIPT = BUNDLED.stem
# Latin with every accent that Jyutping, Pinyin and Vietnamese need, punctuation, currencies, arrows, kana, bopomofo, full-width forms; every
# unified ideograph, because names come from everywhere
_RANGES = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x36F), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF), (0x2010, 0x205E), (0x20A0, 0x20BF),
    (0x2100, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x26FF), (0x2F00, 0x2FDF), (0x3000, 0x30FF), (0x3105, 0x312F),
    (0x31A0, 0x31BF), (0x4E00, 0x9FFF), (0xFE30, 0xFE4F), (0xFF01, 0xFFEE),
)  # fmt: skip
# Cantonese characters that the code tables of 2004 left out
_ALSO = "㖞𠺢㩒𢫏𥄫躝㧡𧨾𠝹𨋢㗎啲嘅咗哋喺冇嚟攞瞓揾嗰噉喎嗌"
_COPYRIGHT, _FAMILY, _STYLE, _UNIQUE, _FULL, _PS = 0, 1, 2, 3, 4, 6
_KEPT_NAMES = (_COPYRIGHT, 5, 7, 8, 9, 10, 11, 12, 13, 14)


def repertoire() -> frozenset[int]:
    """Code points wanted: Big5 with the Hong Kong Supplementary Character Set (2004), `_RANGES` and `_ALSO`."""
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    big5 = {ord(char) for lead in range(0x81, 0xFF) for trail in trails for char in _decoded(bytes((lead, trail)))}
    ranges = {code for first, last in _RANGES for code in range(first, last + 1)}
    return frozenset(big5 | ranges | set(map(ord, _ALSO)))


def _decoded(pair: bytes) -> str:
    return pair.decode("big5hkscs", "ignore")


def make_font(source: Path, target: Path = BUNDLED) -> int:
    """Write `target` from the collection or font `source`; returns the number of characters in it. Minutes, nearly all of it reading outlines."""
    from fontTools.subset import Options, Subsetter

    font = _hong_kong_face(source)
    wanted = repertoire() & set(font.getBestCmap())
    options = Options()
    options.layout_features = ["ccmp", "kern"]
    options.hinting = False  # libass draws without hints
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    _rename(font)
    font.recalcTimestamp = False
    font.save(str(target))
    return len(wanted)


def _hong_kong_face(source: Path) -> TTFont:
    from fontTools.ttLib import TTCollection

    return next(font for font in TTCollection(str(source), lazy=True).fonts if font["name"].getDebugName(16) == _HONG_KONG)


def _rename(font: TTFont) -> None:
    """A family of one: libass looks for name 1, in which a Medium would otherwise carry its weight."""
    names = font["name"]
    kept = [(record.nameID, str(record)) for record in names.names if record.nameID in _KEPT_NAMES and record.langID == 0x409]
    names.names = []
    for number, value in sorted(dict([*kept, *_own_names()]).items()):
        names.setName(value, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [_POSTSCRIPT]
    cff[0].FamilyName, cff[0].FullName = FAMILY, f"{FAMILY} Medium"


def _own_names() -> Iterator[tuple[int, str]]:
    yield _FAMILY, FAMILY
    yield _STYLE, "Regular"
    yield _UNIQUE, f"2.004;{_POSTSCRIPT}"
    yield _FULL, f"{FAMILY} Medium"
    yield _PS, _POSTSCRIPT


if __name__ == "__main__":
    sys.exit(0 if make_font(Path(sys.argv[1])) else 1)
