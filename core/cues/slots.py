"""A cue's time while layout works on it: where the voice is, where the text is now, and why each edge is where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Reason = Literal["voice", "linger", "shot", "chain", "gap", "short", "long", "speed", "reading"]


@dataclass(slots=True)
class Slot:
    """Frames of one cue; `end` is exclusive. `least` is what it needs for the shortest time and the fastest reading."""

    id: str
    start: int
    end: int
    voice_start: int
    voice_end: int
    least: int
    final_particle: bool = False
    start_reason: Reason | None = None
    end_reason: Reason | None = None

    @property
    def length(self) -> int:
        """Frames on screen."""
        return self.end - self.start

    def move_start(self, frame: int, reason: Reason) -> None:
        """Put the in-time at `frame` and remember why."""
        if frame != self.start:
            self.start, self.start_reason = frame, reason

    def move_end(self, frame: int, reason: Reason) -> None:
        """Put the out-time at `frame` and remember why."""
        if frame != self.end:
            self.end, self.end_reason = frame, reason

    def bears(self, length: int) -> bool:
        """True when `length` frames are enough to read it, or no fewer than it has anyhow."""
        return length >= min(self.least, self.length) and length > 0


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """An edge that layout moved, with the reason that had the last word; frames count from the range's first."""

    cue_id: str
    side: Literal["in", "out"]
    before_frame: int
    after_frame: int
    reason: str


def room_after(slots: Sequence[Slot], index: int, gap: int, length: int) -> int:
    """The last frame that the out-time of slot `index` may take."""
    return slots[index + 1].start - gap if index + 1 < len(slots) else length
