"""The engine's end of the wire: shake hands, start the worker for one job, pass lines on, see to it that there is exactly one last word.

This process stays light and imports nothing heavy, so it can always answer: a cancel or a vanished plugin (end of file) is obeyed within a
second by killing the worker, whatever library the worker is in, and a worker that crashes becomes an error that names its log.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from . import __version__
from .errors import Cancelled, StageError, WireError
from .messages import language_from_environment
from .wire import PROTOCOL, Message, Sender, decode, encode, messages

LAST_WORDS = frozenset({"result", "error", "cancelled"})
_GRACE_S = 0.5


def claim_stdout() -> BinaryIO:
    """Keep file descriptor 1 for the wire and point 1 at standard error, so that no library's print can corrupt a line."""
    wire = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(wire, "wb", buffering=0)


def raw_stdin() -> BinaryIO:
    """Standard input without a buffer: a buffer's lock, held by a listening thread, would abort the interpreter when it ends."""
    return cast("BinaryIO", open(0, "rb", buffering=0, closefd=False))


def serve(reader: BinaryIO, writer: BinaryIO) -> int:
    """Run one job for whoever speaks the protocol on these streams; returns the process's exit code."""
    sender = Sender(writer)
    said = messages(reader)
    try:
        sender.send("hello", protocol=PROTOCOL, version=__version__, pid=os.getpid())
        theirs = _expect(said, "hello", sender).get("protocol")
        if theirs != PROTOCOL:
            raise WireError("wire.other_protocol", theirs=theirs, ours=PROTOCOL)
        folder = Path(str(_expect(said, "run", sender).get("job")))
    except WireError as error:
        with suppress(WireError):
            sender.send("error", **error.to_wire(language_from_environment()))
        return error.exit_code
    except Cancelled:
        with suppress(WireError):
            sender.send("cancelled")
        return Cancelled.exit_code
    watch = Watch(folder, sender)
    threading.Thread(target=watch.obey, args=(said,), daemon=True).start()
    return watch.relay()


def _expect(said: Any, kind: str, sender: Sender) -> Message:
    """The next message, which must be of `kind`; unknown ones are noted and passed over.

    Raises Cancelled when the plugin left or cancelled, WireError `wire.out_of_order` for a known message in the wrong place.
    """
    for message in said:
        if message["type"] == kind:
            return cast("Message", message)
        if message["type"] == "cancel":
            break
        if message["type"] in ("hello", "run", "reply"):
            raise WireError("wire.out_of_order", got=message["type"], wanted=kind)
        sender.send("note", level="warning", message=f"unknown message {message['type'][:40]}")
    raise Cancelled


class Watch:
    """One worker. `relay` runs in the main thread until the worker is gone, `obey` in another until the plugin is."""

    def __init__(self, folder: Path, sender: Sender) -> None:
        self._sender, self._folder = sender, folder
        self._stopped = threading.Event()
        flags = ["-I"] if sys.flags.isolated else []
        command = [sys.executable, *flags, "-m", __package__, "work", str(folder)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def relay(self) -> int:
        """Pass the worker's lines to the plugin; when it ends without a last word, say that word for it."""
        assert self._child.stdout is not None
        last = ""
        with self._child.stdout as lines:
            for line in lines:
                with suppress(WireError):
                    message = decode(line)
                    self._sender.send(message.pop("type"), **message)
                    last = decode(line)["type"]
                if last in LAST_WORDS:
                    break
        if last in LAST_WORDS:
            return self._exit_code(last)
        self._kill()
        code = self._child.wait()
        with suppress(WireError):
            if self._stopped.is_set():
                self._sender.send("cancelled")
                return Cancelled.exit_code
            crash = StageError("pipeline.crashed", status=code, log=self._folder / "log.txt")
            self._sender.send("error", **crash.to_wire(language_from_environment()))
        return StageError.exit_code

    def _exit_code(self, last: str) -> int:
        """The worker's own, or what fits its last word when it was killed after that."""
        code = self._child.wait()
        if code >= 0:
            return code
        return {"result": 0, "cancelled": Cancelled.exit_code}.get(last, StageError.exit_code)

    def obey(self, said: Any) -> None:
        """Pass the plugin's messages to the worker; after a cancel, or when the plugin is gone, the worker has half a second."""
        assert self._child.stdin is not None
        try:
            for message in said:
                if message["type"] == "cancel":
                    self._stopped.set()
                    threading.Timer(_GRACE_S, self._kill).start()
                with suppress(OSError, ValueError):
                    self._child.stdin.write(encode(message))
                    self._child.stdin.flush()
        except WireError as error:
            with suppress(WireError):
                self._sender.send("note", level="error", message=error.message())
        self._stopped.set()
        self._kill()

    def _kill(self) -> None:
        """End the worker and its children; a process that is gone already is no trouble."""
        import psutil

        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._child.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        with suppress(ProcessLookupError):
            self._child.kill()
