"""What the session needs from whoever talks to the user. `console.py` writes lines, `window.py` shows a window.

To add a view, write these methods; `session.py` changes in nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .timeline_reader import TimelineFacts


class View(Protocol):
    """Talks to the user. `cancelled` becomes true when the user asks to stop."""

    language: str
    cancelled: bool

    def say(self, key: str, **params: Any) -> None:
        """Show a line of the catalogue."""

    def show_text(self, text: str) -> None:
        """Show a line that the engine has already put into words."""

    def settle(self, facts: TimelineFacts, settings: dict[str, Any]) -> dict[str, Any] | None:
        """Show the timeline and let the user choose; the settings to use, or None when the user wants nothing."""

    def choose(self, question: str, answers: Sequence[str], default: str, **params: Any) -> str:
        """Let the user choose; `question` and '<question>.<answer>' are catalogue keys. Without a user: the default."""

    def pick_file(self, question: str, **params: Any) -> str:
        """A file that the user picks, or ''."""

    def progress(self, stage: str, place: tuple[int, int], fraction: float | None, eta_s: float | None) -> None:
        """Show how far the work is; `place` is (stage number, number of stages)."""

    def wait(self, seconds: float) -> None:
        """Let time pass and stay responsive."""

    def finish(self, lines: Sequence[str], show_me: Callable[[], None] | None) -> None:
        """Show how it ended; a window stays until the user closes it and offers `show_me`."""

    def close(self) -> None:
        """Take the window away."""
