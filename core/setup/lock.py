"""One installer at a time in a checkout. The system lets go of the lock when its process ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import SetupError

NAME = ".venv.lock"


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Hold the checkout's lock. Raises SetupError when another installer has it, OSError when the folder cannot be written."""
    with (root / NAME).open("a+b") as file:
        try:
            _take(file)
        except (BlockingIOError, PermissionError) as error:
            raise SetupError("install.busy", folder=root) from error
        except OSError:
            pass  # a file system without locks
        yield


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
