"""What the installer shows: catalogue sentences, one updating progress line on a terminal (plain lines elsewhere), yes/no questions."""

from __future__ import annotations

import shutil
import sys
import time
import unicodedata
from typing import TYPE_CHECKING, TextIO

from ..messages import Language, hint, language_from_environment, text

if TYPE_CHECKING:
    from ..errors import EngineError

_QUIET_SECONDS = 10.0  # between progress lines where they stay on the page
_YES = ("y", "yes", "是", "好")


class Screen:
    """A place to write to and to ask at.

    `consent` answers every question with yes, as --yes does.
    """

    def __init__(self, output: TextIO, answers: TextIO, language: Language, consent: bool = False) -> None:
        self.language = language
        self.consent = consent
        self._output = output
        self._answers = answers
        self._live = output.isatty()
        self._shown = ""
        self._last = 0.0

    def say(self, key: str, **params: object) -> None:
        """One sentence of the catalogue, its hint below it where it has one."""
        self.line(text(key, self.language, **params))
        advice = hint(key, self.language, **params)
        if advice:
            self.line("  " + advice)

    def line(self, words: str) -> None:
        """A line as it is."""
        self._clear()
        self._output.write(words + "\n")
        self._output.flush()

    def progress(self, words: str, now: float) -> None:
        """Replace the progress line; where lines cannot be replaced, write one now and then. `now` in monotonic seconds."""
        if self._live:
            fitting = _cut(words, shutil.get_terminal_size().columns - 1)
            self._output.write("\r\x1b[K" + fitting)
            self._output.flush()
            self._shown = fitting
        elif now - self._last >= _QUIET_SECONDS:
            self._last = now
            self.line(words)

    def ask(self, key: str, **params: object) -> bool:
        """A question of the catalogue; no is the answer when nobody is there to give one."""
        if self.consent:
            return True
        if not (self._live and self._answers.isatty()):
            return False
        self._clear()
        self._output.write(f"{text(key, self.language, **params)} [y/N] ")
        self._output.flush()
        return self._answers.readline().strip().lower() in _YES

    def failure(self, error: EngineError) -> None:
        """What went wrong, the evidence and the next action."""
        self.line("")
        self.line(error.message(self.language))
        for evidence in error.detail.splitlines():
            self.line("    " + evidence)
        if error.hint(self.language):
            self.line(error.hint(self.language))

    def _clear(self) -> None:
        if self._shown:
            self._output.write("\r\x1b[K")
            self._shown = ""


def terminal(consent: bool) -> Screen:
    """The user's own terminal, in the language of the environment."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    return Screen(sys.stdout, sys.stdin, language_from_environment(), consent)


def clock(seconds: float) -> str:
    """Elapsed seconds as 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _cut(words: str, columns: int) -> str:
    """`words` without what is past `columns`, a Chinese character taking two."""
    used = 0
    for index, character in enumerate(words):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > columns:
            return words[:index]
    return words


def monotonic() -> float:
    """Seconds for `progress`."""
    return time.monotonic()
