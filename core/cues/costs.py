"""What makes a cut good or bad, as numbers for the dynamic program in `split.py`.

Lower is better. The numbers follow the project's study of published splitters; a new preference is one more term of `boundary_cost`, a new
limit one more term of `violations`.
"""

from __future__ import annotations

from dataclasses import dataclass

from .atoms import Atom
from .presets import Limits, Preset
from .words import word_list

SENTENCE_ENDS = frozenset("。！？!?…")
_CLAUSE_ENDS = frozenset("，；：、,;:")
_AFTER_SENTENCE, _AFTER_CLAUSE, _AFTER_SPACE, AFTER_SEGMENT = -8.0, -4.0, -1.5, -6.0
_BEFORE_OPENER, _AFTER_PARTICLE = -2.5, -2.0
_BAD_START, _BAD_END, _AFTER_LINKER = 6.0, 3.0, 4.0
_BESIDE_SINGLE = 2.0  # a content word of one character is often part of a word that the dictionary lacks
_INSIDE_LATIN = 4.0
_CLINGING = 3.0
_MS_PER_PAUSE_POINT, _MOST_PAUSE = 100, 5.0
_SHORT, _SHORT_COST = 4.0, 3.0
_IDEAL_OF_SOFT = 0.8
_OVER_SOFT_COST, _SECOND_LINE_COST, _OVER_SOFT_TIME_COST = 1.5, 2.5, 2.0
VIOLATION = 1000.0


@dataclass(slots=True)  # not frozen: a hundred are made for each cue, and freezing triples what one costs
class Piece:
    """A candidate cue. `spoken` frames its voice lasts, `room` it may be shown before the next, `near` of that close to its voice.

    `needed` frames are what reading takes at the preset's fastest.
    """

    width: float
    spoken: int
    room: int
    near: int
    needed: int
    atoms: int
    two_lines: bool = False


def boundary_cost(before: Atom, after: Atom) -> float:
    """The cost of a cut between two neighbouring atoms of one run."""
    bare = before.text.rstrip()
    last = bare[-1:]
    cost = 0.0
    if last in SENTENCE_ENDS:
        cost += _AFTER_SENTENCE
    elif last in _CLAUSE_ENDS:
        cost += _AFTER_CLAUSE
    elif before.trail and not (_latin(bare) and _latin(after.text)):
        cost += _AFTER_SPACE
    elif before.trail:
        cost += _INSIDE_LATIN
    cost -= min(max(0, after.start_ms - before.end_ms) / _MS_PER_PAUSE_POINT, _MOST_PAUSE)
    marked = cost <= _AFTER_CLAUSE
    cost += _CLINGING * (after.clings and not marked)
    return cost + _word_cost(before.tail, after.head, marked=marked)


def _word_cost(tail: str, head: str, *, marked: bool) -> float:
    """What the words beside a cut add; after a mark or a long pause, whatever ends a line may end it."""
    cost = 0.0
    if head in word_list("openers"):
        cost += _BEFORE_OPENER
    if head in word_list("no_start"):
        cost += _BAD_START
    if marked:
        return cost
    if tail in word_list("particles"):
        cost += _AFTER_PARTICLE
    if tail in word_list("linkers"):
        cost += _AFTER_LINKER
    elif tail in word_list("no_end"):
        cost += _BAD_END
    if len(tail) == 1 and tail not in word_list("no_start"):
        cost += _BESIDE_SINGLE
    if len(head) == 1 and head not in word_list("alone"):
        cost += _BESIDE_SINGLE
    return cost


def _latin(text: str) -> bool:
    return text[:1].isascii() and text[-1:].isascii()


def violations(piece: Piece, preset: Preset, limits: Limits) -> int:
    """How many hard limits a piece breaks: width (one atom alone may, since nothing can be cut), shortest and longest time, reading speed."""
    broken = (piece.width > preset.hard_width and piece.atoms == 1) + (piece.room < limits.shortest)
    return broken + (piece.spoken > limits.longest) + (piece.near < piece.needed)


def piece_cost(piece: Piece, preset: Preset, limits: Limits) -> float:
    """The cost of one cue, whatever its neighbours are."""
    ideal = preset.soft_width * _IDEAL_OF_SOFT
    cost = 1.0 + min(((ideal - piece.width) / ideal) ** 2 * 4, 8.0)
    if piece.width < _SHORT:
        cost += _SHORT_COST
    if piece.two_lines:
        cost += _SECOND_LINE_COST
    elif piece.width > preset.soft_width:
        cost += _OVER_SOFT_COST * (piece.width - preset.soft_width)
    if piece.spoken > limits.soft_longest:
        cost += _OVER_SOFT_TIME_COST
    return cost + VIOLATION * violations(piece, preset, limits)
