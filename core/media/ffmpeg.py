"""The ffmpeg binary: the only module that finds it, runs it, reads its complaints and stops it.

Argument lists are made by the callers (ffmpeg-python builds graphs). To understand one more complaint, add a row to `_CAUSES` and its text to
`data/messages/media.json`; to need one more filter, pass its name to `find_ffmpeg`.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO

from ..errors import EngineError, InputError, SetupError, StageError
from ..progress import CancelToken

BINARY_VARIABLE = "CANTO_BEATS_FFMPEG"
AUDIO_FILTERS = frozenset({"aformat", "pan", "aresample", "atempo", "atrim", "asetpts"})
_POLL_S = 0.1
_PIPE_BYTES = 1 << 18
_TAIL_BYTES = 4096
_SHORT_WORK_S = 60
# Homebrew's ffmpeg has no libass since version 8; its complete twin is not on the PATH
_COMPLETE = ("/opt/homebrew/opt/ffmpeg-full/bin/ffmpeg", "/usr/local/opt/ffmpeg-full/bin/ffmpeg")
_CAUSES: tuple[tuple[str, type[EngineError], str], ...] = (
    ("No space left on device", SetupError, "ffmpeg.disk_full"),
    ("Error opening input: No such file", InputError, "media.missing"),
    ("Error opening input: Permission denied", InputError, "media.no_permission"),
    ("Error opening input: Operation not permitted", InputError, "media.no_permission"),
    ("Error opening input: Invalid data", InputError, "media.not_media"),
    ("matches no streams", InputError, "extract.no_sound"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which ffmpeg runs, None for the first that fits, and in which folder, where a filter must read files without a path to escape."""

    binary: Path | None = None
    folder: Path | None = None


_ANYWHERE = Place()


def find_ffmpeg(needs: frozenset[str] = AUDIO_FILTERS) -> Path:
    """The first binary that has the filters in `needs`: the one CANTO_BEATS_FFMPEG names, imageio-ffmpeg's, Homebrew's complete one, PATH's.

    A binary the user named is never replaced silently. Raises SetupError `ffmpeg.unusable` (the named one) or `ffmpeg.missing` (no other fits).
    """
    named = os.environ.get(BINARY_VARIABLE, "")
    if named:
        lacks = needs - _filters_of(named)
        if lacks:
            raise SetupError("ffmpeg.unusable", path=named, filters=", ".join(sorted(lacks)))
        return Path(named)
    for binary in _installed():
        if needs <= _filters_of(binary):
            return Path(binary)
    raise SetupError("ffmpeg.missing", filters=", ".join(sorted(needs)))


def stream_output(
    arguments: Sequence[str], cancel: CancelToken, *, subject: str = "", block_bytes: int = 1, place: Place = _ANYWHERE
) -> Iterator[bytes]:
    """Run ffmpeg and yield what it writes to stdout as it comes, in pieces of at least `block_bytes` but for the last.

    `arguments` exclude the binary; `subject` is the file a message names. The child is killed when `cancel` is set (Cancelled is raised within
    0.1 s), when the caller stops iterating, and on any error. Raises what `_failure` finds in the last lines of stderr.
    """
    with tempfile.TemporaryFile() as log:
        command = [str(place.binary or find_ffmpeg()), "-nostdin", "-hide_banner", "-v", "error", *arguments]
        # A session of its own keeps the terminal's Ctrl-C away: the parent decides when the child ends.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True, pipesize=_PIPE_BYTES, cwd=place.folder
        )
        try:
            assert child.stdout is not None
            yield from _read(child.stdout, cancel, block_bytes)
            _wait(child, cancel)
        finally:
            _end(child)
        if child.returncode != 0:
            raise _failure(_tail(log), subject)


def run_ffmpeg(arguments: Sequence[str], cancel: CancelToken, *, subject: str = "", place: Place = _ANYWHERE) -> bytes:
    """Run ffmpeg to its end and return what it wrote to stdout. Raises as `stream_output`."""
    return b"".join(stream_output(arguments, cancel, subject=subject, place=place))


def read_complaints(binary: Path, arguments: Sequence[str], folder: Path | None = None) -> str:
    """All that ffmpeg says on stderr about a short piece of work, whether it ends well or not; '' when it cannot be run."""
    command = [str(binary), "-nostdin", "-hide_banner", *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SHORT_WORK_S, check=False, cwd=folder)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stderr.decode(errors="replace")


def _installed() -> Iterator[str]:
    # imageio_ffmpeg.get_ffmpeg_exe() forks with a preexec_fn, which Python 3.12 warns about once threads run; its binary is found by name here.
    try:
        bundled = sorted(str(entry) for entry in files("imageio_ffmpeg").joinpath("binaries").iterdir() if entry.name.startswith("ffmpeg"))
    except (ModuleNotFoundError, OSError):
        bundled = []
    yield from bundled
    yield from (binary for binary in _COMPLETE if os.path.isfile(binary))
    if on_path := shutil.which("ffmpeg"):
        yield on_path


@cache
def _filters_of(binary: str) -> frozenset[str]:
    """Names of the filters a binary has; empty when it does not run."""
    try:
        listing = subprocess.run([binary, "-hide_banner", "-filters"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    rows = (line.split() for line in listing.stdout.decode(errors="replace").splitlines())
    return frozenset(row[1] for row in rows if len(row) >= 3 and "->" in row[2])


def _read(pipe: IO[bytes], cancel: CancelToken, block_bytes: int) -> Iterator[bytes]:
    """Bytes of a pipe as they come; looks at `cancel` between reads, so that a child that hangs cannot hold the parent."""
    parts: list[bytes] = []
    size = 0
    waiter = select.poll()
    waiter.register(pipe, select.POLLIN)
    while True:
        cancel.check()
        if not waiter.poll(1000 * _POLL_S):
            continue
        data = os.read(pipe.fileno(), _PIPE_BYTES)
        parts.append(data)
        size += len(data)
        if size and (not data or size >= block_bytes):
            yield b"".join(parts)
            parts, size = [], 0
        if not data:
            return


def _wait(child: subprocess.Popen[bytes], cancel: CancelToken) -> None:
    while child.poll() is None:
        cancel.check()
        time.sleep(_POLL_S / 10)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    if child.stdout is not None:
        child.stdout.close()
    child.wait()


def _tail(log: IO[bytes]) -> str:
    """The last lines of the log, without the line that only says that ffmpeg is giving up."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - _TAIL_BYTES))
    return log.read().decode(errors="replace").strip()


def _failure(complaint: str, subject: str) -> EngineError:
    for text, kind, code in _CAUSES:
        if text in complaint:
            return kind(code, detail=complaint, file=subject)
    return StageError("ffmpeg.failed", detail=complaint, file=subject, last=complaint.rpartition("\n")[2])
