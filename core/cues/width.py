"""How wide text is on screen: full-width characters count 1, half-width ones 0.5, counted by grapheme.

Source of the half: Netflix Timed Text Style Guide, character counting for character-based scripts. Marks that show nothing count 0.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile("[ -~、。，！？：；「」…\u3400-\u4dbf\u4e00-\u9fff]*")  # one code point a grapheme
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def graphemes(text: str) -> tuple[str, ...]:
    """Characters as a reader sees them: combining marks and variation selectors stay with their base (Unicode UAX #29)."""
    import regex

    return tuple(regex.findall(r"\X", text))


def width(text: str) -> float:
    """Display width of `text` in full-width characters."""
    if _PLAIN.fullmatch(text):
        return len(text) - sum(map(str.isascii, text)) / 2
    return sum(grapheme_width(grapheme) for grapheme in graphemes(text))


def grapheme_width(grapheme: str) -> float:
    """1.0 for a wide or full-width base (Unicode UAX #11 W, F, A), 0.5 for others, 0.0 for invisible marks."""
    base = grapheme[0]
    if base in _INVISIBLE or base in "\r\n":
        return 0.0
    if len(grapheme) > 1 and "\ufe0f" in grapheme:
        return 1.0
    return 1.0 if unicodedata.east_asian_width(base) in "WFA" else 0.5
