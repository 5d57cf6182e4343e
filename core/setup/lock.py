"""One installer at a time in a checkout.

The system lets go of the lock when the processes that hold it end, however they end. The installer's children hold it too: a pip whose
installer was killed goes on writing for a while.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import SetupError

NAME = ".venv.lock"
_PATIENCE_SECONDS = 1800.0
_LOOK_AGAIN_SECONDS = 0.2


@contextmanager
def only_one(root: Path, waiting: Callable[[], None], patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the checkout's lock; `waiting` is called once when another installer has it.

    Raises SetupError when that one is not done in time, OSError when the folder cannot be written.
    """
    with (root / NAME).open("a+b") as file:
        os.set_inheritable(file.fileno(), True)
        if not _take(file):
            waiting()
            until = time.monotonic() + patience_seconds
            while not _take(file):
                if time.monotonic() > until:
                    raise SetupError("install.busy", folder=root)
                time.sleep(_LOOK_AGAIN_SECONDS)
        yield


def _take(file: IO[bytes]) -> bool:
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass  # a file system without locks
    return True


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
