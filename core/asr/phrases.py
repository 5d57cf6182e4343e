"""Phrases that recognisers invent (`data/known_phrases.txt`), found whatever script, marks or blanks they are written with."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent.parent / "data" / "known_phrases.txt"
_SHARE = 0.8
_NAME = ".{0,12}"
_SAME = str.maketrans("赞讚", "贊贊")


@dataclass(frozen=True, slots=True)
class KnownPhrase:
    """A phrase as the list has it; `spoken` when people say it too."""

    text: str
    spoken: bool
    pattern: re.Pattern[str]
    length: int


def known_phrase(text: str) -> KnownPhrase | None:
    """The phrase that `text` is, or that makes up at least 80 % of it; the longest where several do."""
    bare = plain(text)
    found = [phrase for phrase in known_phrases() if bare and _covers(phrase, bare)]
    return max(found, key=lambda phrase: phrase.length, default=None)


def plain(text: str) -> str:
    """Letters and digits only, NFKC, lower case, in simplified characters."""
    kept = "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())
    converted: str = _simplifier().convert(kept.translate(_SAME))
    return converted.translate(_SAME)


@cache
def known_phrases() -> tuple[KnownPhrase, ...]:
    """The list, read once."""
    lines = (line.strip() for line in _FILE.read_text("utf-8").splitlines())
    return tuple(_phrase(line) for line in lines if line and not line.startswith("#"))


def _phrase(line: str) -> KnownPhrase:
    spoken = line.startswith("?")
    text = line.removeprefix("?")
    parts = [plain(part) for part in text.split("*")]
    return KnownPhrase(text, spoken, re.compile(_NAME.join(map(re.escape, parts))), sum(map(len, parts)))


def _covers(phrase: KnownPhrase, bare: str) -> bool:
    return any(found.end() - found.start() >= _SHARE * len(bare) for found in phrase.pattern.finditer(bare))


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
