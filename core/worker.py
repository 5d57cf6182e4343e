"""The process that runs one job: it computes, `serve.py` watches it. What it says on standard output goes to the plugin line by line.

It may be killed at any moment, also inside a library that holds Python's lock for seconds; the job folder is safe against that.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from .errors import Cancelled, EngineError, StageError, WireError
from .messages import Language, language_from_environment
from .progress import CancelToken, Progress, Reporter
from .wire import Message, Sender, messages

_ASK_DEADLINE_S = 1800.0
_log = logging.getLogger(__name__)


class Link:
    """What a job needs of the plugin: `sender`, `ask`, and the token that a cancel or a vanished plugin sets."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self.cancel = CancelToken()
        self.sender = Sender(writer)
        self.language: Language = language_from_environment()
        self._reader = reader
        self._replies: queue.Queue[Message] = queue.Queue()
        self._numbers = itertools.count(1)

    def listen(self) -> None:
        """Sort what arrives until the other side hangs up; runs in its own thread."""
        try:
            for message in messages(self._reader):
                if message["type"] == "cancel":
                    self.cancel.cancel()
                elif message["type"] == "reply":
                    self._replies.put(message)
                else:
                    self.sender.send("note", level="warning", message=f"unknown message {message['type'][:40]}")
        except WireError as error:
            _log.error("%s", error)
        self.cancel.cancel()

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


def work(folder: Path, reader: BinaryIO, writer: BinaryIO) -> int:
    """Run the job in `folder`, tell its story and its one last word; returns the process's exit code."""
    link = Link(reader, writer)
    threading.Thread(target=link.listen, daemon=True).start()
    try:
        return _last_word(link, "result", _run(folder, link), 0)
    except EngineError as error:
        return _last_word(link, "error", dict(error.to_wire(link.language)), error.exit_code)
    except Cancelled:
        return _last_word(link, "cancelled", {}, Cancelled.exit_code)
    except Exception as error:  # the plugin must get a last word whatever happened
        _log.exception("unexpected")
        broken = StageError("pipeline.unexpected", reason=repr(error), log=folder / "log.txt", detail=repr(error))
        return _last_word(link, "error", dict(broken.to_wire(link.language)), broken.exit_code)


def _last_word(link: Link, kind: str, fields: dict[str, Any], code: int) -> int:
    try:
        link.sender.send(kind, **fields)
    except WireError:
        _log.info("nobody heard %s", kind)
    return code


def _run(folder: Path, link: Link) -> dict[str, Any]:
    from .film_request import task_of

    return _make_film(folder, link) if task_of(folder) == "render" else _recognise(folder, link)


def _recognise(folder: Path, link: Link) -> dict[str, Any]:
    from .pipeline import run
    from .request import read_request
    from .summary import as_object

    request = read_request(folder, link.ask)
    link.language = request.settings.language_ui
    result = run(request, _reporter(link), link.cancel)
    summary = as_object(result)
    document = "document.written.json" if request.settings.register == "written" else "document.json"
    return {**summary, "findings": summary["findings"][:50], "document": str(folder / document)}


def _make_film(folder: Path, link: Link) -> dict[str, Any]:
    from .film_request import burn_in, read_film

    request = read_film(folder)
    link.language = request.language
    return {"job": str(folder), **burn_in(request, _reporter(link), link.cancel)}


def _reporter(link: Link) -> Reporter:
    """Sends news down the wire: a stage when it begins, then how far it is and the lines it has."""
    stage = ""

    def report(progress: Progress) -> None:
        nonlocal stage
        place = {"stage": progress.stage, "index": progress.index, "count": progress.count}
        if progress.stage != stage:
            stage = progress.stage
            link.sender.send("stage", **place)
        if progress.cues:
            link.sender.send("partial", cues=[asdict(cue) for cue in progress.cues])
            return
        news = {"done": progress.done, "total": progress.total, "unit": progress.unit, "eta_s": progress.eta_s, "note": progress.note}
        link.sender.send("progress", **place, **news)

    return report
