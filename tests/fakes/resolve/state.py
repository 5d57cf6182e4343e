"""What a Resolve holds: project, bins, timelines, tracks, marks, render queue, page. Plain data, comparable as one value."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, field
from typing import Any

_ids = itertools.count(1)


def new_id(kind: str) -> str:
    """A fresh unique id."""
    return f"{kind}-{next(_ids):05}"


@dataclass
class Clip:
    """A media pool item; `cues` are (start_ms, end_ms, text) of an imported SRT."""

    name: str
    path: str = ""
    kind: str = "Video"
    cues: tuple[tuple[int, int, str], ...] = ()
    id: str = field(default_factory=lambda: new_id("clip"))


@dataclass
class Bin:
    """A media pool folder."""

    name: str
    clips: list[Clip] = field(default_factory=list)
    bins: list[Bin] = field(default_factory=list)
    id: str = field(default_factory=lambda: new_id("bin"))

    def walk(self) -> list[Bin]:
        """This folder and all below it."""
        return [self, *(inner for child in self.bins for inner in child.walk())]


@dataclass
class Item:
    """Something on a track; frames are absolute, `end` is exclusive."""

    start: int
    end: int
    name: str
    media: str = ""
    source_start: int = 0
    enabled: bool = True
    id: str = field(default_factory=lambda: new_id("item"))


@dataclass
class Track:
    """A track of one kind; `style` stands for what only the user can set."""

    name: str
    enabled: bool = True
    locked: bool = False
    items: list[Item] = field(default_factory=list)
    style: str = ""


@dataclass
class TimelineState:
    """A timeline. `rate` is what the host reports (23.976), `marks` are relative and inclusive, `playhead` is absolute."""

    name: str
    rate: float = 25.0
    drop_frame: bool = False
    start_frame: int = 90000
    tracks: dict[str, list[Track]] = field(default_factory=lambda: {"video": [], "audio": [], "subtitle": []})
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    playhead: int = 0
    document: dict[str, Any] | None = None
    edits: int = 0
    size: tuple[int, int] = (1920, 1080)
    id: str = field(default_factory=lambda: new_id("timeline"))

    @property
    def end_frame(self) -> int:
        """First frame after the last item."""
        ends = [item.end for tracks in self.tracks.values() for track in tracks for item in track.items]
        return max(ends, default=self.start_frame)


@dataclass
class RenderState:
    """The Deliver page: settings that no call reads back, the queue, the presets."""

    settings: dict[str, Any] = field(default_factory=dict)
    format: str = "mov"
    codec: str = "ProRes422HQ"
    mode: int = 1
    jobs: list[dict[str, Any]] = field(default_factory=list)
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: str = ""
    polls: int = 0
    status: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class ProjectState:
    """One project."""

    name: str = "Film"
    root: Bin = field(default_factory=lambda: Bin("Master"))
    current_bin: str = ""
    timelines: list[TimelineState] = field(default_factory=list)
    current_timeline: str = ""
    render: RenderState = field(default_factory=RenderState)
    id: str = field(default_factory=lambda: new_id("project"))

    def timeline(self) -> TimelineState | None:
        """The timeline in front."""
        return next((one for one in self.timelines if one.id == self.current_timeline), None)

    def bin(self) -> Bin:
        """The current folder."""
        return next((one for one in self.root.walk() if one.id == self.current_bin), self.root)


def snapshot(project: ProjectState, page: str) -> dict[str, Any]:
    """Everything as one comparable value; what only counts polls is left out."""
    state = asdict(project)
    state["page"] = page
    for key in ("polls", "status"):
        state["render"].pop(key)
    return state
