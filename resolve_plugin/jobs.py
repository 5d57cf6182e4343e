"""The plugin's side of a job folder: what was asked, how far it came, what must still be put back in Resolve.

`plugin.json` is written before and after every risky step, so that the next start knows what to do. The engine keeps its own files beside it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .files import fresh_path, read_json, safe_name, write_json
from .undo import Journal

_SCHEMA = "plugin/1"
_OPEN = ("engine", "ready", "film")


@dataclass
class Job:
    """A job folder. `state` holds schema, timeline, phase (engine, ready, film, placed, dropped), placed registers, and the journal."""

    folder: str
    state: dict[str, Any]

    def path(self, name: str) -> str:
        """A file in the folder."""
        return os.path.join(self.folder, name)

    def save(self) -> None:
        """Write plugin.json."""
        write_json(self.path("plugin.json"), self.state)

    def set_phase(self, phase: str, **facts: Any) -> None:
        """Record how far the job is."""
        self.state.update(facts, phase=phase, changed=time.time())
        self.save()

    @property
    def phase(self) -> str:
        """engine, ready, film, placed or dropped."""
        return str(self.state.get("phase", ""))

    @property
    def journal(self) -> Journal:
        """What must be put back in Resolve."""
        return Journal(self.state, self.save)


def create_job(root: str, timeline: dict[str, Any], asked: dict[str, Any]) -> Job:
    """A new folder below `root` for a timeline {"id", "name", "project_id"}; `asked` are the settings that decide the result. Raises OSError."""
    os.makedirs(root, exist_ok=True)
    while True:
        folder = fresh_path(root, safe_name(timeline["name"]), "")
        try:
            os.mkdir(folder)
            break
        except FileExistsError:
            continue
    state = {"schema": _SCHEMA, "timeline": timeline, "asked": asked, "phase": "engine", "placed": [], "undo": [], "restore": []}
    job = Job(folder, {**state, "created": time.time()})
    job.save()
    return job


def all_jobs(root: str) -> Iterator[Job]:
    """Jobs below `root`, the newest first."""
    found = []
    for name in os.listdir(root) if os.path.isdir(root) else ():
        state = read_json(os.path.join(root, name, "plugin.json"))
        if isinstance(state, dict) and state.get("schema") == _SCHEMA:
            found.append(Job(os.path.join(root, name), state))
    yield from sorted(found, key=lambda job: float(job.state.get("created", 0)), reverse=True)


def unfinished_job(root: str, timeline_id: str) -> Job | None:
    """The newest job of a timeline that was begun and not placed, or whose film is not finished."""
    return next((job for job in all_jobs(root) if job.phase in _OPEN and job.state["timeline"].get("id") == timeline_id), None)


def jobs_to_put_back(root: str, project_id: str) -> list[Job]:
    """Jobs of a project that were interrupted before Resolve was put in order."""
    return [job for job in all_jobs(root) if job.journal.pending and job.state["timeline"].get("project_id") == project_id]
