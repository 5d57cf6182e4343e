"""Checks of wording: characters of another script or register, and facts that a rewrite lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from .lint_base import Check, Hit, Subject, hit
from .width import width

if TYPE_CHECKING:
    from opencc import OpenCC

_CANTONESE = frozenset("嘅咗哋喺㗎𡃉唔冇佢嚟啲嗰咁噉嘢乜咩啩喎啫囉囖喇嘞咋揾攞瞓睇諗嗌攰靚啱瞓嬲𨋢")
_HONG_KONG = frozenset("吓揾温匀糍咤叠脚晋")  # in use in Hong Kong, though Big5 lacks them and OpenCC takes them for simplified
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|《[^》]*》")
_MARKS = re.compile(r"[\s，。！？；：、,.!?;:…⋯「」『』《》“”\"'()（）—-]+")
_LOOP = re.compile(r"(.{1,12}?)\1{3,}", re.DOTALL)
_SHORTEST, _LONGEST, _SPARE = 0.5, 1.3, 2
_ONE_WORD = 4.0


def _cantonese_leak(subject: Subject) -> Iterator[Hit]:
    for index, cue in enumerate(subject.document.cues if subject.document.register == "written" else ()):
        found = [char for char in dict.fromkeys(_QUOTED.sub("", cue.text)) if char in _CANTONESE]
        if found:
            yield hit(index, text="".join(found))


@cache
def _to_traditional() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("s2t")


@cache
def _simplified_only(char: str) -> bool:
    """True when the character is no Traditional one: OpenCC would change it, and Big5 does not have it."""
    try:
        char.encode("cp950")
    except UnicodeEncodeError:
        return bool(_to_traditional().convert(char) != char)
    return False


def _simplified_leak(subject: Subject) -> Iterator[Hit]:
    for index, cue in enumerate(subject.document.cues):
        found = [char for char in dict.fromkeys(cue.text) if char > "\u2fff" and char not in _HONG_KONG and _simplified_only(char)]
        if found:
            yield hit(index, text="".join(found))


def _repeated(subject: Subject) -> Iterator[Hit]:
    """What a recogniser does when it runs in a circle: the same line again and again, or one piece of it."""
    cues = subject.document.cues
    for index, cue in enumerate(cues):
        same = [other.text == cue.text for other in cues[max(0, index - 2) : index]]
        if same[-1:] == [True] and (width(cue.text) > _ONE_WORD or same == [True, True]):
            yield hit(index, text=cue.text)
        elif (found := _LOOP.search(_MARKS.sub("", cue.text))) and width(found[0]) > 2 * _ONE_WORD:
            yield hit(index, text=found[1])


def _length_ratio(subject: Subject) -> Iterator[Hit]:
    for index, cue in enumerate(subject.document.cues):
        said = subject.spoken.get(cue.id)
        if said is None:
            continue
        before, after = len(_MARKS.sub("", said)), len(_MARKS.sub("", cue.text))
        if abs(before - after) > _SPARE and not _SHORTEST * before <= after <= _LONGEST * before:
            yield hit(index, before=before, after=after)


def _facts_lost(subject: Subject) -> Iterator[Hit]:
    from ..passes.facts import digits, latin

    for index, cue in enumerate(subject.document.cues):
        said = subject.spoken.get(cue.id)
        lost = [] if said is None else sorted(((digits(said) - digits(cue.text)) + (latin(said) - latin(cue.text))).elements())
        if lost:
            yield hit(index, text=" ".join(lost))


CHECKS = (
    Check("cantonese_leak", "warning", _cantonese_leak, "Project convention: written Chinese has no spoken characters outside quotations"),
    Check("simplified_leak", "error", _simplified_leak, "Netflix Traditional Chinese 215994807: Traditional characters only"),
    Check("repeated_cue", "warning", _repeated, "Whisper's known failure: loops"),
    Check("length_ratio", "warning", _length_ratio, "Project convention: a written line has 0.5 to 1.3 of the spoken one's characters"),
    Check("facts_lost", "error", _facts_lost, "Project convention: digits and Latin words of the speech stay"),
)
