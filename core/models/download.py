"""Fetch a revision's files into a folder: resumed, checked, retried, cancellable.

A file grows as `<name>.<checksum>.part` and takes its own name only after its checksum was right, so a file under its own name is whole.
The parts survive a cancel, a crash and a lost connection; the next run goes on from their last byte.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ..errors import EngineError, SetupError
from ..files import file_error
from ..progress import CancelToken, Reporter, StageProgress, no_report
from .hub import Hub, HubFile, Revision, Unreachable

_CHUNK = 1 << 20
_MARGIN = 256 << 20
_LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """`attempts` in a row without a new byte end the download; the wait between them starts at `backoff_s` and doubles."""

    reporter: Reporter = no_report
    cancel: CancelToken = field(default_factory=CancelToken)
    attempts: int = 5
    backoff_s: float = 0.5


def amount(count: float) -> str:
    """Bytes for people: '812 MB', '3.08 GB'."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


class Download:
    """One revision on its way into one folder. The caller holds the folder's lock."""

    def __init__(self, hub: Hub, revision: Revision, folder: Path, options: DownloadOptions) -> None:
        self._hub, self._revision, self._folder, self._options = hub, revision, folder, options
        self._stage = StageProgress("download", (1, 1), options.reporter, options.cancel)
        self._done = self._total = 0

    def fetch(self, files: Sequence[HubFile]) -> None:
        """Bring `files` into the folder; those already there and right are kept.

        Raises Cancelled, and SetupError `weights.no_space`, `weights.no_network`, `weights.interrupted`, `weights.slow_network`,
        `weights.corrupt` or what `Hub` raises.
        """
        missing = [file for file in files if not self._is_right(self._folder / file.path, file)]
        self._total = sum(file.size_bytes - _size(self._part(file)) for file in missing)
        self._check_space()
        for file in missing:
            self._fetch_one(file)
        for leftover in self._folder.glob("*.part"):
            leftover.unlink()

    def _check_space(self) -> None:
        free = shutil.disk_usage(self._folder).free
        if self._total and free < self._total + _MARGIN:
            raise self._no_space(free)

    def _no_space(self, free: int) -> SetupError:
        return SetupError("weights.no_space", needed=amount(self._total - self._done + _MARGIN), free=amount(free), folder=self._folder)

    def _part(self, file: HubFile) -> Path:
        return self._folder / f"{file.path}.{(file.sha256 or file.git_sha1 or '')[:16]}.part"

    def _fetch_one(self, file: HubFile) -> None:
        part = self._part(file)
        for _ in range(2):
            self._fill(file, part)
            if self._is_right(part, file):
                os.replace(part, self._folder / file.path)
                return
            part.unlink()
            self._total += file.size_bytes
        raise SetupError("weights.corrupt", file=file.path, host=self._hub.host)

    def _fill(self, file: HubFile, part: Path) -> None:
        failures = 0
        part.touch()
        while (have := _size(part)) < file.size_bytes:
            try:
                self._stream(file, part, have)
            except Unreachable as fault:
                failures = 1 if _size(part) > have else failures + 1
                if failures >= self._options.attempts:
                    raise self._gave_up(part, fault) from fault
                self._wait(fault.wait_s or self._options.backoff_s * 2 ** (failures - 1))

    def _stream(self, file: HubFile, part: Path, have: int) -> None:
        with self._hub.open(self._revision, file, have) as response:
            if have and response.status != http.client.PARTIAL_CONTENT:
                self._total += have
                have = 0
            try:
                with part.open("ab" if have else "wb", buffering=_CHUNK) as output:
                    self._copy(response, output, file, have)
            except OSError as error:  # of the disk: `_read` has already renamed those of the network
                raise self._disk_error(error, part) from error

    def _copy(self, response: http.client.HTTPResponse, output: IO[bytes], file: HubFile, have: int) -> None:
        while have < file.size_bytes:
            data = _read(response, min(_CHUNK, file.size_bytes - have))
            output.write(data)
            have += len(data)
            self._done += len(data)
            self._stage.update(self._done, self._total, "B", file.path)

    def _disk_error(self, error: OSError, part: Path) -> EngineError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return self._no_space(shutil.disk_usage(self._folder).free)
        return file_error(error, part)

    def _gave_up(self, part: Path, fault: Unreachable) -> SetupError:
        if fault.timed_out:
            return SetupError("weights.slow_network", host=self._hub.host, detail=str(fault))
        if _size(part):
            return SetupError("weights.interrupted", host=self._hub.host, detail=str(fault))
        return SetupError("weights.no_network", host=self._hub.host, detail=str(fault))

    def _wait(self, seconds: float) -> None:
        wait_for(min(seconds, _LONGEST_WAIT_S), self._options.cancel)

    def _is_right(self, path: Path, file: HubFile) -> bool:
        if _size(path) != file.size_bytes or not path.is_file():
            return False
        digest = hashlib.sha256() if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)
        with path.open("rb") as content:
            while data := content.read(_CHUNK):
                self._options.cancel.check()
                digest.update(data)
        return digest.hexdigest() == (file.sha256 or file.git_sha1)


def wait_for(seconds: float, cancel: CancelToken) -> None:
    """Sleep, but raise Cancelled within a tenth of a second of being stopped."""
    end_s = time.monotonic() + seconds
    cancel.check()
    while (left_s := end_s - time.monotonic()) > 0:
        time.sleep(min(left_s, 0.1))
        cancel.check()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read(response: http.client.HTTPResponse, count: int) -> bytes:
    try:
        data = response.read1(count)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(repr(error), timed_out=isinstance(error, TimeoutError)) from error
    if not data:
        raise Unreachable("the connection closed before the end of the file")
    return data
