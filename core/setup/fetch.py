"""Fetching a Python with uv, into the checkout or the application-data folder, for a machine that has none the engine can use.

uv is taken from PATH, else installed for this one purpose into a temporary environment of the running Python.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SetupError
from ..messages import text
from .children import Finished, clean_environment, run_logged
from .pip_output import evidence, explain
from .pythons import FETCHED
from .screen import Screen, clock, monotonic

VERSION = "3.12"


def fetch_python(root: Path, place: Path, screen: Screen) -> None:
    """Put a Python `VERSION` into `place`, touching neither PATH nor the registry; `root` is the checkout with the pins.

    Raises SetupError when uv cannot be had or cannot fetch.
    """
    folder = place / FETCHED
    folder.mkdir(exist_ok=True)
    log = folder / "fetch.log"
    targets = {"UV_PYTHON_INSTALL_DIR": str(folder), "UV_PYTHON_INSTALL_BIN": "0", "UV_PYTHON_INSTALL_REGISTRY": "0"}
    with _uv(root, log, screen) as uv:
        environment = clean_environment(UV_PYTHON_DOWNLOADS="manual", **targets)
        ended = run_logged([uv, "python", "install", VERSION], log, environment, _Tick(screen))
    _require(ended, "install.fetch_failed", log)


@contextmanager
def _uv(root: Path, log: Path, screen: Screen) -> Iterator[str]:
    """A path of uv that is good inside the block."""
    present = shutil.which("uv")
    if present:
        yield present
        return
    with tempfile.TemporaryDirectory(prefix="canto-beats-uv-") as folder:
        scripts = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        environment = clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1")
        steps = (
            [sys.executable, "-m", "venv", folder],
            [str(scripts / "python"), "-m", "pip", "install", "--no-input", "uv", "-c", str(root / "constraints.txt")],
        )
        for step in steps:
            _require(run_logged(step, log, environment, _Tick(screen)), "install.no_uv", log)
        yield str(scripts / "uv")


class _Tick:
    """Shows that time passes while uv works."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._began = monotonic()

    def __call__(self, line: str | None) -> None:
        now = monotonic()
        words = text("install.progress.fetching_python", self._screen.language, version=VERSION)
        self._screen.progress(f"{words}  {clock(now - self._began)}", now)


def _require(ended: Finished, key: str, log: Path) -> None:
    """Raise SetupError with the known reason, else with `key`, unless the child succeeded."""
    if ended.code != 0:
        reason = explain(ended.lines)
        raise SetupError(key if reason == "install.failed" else reason, detail=evidence(ended.lines), log=log)
