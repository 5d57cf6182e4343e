"""May this reply stand for that line: pure checks that name their reasons.

Each reason is a catalogue key `passes.guard_<name>`. To add a check: a function from Candidate to bool ('something is wrong') in `CHECKS`, and its
text in the catalogue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from .facts import changed

SHORTEST, LONGEST = 0.6, 1.4
_SPARE = 2  # characters by which a very short line may leave the ratio
_LEAK = 8  # characters in a row that nobody repeats by chance
_ABSURD = 4
_MARKS = re.compile(r"[\s，。！？；：、,.!?;:…「」『』《》“”\"'()（）—-]+")
_CHATTER = re.compile(r"以下[是為]|改寫[後成為如]|(?:改寫|書面語|口語|翻譯|輸出|原文|字幕)[:：]|(?i:\bhere (?:is|are)\b|\bsure\b|```|</?\w+>|<\|)")
_NUMBER = re.compile(r"^\s*\d{1,3}\s*[.．、:：|)）]")
_FORMAL = re.compile("茲|謹此|閣下|鑑於|有鑑|予以|敬請|特此|事宜|倘若|遂|乃|吾等|汝|其後遂|業已|均已|之故|是次|誠然|懇請|頃|祈")
_GARBLED = re.compile("[\ufffd\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff]")
_REPEATED = re.compile(r"(.{1,12}?)\1{3,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply for `before`, without its number. `rules` is what the rule engine makes of the line; `others` what it makes of the lines around.

    `instructions` is all text the model was told that is not the line; `names` are the glossary's.
    """

    before: str
    after: str
    rules: str
    others: tuple[str, ...] = ()
    instructions: str = ""
    names: tuple[str, ...] = ()


Check = Callable[[Candidate], bool]


def empty(one: Candidate) -> bool:
    """Nothing but marks is left."""
    return empty_text(one.after)


def garbled(one: Candidate) -> bool:
    """Replacement or control characters, or a line break."""
    return bool(_GARBLED.search(one.after)) or "\n" in one.after


def length(one: Candidate) -> bool:
    """Outside 0.6 to 1.4 of the line's length, marks not counted; very short lines have two characters to spare."""
    before, after = visible_length(one.before), visible_length(one.after)
    return abs(after - before) > _SPARE and outside(before, after)


def outside(before: int, after: int) -> bool:
    """True when `after` characters are less than 0.6 or more than 1.4 of `before`."""
    return not SHORTEST * before <= after <= LONGEST * before


def chatter(one: Candidate) -> bool:
    """The model talks about its work, or left a line number."""
    return any(pattern.search(one.after) and not pattern.search(one.before) for pattern in (_CHATTER, _NUMBER))


def leak(one: Candidate) -> bool:
    """Eight characters in a row from the instructions that the line itself does not have."""
    text = _bare(one.after)
    told, said = _told(one.instructions), _bare(one.before) + "|" + _bare(one.rules)
    return any((part := text[at : at + _LEAK]) in told and part not in said for at in range(len(text) - _LEAK + 1))


def repetition(one: Candidate) -> bool:
    """Something four times in a row that the line does not repeat."""
    return bool(_REPEATED.search(_bare(one.after))) and not _REPEATED.search(_bare(one.before))


def formal(one: Candidate) -> bool:
    """Officialese that nobody said."""
    return any(word not in one.before for word in _FORMAL.findall(one.after))


def elsewhere(one: Candidate) -> bool:
    """The reply is nearer to another line than to its own: lines were swapped, merged or made up."""
    own = likeness(one.after, one.rules)
    return (len(_bare(one.rules)) > _SPARE and own < 0.2) or any(likeness(one.after, other) > own for other in one.others)


CHECKS: dict[str, Check] = {
    "empty": empty,
    "garbled": garbled,
    "chatter": chatter,
    "repetition": repetition,
    "length": length,
    "leak": leak,
    "formal": formal,
    "elsewhere": elsewhere,
}


def reasons(one: Candidate) -> tuple[str, ...]:
    """Why the reply is refused, as catalogue keys; empty when it may stand. Of a reply out of all proportion the length is reason enough."""
    if len(one.after) > _ABSURD * (len(one.before) + _LEAK):
        return ("passes.guard_length",)
    found = [name for name, check in CHECKS.items() if check(one)]
    found += changed(one.before, one.after, one.names)
    return tuple(f"passes.guard_{name}" for name in found)


def empty_text(text: str) -> bool:
    """True when there is nothing to read but marks."""
    return not _bare(text)


def visible_length(text: str) -> int:
    """Characters, marks and spaces left out."""
    return len(_bare(text))


@cache
def _told(instructions: str) -> str:
    return _bare(instructions)


def _bare(text: str) -> str:
    return _MARKS.sub("", text)


def likeness(left: str, right: str) -> float:
    """Dice coefficient of the characters, 0 to 1."""
    one, two = Counter(_bare(left)), Counter(_bare(right))
    return 2 * (one & two).total() / ((one.total() + two.total()) or 1)
