"""Running the environment's own pip with its progress in one line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

from ..errors import SetupError
from ..messages import text
from .children import clean_environment, run_logged
from .pip_output import PipOutput, evidence, explain
from .screen import Screen, clock, monotonic


def pip_install(python: Path, arguments: Sequence[str], log: Path, screen: Screen) -> None:
    """`pip install` with `arguments` in the environment of `python`.

    Raises SetupError with pip's reason put into a sentence; the whole output is in `log`.
    """
    command = [str(python), "-I", "-m", "pip", "install", "--no-input", "--no-color", *arguments]
    watch = _Watch(screen, _site_packages(python))
    ended = run_logged(command, log, clean_environment(PYTHONUNBUFFERED="1", PIP_DISABLE_PIP_VERSION_CHECK="1"), watch)
    if ended.code != 0:
        raise SetupError(explain(ended.lines), detail=evidence(ended.lines), log=log)


def _site_packages(python: Path) -> Callable[[], int]:
    """How many packages lie in the environment of `python` now."""
    inside = "Lib/site-packages" if os.name == "nt" else "lib/python3.*/site-packages"
    return lambda: sum(1 for _ in python.parent.parent.glob(f"{inside}/*.dist-info"))


class _Watch:
    """Turns pip's lines, and its silence, into progress."""

    def __init__(self, screen: Screen, count: Callable[[], int]) -> None:
        self._screen = screen
        self._count = count
        self._before = count()
        self._began = monotonic()
        self._output = PipOutput()

    def __call__(self, line: str | None) -> None:
        if line is not None:
            self._output.feed(line)
        now = monotonic()
        self._screen.progress(f"{self._words()}  {clock(now - self._began)}", now)

    def _words(self) -> str:
        seen, language = self._output, self._screen.language
        if seen.installing:
            done = min(max(self._count() - self._before, 0), seen.installing)
            return text("install.progress.installing", language, done=done, total=seen.installing)
        if not seen.package:
            return text("install.progress.starting", language)
        words = text("install.progress.fetching", language, number=seen.found, package=seen.package)
        here, whole = seen.megabytes
        return f"{words}  {here}/{whole} MB" if whole else words
