"""Checks of lines: how wide, how many, where they break."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from .lint_base import Check, Hit, Subject, each_line, each_neighbour, hit
from .segmenter import segmenter
from .width import width

_CONTEXT = 8  # characters on each side that decide where words end
_LOST = 2
_PARTICLES = frozenset("的了嗎吧嘅咗㗎𡃉喇啦嘞囉囖喎啫咋嘛咩吖噃啩們哋")


def is_dialogue(text: str) -> bool:
    """True when every line begins with the hyphen of a speaker; two such lines are allowed everywhere."""
    return all(line.startswith(("-", "－", "–")) for line in text.split("\n"))


def _cpl(subject: Subject) -> Iterator[Hit]:
    for index, line in each_line(subject):
        if (wide := width(line)) > subject.preset.hard_width:
            yield hit(index, width=f"{wide:g}", limit=f"{subject.preset.hard_width:g}")


def _lines(subject: Subject) -> Iterator[Hit]:
    for index, cue in enumerate(subject.document.cues):
        if (count := cue.text.count("\n") + 1) > max(subject.preset.lines, 2 * is_dialogue(cue.text)):
            yield hit(index, count=count, limit=subject.preset.lines)


def _orphan(subject: Subject) -> Iterator[Hit]:
    """One or two characters alone on a line of several."""
    for index, cue in enumerate(subject.document.cues):
        lines = cue.text.split("\n")
        yield from (hit(index, text=line) for line in lines if len(lines) > 1 and 0 < width(line) <= _LOST and not line.startswith(("-", "－")))


def _break_in_word(subject: Subject) -> Iterator[Hit]:
    """A word that goes on in the next line, or in the next cue when that follows at once."""
    ends = segmenter(subject.names).ends
    for index, cue in enumerate(subject.document.cues):
        lines = cue.text.split("\n")
        yield from (found for above, below in pairwise(lines) for found in _broken(index, above, below, ends))
    for index, first, second in each_neighbour(subject):
        if second.start_frame - first.end_frame < max(1, subject.limits.close_below):
            yield from _broken(index, first.text.rpartition("\n")[2], second.text.partition("\n")[0], ends)


def _broken(index: int, above: str, below: str, ends: Callable[[str], Sequence[int]]) -> Iterator[Hit]:
    left, right = above[-_CONTEXT:], below[:_CONTEXT]
    if not (left and right and left[-1].isalnum() and right[0].isalnum()) or (left[-1].isascii() and right[0].isascii()):
        return
    if len(left) not in ends(left + right):
        yield hit(index, text=f"{left[-3:]}|{right[:3]}")


def _starts_with_particle(subject: Subject) -> Iterator[Hit]:
    for index, line in each_line(subject):
        if line[:1] in _PARTICLES and len(line) > _LOST and _PARTICLES.issuperset(first := segmenter(subject.names).words(line)[0]):
            yield hit(index, text=first)


CHECKS = (
    Check("cpl", "error", _cpl, "Netflix Traditional Chinese 215994807: 16; Pixelogic Hong Kong 115003224091: 18; the preset's own", fix=True),
    Check("lines", "warning", _lines, "Hong Kong custom: one line; guides: two; the preset's own", fix=True),
    Check("orphan", "warning", _orphan, "Project convention: no one or two characters alone on a line"),
    Check("break_in_word", "warning", _break_in_word, "Netflix general requirements 215758617: break between words, not inside"),
    Check("starts_with_particle", "warning", _starts_with_particle, "Project convention: a particle stays with what it ends"),
)
