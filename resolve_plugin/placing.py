"""From finished documents to verified tracks: check that the edit is still the same, place, mark doubts, or take everything back."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from .documents import Document, doubt_markers
from .errors import HostError, PluginError
from .jobs import Job
from .outside import cues_outside, is_inside, with_new
from .resolve_api import ResolveHost
from .timeline_reader import TimelineFacts, export_timeline, fingerprint, read_timeline
from .track_writer import Target, TrackWriter, bring_to_front, fit, note_state
from .view import View

MARKER_KEY = "canto-beats:"


@dataclass(frozen=True)
class Placed:
    """How placing ended. `error` is what went wrong; `clean` says that everything else in the project is as it was."""

    placements: tuple[dict[str, Any], ...]
    files: tuple[str, ...]
    markers: int
    clean: bool
    error: PluginError | None = None


def place_documents(host: ResolveHost, job: Job, documents: list[Document], settings: dict[str, Any], view: View) -> Placed:
    """Place every document that is not placed yet. Stopped passes through, after everything has been taken back."""
    error: PluginError | None = None
    markers = 0
    try:
        writer, facts = _prepare(host, job, settings, view)
        for document in documents:
            if all(done["register"] != document.register for done in job.state["placed"]):
                _place_one(writer, job, document, facts, settings["conflict"])
        with host.calls.finishing():  # the subtitles are in place; a few markers more are no reason to speak of a cancelled run
            markers = _mark_doubts(host, job, documents, facts, settings)
    except PluginError as caught:
        error = caught
    finally:
        undone = job.journal.take_back(host)
        clean = job.journal.put_back(host) and undone
    return Placed(tuple(job.state["placed"]), tuple(job.state.get("files", ())), markers, clean, error)


def put_in_order(host: ResolveHost, job: Job) -> bool:
    """Take back and put back what an interrupted run left; True when nothing is left. Taking back moves page and switches, so they are noted."""
    if job.state["undo"]:
        timeline_id = job.state["timeline"]["id"]
        try:
            bring_to_front(host, job.journal, timeline_id)
            note_state(host, job.journal, timeline_id)
            job.journal.take_back(host)
        except HostError:
            return False
    return job.journal.put_back(host) and not job.journal.pending


def _prepare(host: ResolveHost, job: Job, settings: dict[str, Any], view: View) -> tuple[TrackWriter, TimelineFacts]:
    bring_to_front(host, job.journal, job.state["timeline"]["id"])
    facts = read_timeline(host)
    _check_unchanged(host, job, facts, settings, view)
    target = Target(facts.id, facts.rate, facts.start_frame, facts.end_frame)
    writer = TrackWriter(host, job.journal, target, job.path("subtitles"))
    writer.prepare()
    return writer, facts


def edit_now(host: ResolveHost, job: Job, facts: TimelineFacts) -> dict[str, Any]:
    """The fingerprint of the timeline in front, by a second export that is deleted again."""
    path = job.path("timeline-now.otio")
    try:
        export_timeline(host, facts, path)
        return fingerprint(facts, path).as_dict()
    except PluginError as error:
        if isinstance(error, HostError):
            raise
        return fingerprint(facts, "").as_dict()
    finally:
        if os.path.exists(path):
            os.remove(path)


def same_edit(now: dict[str, Any], earlier: dict[str, Any]) -> bool:
    """True when two fingerprints describe the same edit; an edit hash that is missing on one side says nothing."""
    return all(now[key] == earlier.get(key) or (key == "edit" and not (now[key] and earlier.get(key))) for key in now)


def _check_unchanged(host: ResolveHost, job: Job, facts: TimelineFacts, settings: dict[str, Any], view: View) -> None:
    if same_edit(edit_now(host, job, facts), job.state["fingerprint"]) or settings["changed"] == "place":
        return
    if view.choose("ask.changed", ("stop", "place"), "stop", name=facts.name) == "stop":
        raise PluginError("place.changed", name=facts.name)


def _place_one(writer: TrackWriter, job: Job, document: Document, facts: TimelineFacts, conflict: str) -> None:
    if document.rate.fps != facts.rate.fps:
        raise PluginError("place.rate", document=document.rate.text(), timeline=facts.rate.text())
    cues = fit(document.cues_from(facts.start_frame), facts.frames)
    if not cues:
        raise PluginError("place.nothing")
    span = job.state["asked"].get("span")
    if span and conflict == "replace":
        cues = with_new(cues_outside(writer.host, facts, (span[0], span[1]), document.register), cues)
    path = writer.write_file(document.register, facts.name, cues)
    job.state.setdefault("files", []).append(path)
    placement = writer.place(document.register, cues, path, conflict)
    job.journal.commit()
    job.state["placed"].append(asdict(placement))
    job.save()


def _mark_doubts(host: ResolveHost, job: Job, documents: list[Document], facts: TimelineFacts, settings: dict[str, Any]) -> int:
    """Replace our markers of earlier runs by those of this one, inside its range; how many it has. Markers of others stay."""
    if not settings["markers"]:
        return 0
    present, span = host.markers(facts.id), job.state["asked"].get("span")
    old = [one for one in present if one["key"].startswith(MARKER_KEY) and is_inside(one, span)]
    host.delete_markers(facts.id, [one["key"] for one in old])
    taken = {one["frame"] for one in present if one not in old}
    prefix = f"{MARKER_KEY}{span[0]}:" if span else MARKER_KEY  # ids count from the range, and markers outside it stay
    wanted: list[dict[str, Any]] = []
    for document in documents:
        wanted += doubt_markers(document, facts.start_frame, taken | {one["frame"] for one in wanted}, prefix)
    wanted = wanted[: settings["marker_limit"]]
    return host.add_markers(facts.id, wanted) if wanted else 0
