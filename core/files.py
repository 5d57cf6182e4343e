"""Writing so that a crash, a full disk or a second program never costs the user a file.

Everything is written to a `.part` name beside its target and renamed. A new kind of file trouble gets a branch in `file_error`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EngineError, InputError, StageError

_CODES = {
    errno.ENOSPC: "files.disk_full",
    errno.EDQUOT: "files.disk_full",
    errno.EROFS: "files.read_only",
    errno.EACCES: "files.read_only",
    errno.EPERM: "files.read_only",
    errno.ENOENT: "files.missing",
    errno.ENOTDIR: "files.not_a_folder",
    errno.EEXIST: "files.not_a_folder",
    errno.EISDIR: "files.is_a_folder",
    errno.ENAMETOOLONG: "files.name_too_long",
}


def file_error(error: OSError, path: Path) -> EngineError:
    """The EngineError that names `path` and the fix for an OSError."""
    code = _CODES.get(error.errno or 0)
    if code is None:
        return StageError("files.other", file=path, reason=error.strerror or error, detail=repr(error))
    return InputError(code, file=path, detail=repr(error))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a `.part` path beside `path`; rename it over `path` when the block ends well, remove it when it does not.

    Raises InputError `files.*` for a full disk, a read-only folder and the like.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise file_error(error, path) from error
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text by way of `replacing`; bytes of a file name that are no UTF-8 (PEP 383) come out as they were."""
    with replacing(path) as part:
        part.write_bytes(text.encode("utf-8", "surrogateescape"))


def write_json(path: Path, value: object) -> None:
    """Write plain values as readable UTF-8 JSON by way of `replacing`."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def make_folder(path: Path) -> None:
    """Create a folder and its parents, and prove that it can be written to.

    Raises InputError `files.*` when that is impossible.
    """
    probe = path / ".write-test.part"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"canto-beats")
        probe.unlink()
    except OSError as error:
        raise file_error(error, path) from error


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stat_identity(paths: Iterable[Path]) -> list[list[object]]:
    """[path, bytes, mtime in ns] of each file, or [path, None, None] where it is missing: cheap evidence that inputs did not change."""
    found: list[list[object]] = []
    for path in paths:
        try:
            stat = path.stat()
            found.append([str(path), stat.st_size, stat.st_mtime_ns])
        except OSError:
            found.append([str(path), None, None])
    return found


def free_name(path: Path) -> Path:
    """`path`, or the first 'name 2.ext', 'name 3.ext' ... that does not exist yet."""
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return candidate
