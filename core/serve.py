"""The engine's end of the wire: claim standard output, say hello, run one job for the plugin, end with exactly one last word.

End of file on standard input means that the plugin is gone. Cancel and end of file are obeyed within a second whatever a stage is doing: the
job folder is safe against a kill at any moment, so after a short grace the process simply ends and takes its children along.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, cast

from . import __version__
from .errors import Cancelled, EngineError, StageError, WireError
from .messages import Language, language_from_environment
from .progress import CancelToken, Progress
from .wire import PROTOCOL, Message, Sender, messages

_GRACE_S = 0.3
_ASK_DEADLINE_S = 1800.0
_log = logging.getLogger(__name__)


def claim_stdout() -> BinaryIO:
    """Keep file descriptor 1 for the wire and point 1 at standard error, so that no library's print can corrupt a line."""
    wire = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(wire, "wb", buffering=0)


def raw_stdin() -> BinaryIO:
    """Standard input without a buffer: a buffer's lock, held by the listening thread, would abort the interpreter when it ends."""
    return cast("BinaryIO", open(0, "rb", buffering=0, closefd=False))


class Link:
    """What the job's thread needs of the plugin: `send`, `ask`, and the token that a cancel or a vanished plugin sets."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self.cancel = CancelToken()
        self.sender = Sender(writer)
        self.ended = threading.Event()
        self.language: Language = language_from_environment()
        self._reader = reader
        self._inbox: queue.Queue[Message] = queue.Queue()
        self._replies: queue.Queue[Message] = queue.Queue()
        self._numbers = itertools.count(1)

    def listen(self) -> None:
        """Sort what the plugin says until it hangs up; runs in its own thread."""
        try:
            for message in messages(self._reader):
                if message["type"] == "cancel":
                    self._stop()
                elif message["type"] == "reply":
                    self._replies.put(message)
                else:
                    self._inbox.put(message)
        except WireError as error:
            _log.error("%s", error)
        self._inbox.put({"type": "gone"})
        self._stop()

    def _stop(self) -> None:
        self.cancel.cancel()
        threading.Thread(target=self._end_after_grace, daemon=True).start()

    def _end_after_grace(self) -> None:
        if not self.ended.wait(_GRACE_S):
            end_process(self)

    def expect(self, kind: str) -> Message:
        """The next message, which must be of `kind`; unknown kinds are noted and skipped.

        Raises Cancelled when the plugin left, WireError `wire.out_of_order` for a known message in the wrong place.
        """
        while True:
            message = self._inbox.get()
            if message["type"] == kind:
                return message
            if message["type"] == "gone":
                raise Cancelled
            if message["type"] in ("hello", "run"):
                raise WireError("wire.out_of_order", got=message["type"], wanted=kind)
            self.sender.send("note", level="warning", message=f"unknown message {message['type'][:40]}")

    def ask(self, op: str, params: dict[str, Any]) -> Any | None:
        """Have the plugin do what only Resolve can; its value, or None when it refused or gave no answer within 30 minutes.

        Raises Cancelled when the user stops meanwhile.
        """
        number = next(self._numbers)
        self.sender.send("ask", id=number, op=op, params=params)
        deadline_s = time.monotonic() + _ASK_DEADLINE_S
        while time.monotonic() < deadline_s:
            self.cancel.check()
            try:
                reply = self._replies.get(timeout=0.1)
            except queue.Empty:
                continue
            if reply.get("id") == number:
                return reply.get("value") if reply.get("ok") else None
        return None


def end_process(link: Link) -> None:
    """Say `cancelled` if anybody listens, kill the children and leave without waiting for the stage."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        child.kill()
    try:
        link.sender.send("cancelled")
    except WireError:
        _log.info("the plugin is gone")
    os._exit(Cancelled.exit_code)


def serve(reader: BinaryIO, writer: BinaryIO) -> int:
    """Run one job for whoever speaks the protocol on these streams; returns the process's exit code."""
    link = Link(reader, writer)
    threading.Thread(target=link.listen, daemon=True).start()
    try:
        link.sender.send("hello", protocol=PROTOCOL, version=__version__, pid=os.getpid())
        theirs = link.expect("hello").get("protocol")
        if theirs != PROTOCOL:
            raise WireError("wire.other_protocol", theirs=theirs, ours=PROTOCOL)
        folder = Path(str(link.expect("run").get("job")))
        return _last_word(link, "result", _run(folder, link), 0)
    except EngineError as error:
        return _last_word(link, "error", dict(error.to_wire(link.language)), error.exit_code)
    except Cancelled:
        return _last_word(link, "cancelled", {}, Cancelled.exit_code)
    except Exception as error:  # the plugin must get a last word whatever happened
        _log.exception("unexpected")
        broken = StageError("pipeline.unexpected", reason=repr(error), log="engine.log", detail=repr(error))
        return _last_word(link, "error", dict(broken.to_wire(link.language)), broken.exit_code)


def _last_word(link: Link, kind: str, fields: dict[str, Any], code: int) -> int:
    link.ended.set()
    try:
        link.sender.send(kind, **fields)
    except WireError:
        _log.info("nobody heard %s", kind)
    return code


def _run(folder: Path, link: Link) -> dict[str, Any]:
    from .pipeline import run
    from .request import read_request
    from .summary import as_object

    request = read_request(folder, link.ask)
    link.language = request.settings.language_ui
    stage = ""

    def report(progress: Progress) -> None:
        nonlocal stage
        if progress.stage != stage:
            stage = progress.stage
            link.sender.send("stage", stage=stage, index=progress.index, count=progress.count)
        link.sender.send(
            "progress",
            stage=stage,
            index=progress.index,
            count=progress.count,
            done=progress.done,
            total=progress.total,
            unit=progress.unit,
            eta_s=progress.eta_s,
            note=progress.note,
        )

    result = run(request, report, link.cancel)
    summary = as_object(result)
    return {**summary, "findings": summary["findings"][:50], "document": str(folder / "document.json")}
