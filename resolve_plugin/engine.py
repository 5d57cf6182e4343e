"""The plugin's end of the wire: start the engine, exchange lines, cancel, and leave no process behind.

JSON lines, UTF-8, one child process for one job. A thread only fills a queue; all else happens on the caller's thread, because Resolve must
be called from one thread. The engine stops by itself when its input ends, so a killed plugin leaves nothing running.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

from . import __version__
from .errors import PluginError

PROTOCOL = 1
MAX_LINE_BYTES = 65536
_END = object()
_ENDINGS = ("result", "error", "cancelled")
_TERMINATE_S = 5.0
_KILL_S = 3.0


def engine_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: nothing of the host's Python or libraries, and a locale that can spell Chinese."""
    kept = {key: value for key, value in environment.items() if not key.startswith(("PYTHON", "DYLD_")) and key != "__PYVENV_LAUNCHER__"}
    kept["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    return kept


def engine_command(settings: Mapping[str, Any]) -> list[str]:
    """The command that starts the engine. Raises PluginError `engine.missing`."""
    if settings["engine_command"]:
        return [str(part) for part in settings["engine_command"]]
    python = os.path.expanduser(str(settings["engine_python"]))
    if not python or not os.path.isfile(python):
        raise PluginError("engine.missing", path=python or "-")
    return [python, "-I", "-m", "core", "serve"]


class Engine:
    """A running engine. Use it as a context manager; leaving the block ends the process whatever happened."""

    def __init__(self, command: Sequence[str], log_path: str, terminate_s: float = _TERMINATE_S, kill_s: float = _KILL_S) -> None:
        self._command, self._log_path = list(command), log_path
        self._terminate_s, self._kill_s = terminate_s, kill_s
        self._lines: queue.Queue[Any] = queue.Queue()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._cancelled_at_s: float | None = None
        self.ended = False

    def __enter__(self) -> Engine:
        options: dict[str, Any] = {"creationflags": 0x00000200} if os.name == "nt" else {"start_new_session": True}
        try:
            with open(self._log_path, "ab") as log:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=engine_environment(os.environ), **options
                )
        except OSError as error:
            raise PluginError("engine.start", detail=str(error), path=self._command[0]) from error
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._running().pid

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one line; a dead engine is noticed by the reader, not here."""
        line = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise PluginError("engine.line", detail=f"{len(line)} bytes")
        stream = self._running().stdin
        with contextlib.suppress(OSError, ValueError):
            if stream:
                stream.write(line)
                stream.flush()

    def greet(self, wait_s: float = 60.0) -> dict[str, Any]:
        """Exchange hellos. Raises PluginError `engine.protocol` for another protocol, `engine.silent` or `engine.crashed` when none comes."""
        deadline_s = time.monotonic() + wait_s
        while time.monotonic() < deadline_s:
            message = self.receive(0.1)
            if message is None:
                continue
            if message.get("type") != "hello" or message.get("protocol") != PROTOCOL:
                raise PluginError("engine.protocol", theirs=message.get("protocol", "-"), ours=PROTOCOL)
            self.send({"type": "hello", "protocol": PROTOCOL, "version": __version__})
            return message
        raise PluginError("engine.silent", seconds=int(wait_s))

    def receive(self, wait_s: float) -> dict[str, Any] | None:
        """The next message, or None after `wait_s` seconds.

        Raises PluginError `engine.crashed` when the engine ended without saying how, `engine.garbage` for a line that is no message.
        """
        self._press_on()
        try:
            line = self._lines.get(timeout=wait_s)
        except queue.Empty:
            return None
        if line is _END:
            code = self._running().wait()
            raise PluginError("engine.crashed", detail=self._log_tail(), status=code, log=self._log_path)
        message = _decode(line)
        self.ended = message["type"] in _ENDINGS
        return message

    def cancel(self) -> None:
        """Ask the engine to stop; what follows (SIGTERM, SIGKILL) happens in `receive` and `stop`."""
        if self._cancelled_at_s is None:
            self._cancelled_at_s = time.monotonic()
            self.send({"type": "cancel"})

    def _press_on(self) -> None:
        """After a cancel that is not answered: terminate, then kill."""
        if self._cancelled_at_s is None:
            return
        waited_s = time.monotonic() - self._cancelled_at_s
        if waited_s > self._terminate_s + self._kill_s:
            self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        elif waited_s > self._terminate_s:
            self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """End the process: close its input, wait, terminate, kill. Safe to call twice."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin:
                process.stdin.close()
        for wait_s, number in ((self._terminate_s, signal.SIGTERM), (self._kill_s, getattr(signal, "SIGKILL", signal.SIGTERM))):
            try:
                process.wait(wait_s)
                break
            except subprocess.TimeoutExpired:
                self._signal(number)
        process.wait()
        if self._reader:
            self._reader.join(1.0)
        if process.stdout and not (self._reader and self._reader.is_alive()):
            process.stdout.close()
        self._process = None

    def _signal(self, number: int) -> None:
        process = self._running()
        with contextlib.suppress(OSError):
            if os.name == "nt":
                process.terminate()
            else:
                os.killpg(process.pid, number)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise PluginError("engine.silent", seconds=0)
        return self._process

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while True:
                line = stream.readline(MAX_LINE_BYTES + 1)
                if not line:
                    break
                self._lines.put(line)
        self._lines.put(_END)

    def _log_tail(self) -> str:
        try:
            with open(self._log_path, "rb") as log:
                log.seek(max(0, os.path.getsize(self._log_path) - 2000))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""


def _decode(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line.decode("utf-8")) if len(line) <= MAX_LINE_BYTES else None
    except ValueError:
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise PluginError("engine.garbage", detail=repr(line[:200]))
    return message
