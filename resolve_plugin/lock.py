"""One instance at a time: a file with pid and heartbeat. A dead holder's lock is taken over."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

from .errors import PluginError
from .files import read_json, write_json

_BEAT_S = 5.0
_STALE_S = 30.0


@contextlib.contextmanager
def single_instance(root: str) -> Iterator[None]:
    """Hold the lock of a job folder while the block runs. Raises PluginError `session.running` when another instance lives, OSError otherwise."""
    os.makedirs(root, exist_ok=True)
    path = os.path.join(root, ".canto-beats.lock")
    _take(path)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(path, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join(timeout=2.0)
        if _holder(path) == os.getpid():
            with contextlib.suppress(OSError):
                os.remove(path)


def _take(path: str) -> None:
    for _ in range(2):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            if _lives(path):
                raise PluginError("session.running") from None
            with contextlib.suppress(OSError):
                os.remove(path)
            continue
        write_json(path, {"pid": os.getpid(), "heartbeat": time.time()})
        return
    raise PluginError("session.running")


def _lives(path: str) -> bool:
    """True while the holder's heart beats and its process exists. A file without content is one being written, unless it is old."""
    try:
        age_s = time.time() - os.stat(path).st_mtime
    except OSError:
        return False
    if age_s > _STALE_S:
        return False
    pid = _holder(path)
    return pid is None or _process_exists(pid)


def _holder(path: str) -> int | None:
    found = read_json(path)
    pid = found.get("pid") if isinstance(found, dict) else None
    return pid if isinstance(pid, int) else None


def _process_exists(pid: int) -> bool:
    if os.name == "nt":
        return True  # signal 0 would end the process there; the heartbeat decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _beat(path: str, stop: threading.Event) -> None:
    while not stop.wait(_BEAT_S):
        with contextlib.suppress(OSError):
            write_json(path, {"pid": os.getpid(), "heartbeat": time.time()})
