"""Running other programs: a clean environment, output line by line into a log, nothing left behind after Ctrl-C.

To drop another variable that confuses a child, add it to `_DROPPED`.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

# Python's own variables send a child to another Python's library; DYLD_* does so with shared libraries.
_DROPPED_STARTS = ("PYTHON", "DYLD_", "__PYVENV_LAUNCHER__")
# pip options that would install elsewhere, something else, or in words that we cannot read. The user's index, proxy, certificate and
# cache settings stay.
_DROPPED = frozenset(
    (
        "PIP_CONFIG_SETTINGS",
        "PIP_CONSTRAINT",
        "PIP_DRY_RUN",
        "PIP_EDITABLE",
        "PIP_FORCE_REINSTALL",
        "PIP_IGNORE_INSTALLED",
        "PIP_NO_DEPS",
        "PIP_PRE",
        "PIP_PREFIX",
        "PIP_PROGRESS_BAR",
        "PIP_PYTHON",
        "PIP_QUIET",
        "PIP_REPORT",
        "PIP_REQUIREMENT",
        "PIP_REQUIRE_HASHES",
        "PIP_ROOT",
        "PIP_TARGET",
        "PIP_UPGRADE",
        "PIP_VERBOSE",
    )
)
_STOP_SECONDS = 5


def clean_environment(**extra: str) -> dict[str, str]:
    """This process's environment without what misleads a child Python or pip, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED_STARTS) and name not in _DROPPED}
    # `user = true` in a pip.conf cannot work in a virtual environment; only a variable overrules the file.
    return {**kept, "PIP_USER": "0", **extra}


class Finished:
    """How a child ended: its exit code and its last lines."""

    def __init__(self, code: int, lines: Sequence[str]) -> None:
        self.code = code
        self.lines = tuple(lines)


def run_logged(
    command: Sequence[str],
    log: Path,
    environment: dict[str, str],
    on_line: Callable[[str | None], None],
) -> Finished:
    """Run `command` to its end with its output appended to `log`.

    `on_line` gets every line and, twice a second while nothing comes, None. KeyboardInterrupt ends the child before it goes on.
    Raises OSError when the command cannot be started or the log not be written.
    """
    lines: list[str] = []
    with log.open("a", encoding="utf-8", errors="replace") as record:
        record.write(f"$ {' '.join(command)}\n")
        # close_fds would close the installer's lock, the one file that is marked as inheritable.
        with subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, close_fds=False
        ) as child:
            try:
                for line in _Lines(child):
                    if line is not None:
                        lines.append(line)
                        record.write(line + "\n")
                        record.flush()
                    on_line(line)
            except BaseException:
                _stop(child)
                raise
            return Finished(child.wait(), lines)


class _Lines:
    """The child's lines as they come, None for every half second of silence, until its end."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._queue: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, args=(child,), daemon=True).start()

    def _read(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        for raw in child.stdout:
            self._queue.put(raw)
        self._queue.put(None)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str | None:
        try:
            raw = self._queue.get(timeout=0.5)
        except queue.Empty:
            return None
        if raw is None:
            raise StopIteration
        return raw.decode("utf-8", "replace").rstrip("\r\n")


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def hand_over(command: Sequence[str], folder: Path | None = None) -> int:
    """Run `command` on this terminal and return its exit code; Ctrl-C is the child's to answer."""
    with subprocess.Popen(list(command), env=clean_environment(), cwd=folder) as child:
        while True:
            try:
                code = child.wait()
                return code if code >= 0 else 128 - code
            except KeyboardInterrupt:
                continue
