"""Files of a job folder that change together: all of them or none, whenever the program is killed.

New versions are written into a folder beside them; a mark says that they are complete, then each takes its place. Whoever opens the job next
finishes what was marked and throws away what was not.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import file_error, write_text

_STAGED, _MARK = "new.part", "complete"


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """Give a folder to write new versions into; when the block ends well they replace the files of the same names in `folder`.

    The caller holds the job's lock. Raises InputError `files.*`.
    """
    staged = folder / _STAGED
    try:
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir()
        yield staged
        write_text(staged / _MARK, "")
    except OSError as error:
        raise file_error(error, staged) from error
    finally:
        finish(folder)


def finish(folder: Path) -> None:
    """Put in place what was complete when a program was killed, and remove what was not; nothing happens where there is neither."""
    staged = folder / _STAGED
    if not staged.is_dir():
        return
    try:
        if (staged / _MARK).exists():
            for file in sorted(staged.iterdir()):
                if file.name != _MARK:
                    os.replace(file, folder / file.name)
        shutil.rmtree(staged)
    except OSError as error:
        raise file_error(error, staged) from error
