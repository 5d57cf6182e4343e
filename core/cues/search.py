"""The dynamic program: where a run of speech is cut so that the fewest hard limits break and the cuts fall in the best places.

The first search gives each cue the silence after it. Where that breaks a limit, the second also lets a cue begin early in a silence that the
one before does not need; it is exact, and slower because a cue's room then depends on its neighbour. What is good or bad is `costs.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from ..timing import FrameRate
from .atoms import Atom
from .costs import AFTER_SEGMENT, VIOLATION, Piece, boundary_cost, piece_cost
from .presets import Limits, Preset, limits_of


@dataclass(frozen=True, slots=True)
class Run:
    """Speech without a long pause. `joints` are the places between atoms where one segment ends and the next begins.

    `starts` and `ends` are the frames of each atom's voice, ends exclusive; `before` and `after` the frames of silence around the run that its
    cues may use, the gap between cues taken off.
    """

    atoms: tuple[Atom, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    joints: frozenset[int] = frozenset()
    before: int = 0
    after: int = 0


def best_cuts(run: Run, preset: Preset, rate: FrameRate) -> tuple[int, ...]:
    """The cuts of least cost, as counts of atoms before them."""
    spans = _Spans(run, preset, rate)
    cost, cuts = _with_silence_after(spans)
    return _with_silence_shared(spans) if cost >= VIOLATION / 2 else cuts


def silence_needed(run: Run, cuts: tuple[int, ...], preset: Preset, rate: FrameRate) -> int:
    """Frames of the silence after the run that its last cue needs: what the first cue of the next run cannot begin early in."""
    spans, start = _Spans(run, preset, rate), cuts[-1] if cuts else 0
    wide = spans.widths[-1] - spans.widths[start] - run.atoms[-1].trail
    return _tail(spans.piece((start, spans.count), wide, wide > preset.hard_width), 0, spans.limits)


class _Spans:
    """Candidate cues of one run: atoms [start, end)."""

    def __init__(self, run: Run, preset: Preset, rate: FrameRate) -> None:
        self.run, self.preset, self.count = run, preset, len(run.atoms)
        self.limits = limits_of(preset, rate)
        self.frames_per_width = float(rate.fps) / preset.cps_max
        self.widths = [0.0]
        for atom in run.atoms:
            self.widths.append(self.widths[-1] + atom.width)
        inner = range(1, self.count)
        self.cut = [0.0, *(boundary_cost(run.atoms[i - 1], run.atoms[i]) + AFTER_SEGMENT * (i in run.joints) for i in inner), 0.0]

    def starts(self, end: int) -> Iterator[tuple[int, float, bool]]:
        """(start, width, on two lines) of every span with this end that fits the lines, shortest first; one atom always counts."""
        trail, hard = self.run.atoms[end - 1].trail, self.preset.hard_width
        for start in range(end - 1, -1, -1):
            wide = self.widths[end] - self.widths[start] - trail
            two_lines = wide > hard
            if two_lines and start < end - 1 and not (self.preset.lines > 1 and self._wraps(start, end)):
                return
            yield start, wide, two_lines

    def _wraps(self, start: int, end: int) -> bool:
        """True when the span fits on two lines."""
        atoms, widths, hard = self.run.atoms, self.widths, self.preset.hard_width
        middle = start + 1
        while middle + 1 < end and widths[middle + 1] - widths[start] - atoms[middle].trail <= hard:
            middle += 1
        above = widths[middle] - widths[start] - atoms[middle - 1].trail
        return max(above, widths[end] - widths[middle] - atoms[end - 1].trail) <= hard

    def silence(self, place: int) -> int:
        """Frames before atom number `place` that the cue before it and the cue it begins may share."""
        return max(0, self.run.starts[place] - self.run.ends[place - 1] - self.limits.gap)

    def cost(self, piece: Piece) -> float:
        """What a cue costs under the preset."""
        return piece_cost(piece, self.preset, self.limits)

    def piece(self, span: tuple[int, int], wide: float, two_lines: bool, lead: int = 0) -> Piece:
        """A span as a cue that may begin `lead` frames before its voice."""
        run, (start, end) = self.run, span
        spoken, free = run.ends[end - 1] - run.starts[start], run.after
        if end < self.count:
            free = self.silence(end)
            spoken = min(spoken, run.starts[end] - run.starts[start] - self.limits.gap)
        shown = spoken + lead
        tail = min(free, max(self.limits.linger_max, self.limits.shortest - spoken))
        return Piece(wide, spoken, shown + free, shown + tail, ceil(wide * self.frames_per_width - 1e-6), end - start, two_lines)


def _with_silence_after(spans: _Spans) -> tuple[float, tuple[int, ...]]:
    best: list[tuple[float, int]] = [(0.0, 0)]
    lead = min(spans.limits.early, spans.run.before)
    for end in range(1, spans.count + 1):
        choices = [
            (best[start][0] + spans.cost(spans.piece((start, end), wide, two_lines, 0 if start else lead)), start)
            for start, wide, two_lines in spans.starts(end)
        ]
        cost, start = min(choices)
        best.append((cost + spans.cut[end], start))
    places: list[int] = []
    place = spans.count
    while place := best[place][1]:
        places.append(place)
    return best[-1][0], tuple(reversed(places))


def _with_silence_shared(spans: _Spans) -> tuple[int, ...]:
    """As above, over pairs of neighbouring cues: what one needs of the silence between them, the other cannot have."""
    best: dict[tuple[int, int], tuple[float, int, int]] = {}  # (start, end) -> cost, start of the cue before, silence used at the end
    ending: list[list[int]] = [[] for _ in range(spans.count + 1)]
    for end in range(1, spans.count + 1):
        for start, wide, two_lines in spans.starts(end):
            options = []
            for before in ending[start] if start else [-1]:
                cost, _, used = best[before, start] if start else (0.0, 0, 0)
                lead = min(spans.limits.early, spans.silence(start) - used if start else spans.run.before)
                piece = spans.piece((start, end), wide, two_lines, lead)
                options.append((cost + spans.cost(piece) + spans.cut[end], before, _tail(piece, lead, spans.limits)))
            best[start, end] = min(options)
            ending[end].append(start)
    start, place = min((best[start, spans.count][0], start) for start in ending[-1])[1], spans.count
    places: list[int] = []
    while start > 0:
        places.append(start)
        start, place = best[start, place][1], start
    return tuple(reversed(places))


def _tail(piece: Piece, lead: int, limits: Limits) -> int:
    """How many frames of the silence after it a cue needs to be long enough and slow enough, as layout will give them."""
    missing = max(limits.shortest - piece.spoken, min(piece.needed - piece.spoken, piece.near - lead - piece.spoken))
    return min(max(0, missing), piece.room - lead - piece.spoken)
