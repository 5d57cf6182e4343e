"""Reads the timeline in front: identity, exact rate, range, tracks, cuts, OTIO; and tells later whether the edit has changed.

Rate and drop frame come from the timeline, never from the project. In and out marks are relative to the timeline's start and the out mark is the
last frame inside, so the end of the range is one more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .errors import PluginError
from .otio_facts import edit_hash, picture_cuts
from .rates import Rate, rate_of
from .resolve_api import ResolveHost


@dataclass(frozen=True)
class TimelineFacts:
    """The timeline in front. `start_frame` and `end_frame` (exclusive) are absolute; tracks are (index, name, enabled) by kind."""

    project_id: str
    project_name: str
    id: str
    name: str
    rate: Rate
    start_frame: int
    end_frame: int
    audio_tracks: tuple[tuple[int, str, bool], ...]
    subtitle_tracks: tuple[tuple[int, str, bool], ...]
    marks: dict[str, dict[str, int]] | None

    @property
    def frames(self) -> int:
        """Length of the timeline."""
        return self.end_frame - self.start_frame


@dataclass(frozen=True)
class Fingerprint:
    """What must be the same when the subtitles are placed; `edit` is empty when no OTIO could be read."""

    timeline_id: str
    rate: str
    start_frame: int
    end_frame: int
    edit: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def read_timeline(host: ResolveHost) -> TimelineFacts:
    """Facts about the timeline in front.

    Raises PluginError `timeline.no_project`, `timeline.none`, `timeline.empty` or `timeline.rate`.
    """
    project = host.project()
    if not project:
        raise PluginError("timeline.no_project")
    found = host.timeline()
    if not found:
        raise PluginError("timeline.none")
    if found["end_frame"] <= found["start_frame"]:
        raise PluginError("timeline.empty", name=found["name"])
    return TimelineFacts(
        project_id=project["id"],
        project_name=project["name"],
        id=found["id"],
        name=found["name"],
        rate=rate_of(found["rate"], found["drop_frame"]),
        start_frame=found["start_frame"],
        end_frame=found["end_frame"],
        audio_tracks=_track_facts(host.tracks(found["id"], "audio")),
        subtitle_tracks=_track_facts(host.tracks(found["id"], "subtitle")),
        marks=host.marks(found["id"]),
    )


def _track_facts(tracks: list[dict[str, Any]]) -> tuple[tuple[int, str, bool], ...]:
    return tuple((track["index"], track["name"], track["enabled"]) for track in tracks)


def chosen_range(facts: TimelineFacts, choice: str) -> tuple[int, int] | None:
    """(first, end) frames relative to the timeline's start for `in_out`; None for the whole timeline.

    Raises PluginError `range.unsupported` where this Resolve cannot tell the marks, `range.no_marks` unless both marks are set.
    """
    if choice != "in_out":
        return None
    if facts.marks is None:
        raise PluginError("range.unsupported")
    both = facts.marks.get("video") or facts.marks.get("audio") or {}
    if not {"in", "out"} <= set(both):
        raise PluginError("range.no_marks")
    first, end = max(0, both["in"]), min(facts.frames, both["out"] + 1)
    if end <= first:
        raise PluginError("range.no_marks")
    return first, end


def export_timeline(host: ResolveHost, facts: TimelineFacts, path: str) -> None:
    """Write the OTIO to `path`, through a name beside it. Raises PluginError `timeline.export` when Resolve writes nothing."""
    part = f"{path[: -len('.otio')]}.part.otio"
    done = host.export_otio(facts.id, part) or host.export_otio(facts.id, part)
    if not done or not os.path.isfile(part) or not os.path.getsize(part):
        raise PluginError("timeline.export", path=path)
    os.replace(part, path)


def fingerprint(facts: TimelineFacts, otio_path: str) -> Fingerprint:
    """The edit as it is now; `otio_path` may name a file that does not exist."""
    return Fingerprint(facts.id, facts.rate.text(), facts.start_frame, facts.end_frame, edit_hash(otio_path))


def request(facts: TimelineFacts, otio_path: str, span: tuple[int, int] | None, settings: dict[str, Any], muted: Sequence[int]) -> dict[str, Any]:
    """`request.json` for the engine; `muted` are 1-based audio tracks that are not to be heard."""
    return {
        "schema": "request/1",
        "input": otio_path,
        "name": facts.name,
        "rate": facts.rate.text(),
        "drop_frame": facts.rate.drop_frame,
        "start_frame": facts.start_frame,
        "in_frame": span[0] if span else None,
        "out_frame": span[1] if span else None,
        "cuts": list(picture_cuts(otio_path, facts.rate)),
        "disabled_audio_tracks": sorted(muted),
        "asr_model": None if settings["asr_model"] == "auto" else settings["asr_model"],
        "register": settings["register"],
        "device": settings["device"],
        "language_ui": settings["language_ui"],
        "fingerprint": fingerprint(facts, otio_path).as_dict(),
    }
