"""Marks as Hong Kong subtitles have them.

Sources: Netflix Traditional Chinese Timed Text Style Guide (no comma or full stop at a line's end, a space in place of them inside a line,
one full-width question mark, one-character ellipsis, half-width digits, no thousands comma in four digits, 「」 and 『』). A new rule is one
more pair in `_RULES`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from ..document import SubtitleDocument
from .base import PassContext, PunctuationOptions
from .diff import Note

_HAN = r"[㐀-鿿\U00020000-\U0003ffff]"
_RULES = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"\.{3,}|。{2,}|[…⋯]+", "…"),
        (rf"(?<={_HAN})\s*\?|\?(?=\s*{_HAN})", "？"),
        (rf"(?<={_HAN})\s*!|!(?=\s*{_HAN})", "！"),
        (rf"(?<={_HAN}),\s*|,\s*(?={_HAN})", "，"),
        (rf"(?<={_HAN})\.(?=\s|$)", "。"),
        (rf"(?<={_HAN})[:;](?=\s*{_HAN})", "："),
        (r"[？！]*？[？！]*", "？"),
        (r"！{2,}", "！"),
        (r"“([^“”]*)”", r"「\1」"),
        (rf'"([^"]*{_HAN}[^"]*)"', r"「\1」"),
        (r"(?<![\d,])(\d),(\d{3})(?![\d,])", r"\1\2"),
        (r"嗎$", "嗎？"),
        (r"[ \t\u3000]{2,}", " "),
    )
)
_SPACED = ((re.compile(r"\s*[，。；]+\s*(?=\S)"), " "), (re.compile(r"\s+(?=[？！…」』》])"), ""))
_LINE_END = re.compile(r"[，。；、,;\s]+$")
_FULL_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ％]+")
_GAP = re.compile(rf"(?<={_HAN})\s*(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])\s*(?={_HAN})")


def punctuate(text: str, options: PunctuationOptions) -> str:
    """One cue's text, line by line."""
    return "\n".join(_line(line, options) for line in text.split("\n"))


def _line(line: str, options: PunctuationOptions) -> str:
    line = _FULL_WIDTH.sub(lambda found: unicodedata.normalize("NFKC", found[0]), line)
    for pattern, new in _RULES:
        line = pattern.sub(new, line)
    line = _LINE_END.sub("", line)
    if options.commas == "space":
        for pattern, new in _SPACED:
            line = pattern.sub(new, line)
    if options.latin_spacing != "keep":
        line = _GAP.sub(" " if options.latin_spacing == "space" else "", line)
    return line.strip()


def punctuation(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
    """The pass; a cue that is nothing but marks keeps them."""
    cues = tuple(replace(cue, text=punctuate(cue.text, context.punctuation) or cue.text) for cue in document.cues)
    context.notes.update({cue.id: Note("rules", ("passes.marks",)) for cue, new in zip(document.cues, cues, strict=True) if cue.text != new.text})
    return replace(document, cues=cues)
