"""News about long work, and the way to stop it. Backends yield, the pipeline counts, a Reporter shows.

To show progress somewhere new, write another Reporter (a function of one Progress); nothing else changes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from .errors import Cancelled


@dataclass(frozen=True, slots=True)
class PartialCue:
    """A line as soon as it was heard: final as what was said, not yet cut into cues. Frames of the range; `end_frame` is exclusive."""

    start_frame: int
    end_frame: int
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` `unit`s of stage number `index` out of `count`. `total` is None while unknown; `eta_s` likewise.

    `cues` are lines that no earlier Progress had; they come in time order and are never revised.
    """

    stage: str
    index: int
    count: int
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    eta_s: float | None = None
    note: str = ""
    cues: tuple[PartialCue, ...] = ()

    @property
    def fraction(self) -> float | None:
        """Part done, 0 to 1, or None while the total is unknown."""
        if not self.total:
            return None
        return min(1.0, max(0.0, self.done / self.total))


Reporter = Callable[[Progress], None]


def no_report(progress: Progress) -> None:
    """A Reporter that shows nothing."""


class CancelToken:
    """Set from another thread or a signal handler; long work calls `check` between items."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled when somebody asked to stop."""
        if self._event.is_set():
            raise Cancelled


class StageProgress:
    """Counts one stage and reports at most ten times a second, with the time left at the pace so far."""

    def __init__(self, stage: str, place: tuple[int, int], reporter: Reporter, cancel: CancelToken) -> None:
        self._stage, (self._index, self._count) = stage, place
        self._reporter, self._cancel = reporter, cancel
        self._started_s = time.monotonic()
        self._last_s = 0.0
        self._latest = Progress(stage, *place)

    def update(self, done: float, total: float | None, unit: str = "", note: str = "") -> None:
        """Say how far the stage is; raises Cancelled when the user stopped the run."""
        self._cancel.check()
        now_s = time.monotonic()
        if done != total and now_s - self._last_s < 0.1:
            return
        self._last_s = now_s
        eta_s = None
        if total and done > 0:
            eta_s = max(0.0, (now_s - self._started_s) * (total - done) / done)
        self._latest = Progress(self._stage, self._index, self._count, done, total, unit, eta_s, note)
        self._reporter(self._latest)

    def partial(self, cues: tuple[PartialCue, ...]) -> None:
        """Hand out lines at once, however short ago the last news were; raises Cancelled when the user stopped the run."""
        self._cancel.check()
        self._reporter(replace(self._latest, cues=cues, note=cues[-1].text))
