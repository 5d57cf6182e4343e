"""A cue's text on two lines, where the preset allows it and one line would be too wide.

The lines come out even, the lower one rather the longer, cut where `costs.py` likes a cut best. Text that has a break already keeps it.
"""

from __future__ import annotations

from ..document import Word
from .atoms import Atom, atoms_of
from .costs import boundary_cost
from .presets import Preset
from .spread import tokens_of
from .width import width

_TOP_HEAVY = 1.5
_WORDS_COUNT = 3.0  # sense before evenness
_LEAST = 3.0  # full-width characters on a line: one or two look lost
_LOST_COST, _OVER_COST = 50.0, 200.0


def wrap(text: str, preset: Preset, names: frozenset[str] = frozenset()) -> str:
    """The text with at most one line break put in; as it is when it fits on a line, has a break, or the preset has one line."""
    if preset.lines < 2 or "\n" in text or width(text) <= preset.hard_width:
        return text
    atoms = atoms_of(tuple(Word(token, 0, 0) for token in tokens_of(text)), names, preset.hard_width)
    if len(atoms) < 2:
        return text
    place = min(range(1, len(atoms)), key=lambda place: _cost(atoms, place, preset))
    return f"{_joined(atoms[:place])}\n{_joined(atoms[place:])}"


def _cost(atoms: tuple[Atom, ...], place: int, preset: Preset) -> float:
    above, below = width(_joined(atoms[:place])), width(_joined(atoms[place:]))
    cost = abs(above - below) * (_TOP_HEAVY if above > below else 1.0)
    cost += _LOST_COST * (min(above, below) < _LEAST) + _OVER_COST * (max(above, below) > preset.hard_width)
    return cost + _WORDS_COUNT * boundary_cost(atoms[place - 1], atoms[place])


def _joined(atoms: tuple[Atom, ...]) -> str:
    return "".join(atom.text for atom in atoms).strip()
