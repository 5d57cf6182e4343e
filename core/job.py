"""The job folder: what was asked, what every stage made, one lock, one log. The folder is the truth; a run only adds to it.

A stage counts as finished when `job.json` holds its fingerprint, which is written after its files. Kill the program anywhere and the next run
starts at the first stage whose fingerprint is missing or differs.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .commit import finish
from .errors import InputError
from .files import make_folder, sha256_of, write_json

_SCHEMA = "job/1"


@dataclass(slots=True)
class Job:
    """An open job. `stages` maps a finished stage to {"fingerprint", "seconds"}; `delivered` maps a path we wrote to its SHA-256.

    `asked` is what the last run was asked for: {"range": [in, out] in frames of the timeline or None for all of it, "settings"}; `exports` are
    the wishes that `export` was given, each once.
    """

    folder: Path
    input: str
    stages: dict[str, dict[str, object]] = field(default_factory=dict)
    delivered: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    exports: list[dict[str, Any]] = field(default_factory=list)

    def path(self, name: str) -> Path:
        """A file inside the job folder."""
        return self.folder / name

    def finished(self, stage: str, fingerprint: str) -> bool:
        """True when `stage` was completed from exactly these inputs and settings."""
        return self.stages.get(stage, {}).get("fingerprint") == fingerprint

    def finish(self, stage: str, fingerprint: str, seconds: float) -> None:
        """Record a completed stage; call it after its files are in place."""
        self.stages[stage] = {"fingerprint": fingerprint, "seconds": round(seconds, 3)}
        self.save()

    def save(self) -> None:
        """Write job.json."""
        kept = {"stages": self.stages, "delivered": self.delivered, "asked": self.asked, "exports": self.exports}
        write_json(self.path("job.json"), {"schema": _SCHEMA, "input": self.input, **kept})

    def wrote(self, path: Path) -> None:
        """Remember a deliverable by content, so that a later run may replace it but never a file the user edited."""
        self.delivered[str(path)] = sha256_of(path)
        self.save()

    def may_replace(self, path: Path) -> bool:
        """True when nothing is at `path`, or exactly what this job put there."""
        return not path.exists() or self.delivered.get(str(path)) == sha256_of(path)

    def name_for(self, path: Path, suffix: str = "") -> Path:
        """`path`, or the first of 'name 2.ext', 'name 3.ext' ... that is free or holds what this job put there; `suffix` is one of two parts."""
        suffix = suffix or path.suffix
        stem, number, candidate = path.name.removesuffix(suffix), 2, path
        while not self.may_replace(candidate):
            candidate, number = path.with_name(f"{stem} {number}{suffix}"), number + 1
        return candidate


def fingerprint(*parts: object) -> str:
    """SHA-256 over JSON of the parts: equal inputs and settings give equal text."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


def job_folder_for(source: Path, root: Path, span: tuple[int, int] | None = None) -> Path:
    """The folder of `source`'s job under `root`: '<stem>.job', numbered when another source of that stem already has it.

    A range of frames is a job of its own, so that it never takes the place of the whole timeline's.
    """
    number = 1
    while True:
        folder = root / (f"{source.stem}.job" if number == 1 else f"{source.stem} {number}.job")
        if not folder.exists() or _is_of(_read(folder), source, span):
            return folder
        number += 1


def _is_of(data: dict[str, Any], source: Path, span: tuple[int, int] | None) -> bool:
    if data.get("input") is None:
        return True
    asked = data.get("asked")
    stored = asked.get("range") if isinstance(asked, dict) else None
    return data["input"] == str(source) and stored == (list(span) if span else None)


def _read(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / "job.json").read_text("utf-8", "surrogateescape"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) and data.get("schema") == _SCHEMA else {}


@contextmanager
def open_job(folder: Path, source: Path | str) -> Iterator[Job]:
    """Open or create a job, hold its lock and send this process's log to `log.txt` in it.

    Files that a killed run was about to put in place are put there, its other leftovers (`*.part`) are removed.

    Raises InputError `job.busy` while another run holds it, `files.*` when it cannot be written.
    """
    from filelock import FileLock, Timeout

    make_folder(folder)
    try:
        with FileLock(folder / ".lock", timeout=0):
            finish(folder)
            for leftover in folder.glob("*.part"):
                leftover.unlink()
            data = _read(folder)
            stages, delivered, asked = (found if isinstance(found := data.get(name), dict) else {} for name in ("stages", "delivered", "asked"))
            exports = data.get("exports")
            job = Job(folder, str(source), stages, delivered, asked, exports if isinstance(exports, list) else [])
            job.save()
            with _logging_to(folder / "log.txt"):
                yield job
    except Timeout as error:
        raise InputError("job.busy", folder=folder) from error


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    logger = logging.getLogger(__package__)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.info("run starts, process %d", os.getpid())
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
