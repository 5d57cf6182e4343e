"""The line codec between the plugin and the engine: one JSON object a line, ASCII, at most 64 KiB. Big things travel as paths.

Engine to plugin: hello, stage, progress, note, partial, ask, and exactly one of result, error, cancelled at the end.
Plugin to engine: hello, run, reply, cancel. `run` names a folder, whose request.json says what is wanted: `request.py`, or `film_request.py`.
The plugin has its own end; both replay `tests/wire/*.jsonl`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

from .errors import WireError

PROTOCOL = 1
LINE_LIMIT = 64 * 1024

Message = dict[str, Any]


def encode(message: Message) -> bytes:
    """One line. Raises WireError `wire.too_long` above 64 KiB."""
    line = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > LINE_LIMIT:
        raise WireError("wire.too_long", type=message.get("type"), size=len(line))
    return line


def decode(line: bytes) -> Message:
    """The object in a line. Raises WireError `wire.bad_line` unless it is a JSON object with a string `type`."""
    try:
        message = json.loads(line.decode("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise WireError("wire.bad_line", line=repr(line[:80])) from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise WireError("wire.bad_line", line=repr(line[:80]))
    return message


def messages(stream: BinaryIO) -> Iterator[Message]:
    """Messages until end of file. Raises WireError for a line that is too long, cut short or not a message."""
    while line := stream.readline(LINE_LIMIT + 1):
        if not line.endswith(b"\n"):
            raise WireError("wire.too_long" if len(line) > LINE_LIMIT else "wire.bad_line", type="?", size=len(line), line=repr(line[:80]))
        if line.strip():
            yield decode(line)


class Sender:
    """Writes whole messages from any thread, one at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, kind: str, **fields: object) -> None:
        """Send one message. Raises WireError `wire.gone` when nobody listens any more."""
        line = encode({"type": kind, **fields})
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError) as error:
                raise WireError("wire.gone") from error
