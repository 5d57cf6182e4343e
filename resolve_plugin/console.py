"""The view without a window: one line at a time. Never asks; every choice takes its default."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from .messages import text
from .timeline_reader import TimelineFacts

_LINE_EVERY_S = 10.0


def write_line(line: str) -> None:
    """Write a line to the console of the host, which may not know Chinese and may not be a file."""
    stream = sys.stdout
    if stream is None:
        return
    try:
        stream.write(f"{line}\n")
    except UnicodeEncodeError:
        stream.write(line.encode("ascii", "backslashreplace").decode("ascii") + "\n")
    stream.flush()


class Console:
    """Lines."""

    def __init__(self, language: str, write: Callable[[str], None] = write_line) -> None:
        self.language = language
        self.cancelled = False
        self._write = write
        self._last: tuple[str, int] = ("", -1)
        self._last_s = 0.0

    def say(self, key: str, **params: Any) -> None:
        self._write(text(key, self.language, **params))

    def show_text(self, text: str) -> None:
        self._write(text)

    def settle(self, facts: TimelineFacts, settings: dict[str, Any]) -> dict[str, Any] | None:
        self.say("session.summary", name=facts.name, fps=f"{float(facts.rate.fps):.3f}", frames=facts.frames, tracks=len(facts.audio_tracks))
        if settings["render"] != "none":
            self._write(f"{text('window.render', self.language)}: {text('render.' + settings['render'], self.language)}")
        return settings

    def choose(self, question: str, answers: Sequence[str], default: str, **params: Any) -> str:
        self._write(f"{text(question, self.language, **params)} -> {text(f'{question}.{default}', self.language)}")
        return default

    def pick_file(self, question: str, **params: Any) -> str:
        self.say(question, **params)
        return ""

    def progress(self, stage: str, place: tuple[int, int], fraction: float | None, eta_s: float | None) -> None:
        tenth = int((fraction or 0.0) * 10)
        now_s = time.monotonic()
        if (stage, tenth) == self._last or (stage == self._last[0] and now_s - self._last_s < _LINE_EVERY_S):
            return
        self._last, self._last_s = (stage, tenth), now_s
        self._write(progress_line(self.language, stage, place, fraction, eta_s))

    def wait(self, seconds: float) -> None:
        try:
            if seconds > 0:
                time.sleep(seconds)
        except KeyboardInterrupt:
            self.cancelled = True
            self.say("session.stopping")

    def finish(self, lines: Sequence[str], show_me: Callable[[], None] | None) -> None:
        for line in lines:
            self._write(line)

    def close(self) -> None:
        return


def progress_line(language: str, stage: str, place: tuple[int, int], fraction: float | None, eta_s: float | None) -> str:
    """'3/7 Listening · 42 % · 1:05 left'; a stage that the catalogue does not know is shown by its own name."""
    try:
        name = text(f"stage.{stage}", language)
    except KeyError:
        name = stage
    parts = [f"{place[0]}/{place[1]} {name}" if place[1] else name]
    if fraction is not None:
        parts.append(f"{100 * fraction:.0f} %")
    if eta_s is not None:
        minutes, seconds = divmod(int(eta_s), 60)
        parts.append(text("session.eta", language, time=f"{minutes}:{seconds:02}"))
    return " · ".join(parts)
