"""Checks against what lies behind the text: how sure the recogniser was, and what the font can draw."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..errors import InputError
from .lint_base import Check, Hit, Subject, hit

_DOUBTFUL = 0.5
_MARKS = frozenset("\n\r\t \u3000\u200b\ufeff")


def _low_conf(subject: Subject) -> Iterator[Hit]:
    for index, cue in enumerate(subject.document.cues):
        confidence = sum(word.confidence for word in cue.words) / len(cue.words) if cue.words else 1.0
        if confidence < _DOUBTFUL:
            yield hit(index, percent=round(confidence * 100))


@cache
def _characters_of(font: Path) -> frozenset[int]:
    """The code points that a font file can draw. Raises InputError `lint.bad_font`."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        with font.open("rb") as file:
            fonts = TTCollection(file, lazy=True).fonts if font.suffix.lower() in (".ttc", ".otc") else [TTFont(file, lazy=True)]
            return frozenset(code for one in fonts for code in one.getBestCmap() or ())
    except (OSError, TTLibError, ValueError, AssertionError) as error:
        raise InputError("lint.bad_font", file=font, detail=repr(error)) from error


def _glyph_missing(subject: Subject) -> Iterator[Hit]:
    if subject.font is None:
        return
    known = _characters_of(subject.font)
    for index, cue in enumerate(subject.document.cues):
        missing = [char for char in dict.fromkeys(cue.text) if char not in _MARKS and ord(char) not in known]
        if missing:
            yield hit(index, text="".join(missing), font=subject.font.name)


CHECKS = (
    Check("low_conf", "info", _low_conf, "Project convention: words on average below 0.5 are worth a listen"),
    Check("glyph_missing", "error", _glyph_missing, "A font without the character draws an empty box"),
)
