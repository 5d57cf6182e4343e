"""One render job in Resolve with everything put back: what sound (`audio_render.py`) and film (`film_render.py`) have in common.

There is no getter for render settings, so they are saved as a preset first and loaded again afterwards. Success is judged by the file, because
status texts are translated. Only our own job is started and deleted. What is touched stands in the journal before it is touched.
To render something else: a `JobPlan` whose `set_up` chooses format, settings and tracks, and the catalogue's texts of its `subject`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

from .errors import PluginError
from .resolve_api import ResolveHost
from .track_writer import bring_to_front
from .undo import Journal

News = Callable[[float, Optional[float]], None]  # percent, seconds left if Resolve says so

_START_LOOKS = 60  # 30 s from StartRendering to the first sign of life
_IDLE_LOOKS = 3600  # 30 minutes without any progress
_ENDED_LOOKS = 4  # stopped before 100 % and nothing moves
_EMPTY_BYTES = 64  # a header and nothing more


@dataclass(frozen=True)
class JobPlan:
    """What to render. `span` is relative to the timeline's start, its end exclusive; None for all.

    `subject` begins the keys of errors, `track_kind` is the kind of tracks that `set_up` switches. `set_up(host, journal, settings)` makes the
    Deliver page ready, `settings` being range, folder and name; `keep(path)` takes the finished file and answers where it is from then on.
    """

    timeline_id: str
    start_frame: int
    span: tuple[int, int] | None
    folder: str
    name: str
    subject: str
    track_kind: str
    set_up: Callable[[ResolveHost, Journal, dict[str, Any]], None]
    keep: Callable[[str], str] = str


def unique_name() -> str:
    """A name that no render of ours had before."""
    return f"canto-beats-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"


def render(host: ResolveHost, journal: Journal, plan: JobPlan, news: News) -> str:
    """Path of the rendered file. Everything is put back, also on error and cancel.

    Raises PluginError `<subject>.busy`, `.refused`, `.stuck`, `.failed`, `.no_file`, `range.unsupported`, or HostError. Stopped passes through
    after cleaning up.
    """
    try:
        if host.rendering():
            raise PluginError(f"{plan.subject}.busy")
        keep = [str(job["JobId"]) for job in host.render_jobs()]
        bring_to_front(host, journal, plan.timeline_id, "deliver")
        _remember(host, journal, plan, keep)
        plan.set_up(host, journal, _where(plan))
        host.set_render_mode(1)
        return plan.keep(_run(host, keep, plan, news))
    finally:
        journal.put_back(host)


def _remember(host: ResolveHost, journal: Journal, plan: JobPlan, keep: list[str]) -> None:
    """Note everything that the render touches, in the order in which it must not be put back: the queue first, the backup preset last."""
    timeline = plan.timeline_id
    marks = host.marks(timeline)
    if marks is None and plan.span is not None:
        raise PluginError("range.unsupported")  # rendering a range sets marks, and this version could not put them back
    entries: list[tuple[str, dict[str, Any]]] = [("marks", {"timeline": timeline, "marks": marks})] if marks is not None else []
    for track in host.tracks(timeline, plan.track_kind):
        state = {key: track[key] for key in ("index", "name", "enabled")}
        entries.append(("track", {"timeline": timeline, "kind": plan.track_kind, **state}))
    backup = f"Canto-Beats backup {time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    if host.can_delete_presets():
        entries.append(("drop_preset", {"name": backup}))
    entries += [("render_mode", {"mode": host.render_mode()}), ("render_format", dict(host.render_format()))]
    journal.will_restore_all(entries)
    host.save_render_preset(backup)
    paths: list[tuple[str, dict[str, Any]]] = [("render_preset", {"name": backup}), ("render_job", {"folder": plan.folder, "keep": keep})]
    if not host.preset_keeps_paths(backup, os.path.join(plan.folder, "deliver-backup")):
        paths.insert(0, ("render_paths", {}))
    journal.will_restore_all(paths)


def _where(plan: JobPlan) -> dict[str, Any]:
    """Range, folder and name as Deliver wants them: frames are absolute, the last one is inside."""
    settings: dict[str, Any] = {"SelectAllFrames": plan.span is None, "TargetDir": plan.folder, "CustomName": plan.name}
    if plan.span is not None:
        settings["MarkIn"] = plan.start_frame + plan.span[0]
        settings["MarkOut"] = plan.start_frame + plan.span[1] - 1
    return settings


def _run(host: ResolveHost, keep: list[str], plan: JobPlan, news: News) -> str:
    job_id = host.add_render_job(keep)
    if not job_id:
        raise PluginError(f"{plan.subject}.refused")
    try:
        host.start_render(job_id)
        _wait(host, job_id, plan.subject, news)
    except BaseException:
        with host.calls.finishing():
            host.stop_render()
        raise
    return _output(host, job_id, plan)


def _wait(host: ResolveHost, job_id: str, subject: str, news: News) -> None:
    """Until the job has ended. Raises PluginError `.stuck` or `.failed`."""
    seen, idle = -1.0, 0
    while True:
        running, status = host.rendering(), host.render_status(job_id)
        if status["error"]:
            raise PluginError(f"{subject}.failed", detail=status["error"])
        if not running and status["percent"] >= 100:
            return
        idle = 0 if status["percent"] != seen else idle + 1
        if not running and status["percent"] > 0 and idle > _ENDED_LOOKS:
            raise PluginError(f"{subject}.failed", detail=f"stopped at {status['percent']} %")
        seen = status["percent"]
        if idle > (_IDLE_LOOKS if running else _START_LOOKS):
            raise PluginError(f"{subject}.stuck")
        news(seen, status["left_s"])
        host.calls.pause(host.calls.pauses.render_look_s)


def _output(host: ResolveHost, job_id: str, plan: JobPlan) -> str:
    """The file that the job made, whatever name it got. Raises PluginError `.no_file`."""
    folder = plan.folder
    job = next((one for one in host.render_jobs() if one.get("JobId") == job_id), {})
    candidates = [os.path.join(folder, str(job.get("OutputFilename", "")))]
    candidates += sorted(os.path.join(folder, entry) for entry in os.listdir(folder) if entry.startswith(plan.name))
    for path in candidates:
        if os.path.isfile(path) and os.path.getsize(path) > _EMPTY_BYTES:
            return path
    raise PluginError(f"{plan.subject}.no_file", folder=folder)
