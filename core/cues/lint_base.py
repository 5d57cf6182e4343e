"""What every family of checks shares: the subject that is looked at, a check, and a hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..document import Cue, Level, SubtitleDocument
from ..timing import FrameRate
from .presets import Limits, Preset, limits_of


@dataclass(frozen=True, slots=True)
class Subject:
    """A document under its preset. `cuts` are the picture's, in frames from the range's first; `spoken` has what was said, by cue id, for a
    written document; `font` is the file that the text will be drawn with."""

    document: SubtitleDocument
    preset: Preset
    cuts: tuple[int, ...] = ()
    spoken: Mapping[str, str] = field(default_factory=dict)
    font: Path | None = None
    names: frozenset[str] = frozenset()

    @property
    def limits(self) -> Limits:
        """The preset's times in the document's frames."""
        return limits_of(self.preset, self.document.rate)

    def span(self, frames: int) -> str:
        """A number of frames for a message: '12 f', or '200 ms' where the file has no frames."""
        return f"{frames} {'ms' if self.document.rate == FrameRate(1000) else 'f'}"

    def seconds(self, frames: int) -> str:
        """A span for a message: '0.72'."""
        return f"{float(frames / self.document.rate.fps):.2f}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue at fault, by its place; `params` fill the check's message, `level` overrides the check's own."""

    index: int
    params: tuple[tuple[str, object], ...] = ()
    level: Level | None = None


Find = Callable[[Subject], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Check:
    """`code` names it in the catalogue, `source` says whose rule it is, `fix` whether `fix.py` can mend what it finds."""

    code: str
    level: Level
    find: Find
    source: str
    fix: bool = False


def hit(index: int, level: Level | None = None, **params: object) -> Hit:
    """A Hit with its parameters by name."""
    return Hit(index, tuple(params.items()), level)


def each_line(subject: Subject) -> Iterator[tuple[int, str]]:
    """(place of the cue, line) of every line."""
    for index, cue in enumerate(subject.document.cues):
        for line in cue.text.split("\n"):
            yield index, line


def each_neighbour(subject: Subject) -> Iterator[tuple[int, Cue, Cue]]:
    """(place of the first, first, second) of every two cues that follow each other."""
    cues = subject.document.cues
    for index in range(len(cues) - 1):
        yield index, cues[index], cues[index + 1]
