# ruff: noqa: N802 - methods carry the names of the real API
"""MediaPool, Folder, MediaPoolItem: bins, SRT import with its path cache, and the append that puts subtitles on a track."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from .clock import exact
from .proxy import FakeObject
from .state import Bin, Clip, Item, TimelineState, Track
from .timeline import FakeTimeline

_CLIP_FRAMES = 250  # of every clip that a timeline is made of
_TIME = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{3})")


class FakeMediaPoolItem(FakeObject):
    """A clip in the media pool."""

    class_name = "MediaPoolItem"
    _node: Clip

    def do_GetName(self) -> str:
        return self._node.name

    def do_GetUniqueId(self) -> str:
        return self._node.id

    def do_GetMediaId(self) -> str:
        return f"media-{self._node.id}"

    def do_GetClipProperty(self, name: str | None = None) -> Any:
        values = {"File Path": self._node.path, "File Name": Path(self._node.path).name, "Type": self._node.kind, "Clip Name": self._node.name}
        return values.get(name, "") if name else values


class FakeFolder(FakeObject):
    """A bin."""

    class_name = "Folder"
    _node: Bin

    def do_GetName(self) -> str:
        return self._node.name

    def do_GetUniqueId(self) -> str:
        return self._node.id

    def do_GetClipList(self) -> list[FakeMediaPoolItem]:
        return [FakeMediaPoolItem(self._host, clip) for clip in self._node.clips]

    def do_GetSubFolderList(self) -> list[FakeFolder]:
        return [FakeFolder(self._host, child) for child in self._node.bins]


class FakeMediaPool(FakeObject):
    """The media pool of the open project."""

    class_name = "MediaPool"

    def do_GetRootFolder(self) -> FakeFolder:
        return FakeFolder(self._host, self._host.project.root)

    def do_GetCurrentFolder(self) -> FakeFolder:
        return FakeFolder(self._host, self._host.project.bin())

    def do_SetCurrentFolder(self, folder: FakeFolder) -> bool:
        self._host.project.current_bin = folder._node.id
        return True

    def do_AddSubFolder(self, folder: FakeFolder, name: str) -> FakeFolder | None:
        if any(child.name == name for child in folder._node.bins):
            return None
        made = Bin(name)
        folder._node.bins.append(made)
        self._host.project.current_bin = made.id
        return FakeFolder(self._host, made)

    def do_ImportMedia(self, paths: list[Any]) -> list[FakeMediaPoolItem]:
        found = [self._import(one["FilePath"] if isinstance(one, dict) else one) for one in paths]
        return [FakeMediaPoolItem(self._host, clip) for clip in found if clip]

    def _import(self, path: str) -> Clip | None:
        known = [clip for folder in self._host.project.root.walk() for clip in folder.clips if clip.path == path]
        if known:
            return known[0]
        if not Path(path).is_file():
            return None
        kind, cues = ("Subtitle", read_srt(Path(path).read_text("utf-8-sig"))) if path.endswith(".srt") else ("Video", ())
        clip = Clip(Path(path).name, path, kind, cues)
        self._host.project.bin().clips.append(clip)
        return clip

    def do_CreateEmptyTimeline(self, name: str) -> FakeTimeline | None:
        project = self._host.project
        if any(one.name == name for one in project.timelines):
            return None
        tracks = {"video": [Track("Video 1")], "audio": [Track("Audio 1")], "subtitle": []}
        self._host.add_timeline(TimelineState(name, start_frame=90000, playhead=90000, tracks=tracks))
        return FakeTimeline(self._host, project.timelines[-1])

    def do_CreateTimelineFromClips(self, name: str, infos: list[dict[str, Any]]) -> FakeTimeline | None:
        timeline = self.do_CreateEmptyTimeline(name)
        for number, info in enumerate(infos if timeline else []):
            clip, start = info["mediaPoolItem"]._node, 90000 + number * _CLIP_FRAMES
            for kind in ("audio",) if clip.path.endswith(".wav") else ("video", "audio"):
                item = Item(start, start + _CLIP_FRAMES, clip.name, clip.path)
                self._host.project.timelines[-1].tracks[kind][0].items.append(item)
        return timeline

    def do_DeleteClips(self, clips: list[FakeMediaPoolItem]) -> bool:
        gone = {clip._node.id for clip in clips}
        for folder in self._host.project.root.walk():
            folder.clips = [clip for clip in folder.clips if clip.id not in gone]
        return True

    def do_AppendToTimeline(self, *clips: Any) -> Any:
        self._host.structural_edit("AppendToTimeline")
        infos = clips[0] if len(clips) == 1 and isinstance(clips[0], list) else list(clips)
        infos = [info if isinstance(info, dict) else {"mediaPoolItem": info} for info in infos]
        frames = [info[key] for info in infos for key in ("startFrame", "endFrame", "recordFrame") if key in info]
        if any(frame != int(frame) for frame in frames):
            return None
        timeline = self._host.project.timeline()
        placed = [item for info in infos if timeline for item in append_subtitles(self._host, timeline, info)]
        if placed is not None and not self._refused(timeline):
            return {"items": placed or [object()], "none": None, "none_list": [None], "empty": []}[self._host.quirks.append_return]
        return []

    def _refused(self, timeline: TimelineState | None) -> bool:
        target = pick_track(self._host, timeline) if timeline else None
        return self._host.quirks.collaboration_locked or bool(target and target.locked)


def pick_track(host: Any, timeline: TimelineState) -> Track | None:
    """The subtitle track that an append goes to; which one is not documented."""
    tracks = timeline.tracks["subtitle"]
    enabled = [track for track in tracks if track.enabled]
    empty = [track for track in enabled if not track.items]
    choices = {
        "first": tracks[:1],
        "enabled": enabled[:1] or tracks[:1],
        "first_empty": empty[:1] or enabled[:1] or tracks[:1],
        "last": tracks[-1:],
    }[host.quirks.append_target]
    return choices[0] if choices else None


def append_subtitles(host: Any, timeline: TimelineState, info: dict[str, Any]) -> list[Item]:
    """Place the cues of an imported SRT; nothing happens without a track, on a locked one, or in a locked project."""
    quirks, clip = host.quirks, info["mediaPoolItem"]._node
    target = pick_track(host, timeline)
    if target is None or target.locked or quirks.collaboration_locked:
        return []
    if quirks.append_nothing_times:
        quirks.append_nothing_times -= 1
        return []
    steered = any(key in info for key in ("trackIndex", "mediaType", "recordFrame", "startFrame"))
    base = timeline.end_frame if steered else max((item.end for item in target.items), default=timeline.start_frame)
    items = _without_overlap([_item(host, timeline, base, cue) for cue in clip.cues])
    if quirks.append_partial_times:
        quirks.append_partial_times -= 1
        items = items[: len(items) // 2]
    if quirks.append_garbled_times:
        quirks.append_garbled_times -= 1
        items = [Item(item.start, item.end, f"?{item.name}") for item in items]
    target.items += items
    return items


def _item(host: Any, timeline: TimelineState, base: int, cue: tuple[int, int, str]) -> Item:
    start, end = (base + to_frame(ms, exact(timeline.rate), host.quirks.srt_rounding) for ms in cue[:2])
    return Item(start, max(end, start + 1), cue[2])


def to_frame(ms: int, fps: Fraction, rounding: str) -> int:
    """The frame that an import makes of a time."""
    if rounding == "float_floor":
        return int(ms / 1000 * float(fps))
    if rounding == "floor":
        return math.floor(ms * fps / 1000)
    return math.floor(ms * fps / 1000 + Fraction(1, 2)) - (rounding == "late")


def _without_overlap(items: list[Item]) -> list[Item]:
    kept: list[Item] = []
    for item in sorted(items, key=lambda one: one.start):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def read_srt(text: str) -> tuple[tuple[int, int, str], ...]:
    """(start_ms, end_ms, text) of every block."""
    cues = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = block.split("\n")
        times = [_ms(match) for match in _TIME.finditer(lines[1])] if len(lines) > 2 else []
        if len(times) == 2:
            cues.append((times[0], times[1], "\n".join(lines[2:])))
    return tuple(cues)


def _ms(match: re.Match[str]) -> int:
    hours, minutes, seconds, ms = (int(part) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
