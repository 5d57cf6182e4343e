# ruff: noqa: N802 - methods carry the names of the real API
"""Timeline, TimelineItem: tracks, items, markers, marks, playhead, OTIO export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .clock import frame_of, label_of
from .otio import otio_of
from .profiles import SUBTITLE_WORD
from .proxy import FakeObject
from .state import Item, TimelineState, Track

_PLAYHEAD_PAGES = ("cut", "edit", "color", "fairlight", "deliver")


class FakeTimelineItem(FakeObject):
    """An item; a subtitle's name is its text."""

    class_name = "TimelineItem"
    _node: Item

    def do_GetName(self) -> str:
        return self._node.name.replace("\n", self._host.quirks.text_separator)

    def do_GetStart(self, subframe: bool = False) -> float:
        return self._number(self._node.start, subframe)

    def do_GetEnd(self, subframe: bool = False) -> float:
        return self._number(self._node.end, subframe)

    def do_GetDuration(self, subframe: bool = False) -> float:
        return self._number(self._node.end - self._node.start, subframe)

    def do_GetUniqueId(self) -> str:
        return self._node.id

    def _number(self, frame: int, subframe: bool) -> float:
        return float(frame) if subframe or self._host.quirks.frame_type == "float" else frame


class FakeTimeline(FakeObject):
    """A timeline."""

    class_name = "Timeline"
    _node: TimelineState

    @property
    def current(self) -> bool:
        return self._host.project.current_timeline == self._node.id

    def do_GetName(self) -> str:
        return self._node.name

    def do_GetUniqueId(self) -> str:
        return self._node.id

    def do_GetStartFrame(self) -> int:
        return self._node.start_frame

    def do_GetEndFrame(self) -> int:
        return self._node.end_frame

    def do_GetStartTimecode(self) -> str:
        return label_of(self._node.start_frame, self._node.rate, self._node.drop_frame)

    def do_GetSetting(self, name: str = "") -> Any:
        return self._settings().get(name, "") if name else self._settings()

    def do_SetSetting(self, name: str, value: str) -> bool:
        """Rate and counting of a timeline that is still empty."""
        state = self._node
        if state.end_frame > state.start_frame or name not in ("useCustomSettings", *self._settings()):
            return False
        if name == "timelineFrameRate":
            state.rate = float(value)
        elif name == "timelineDropFrameTimecode":
            state.drop_frame = value == "1"
        state.start_frame = state.playhead = frame_of("01:00:00:00", state.rate, state.drop_frame)
        return True

    def do_GetSettings(self) -> dict[str, Any]:
        return self._settings()

    def _settings(self) -> dict[str, Any]:
        width, height = self._node.size
        return {
            "timelineFrameRate": self._node.rate,
            "timelineDropFrameTimecode": "1" if self._node.drop_frame else "0",
            "timelineResolutionWidth": str(width),
            "timelineResolutionHeight": str(height),
        }

    def do_GetTrackCount(self, kind: str) -> int:
        return len(self._node.tracks[kind])

    def track(self, kind: str, index: int) -> Track | None:
        tracks = self._node.tracks[kind]
        return tracks[index - 1] if 1 <= index <= len(tracks) else None

    def do_GetTrackName(self, kind: str, index: int) -> str | None:
        track = self.track(kind, index)
        return track.name if track else None

    def do_SetTrackName(self, kind: str, index: int, name: str) -> bool:
        return self._set(kind, index, name=name)

    def do_SetTrackEnable(self, kind: str, index: int, enabled: bool) -> bool:
        return self._set(kind, index, enabled=bool(enabled))

    def do_GetIsTrackEnabled(self, kind: str, index: int) -> bool:
        track = self.track(kind, index)
        return bool(track and track.enabled and self.current)

    def do_SetTrackLock(self, kind: str, index: int, locked: bool) -> bool:
        return self._set(kind, index, locked=bool(locked))

    def do_GetIsTrackLocked(self, kind: str, index: int) -> bool:
        track = self.track(kind, index)
        return bool(track and track.locked)

    def _set(self, kind: str, index: int, **changes: Any) -> bool:
        track = self.track(kind, index)
        if track is None:
            return False
        for name, value in changes.items():
            setattr(track, name, value)
        return True

    def do_AddTrack(self, kind: str, options: Any = None) -> bool:
        self._host.structural_edit("AddTrack")
        tracks = self._node.tracks[kind]
        word = SUBTITLE_WORD[self._host.profile.language] if kind == "subtitle" else kind.title()
        tracks.append(Track(f"{word} {len(tracks) + 1}"))
        return True

    def do_DeleteTrack(self, kind: str, index: int) -> bool:
        self._host.structural_edit("DeleteTrack")
        track = self.track(kind, index)
        if track is None or track.locked:
            return False
        self._node.tracks[kind].remove(track)
        return True

    def do_GetItemListInTrack(self, kind: str, index: int) -> list[FakeTimelineItem] | None:
        track = self.track(kind, index)
        if track is None or (not track.items and self._host.quirks.empty_list_is_none):
            return None
        return [FakeTimelineItem(self._host, item) for item in sorted(track.items, key=lambda item: item.start)]

    def do_DeleteClips(self, items: list[FakeTimelineItem], ripple: bool = False) -> bool:
        self._host.structural_edit("DeleteClips")
        if self._host.page != "edit":
            return False
        gone = {item._node.id for item in items}
        for tracks in self._node.tracks.values():
            for track in tracks:
                if not track.locked:
                    track.items = [item for item in track.items if item.id not in gone]
        return True

    def do_GetCurrentTimecode(self) -> str:
        return label_of(self._node.playhead, self._node.rate, self._node.drop_frame)

    def do_SetCurrentTimecode(self, timecode: str) -> bool:
        if self._host.page not in _PLAYHEAD_PAGES or not self.current:
            return False
        self._node.playhead = frame_of(timecode, self._node.rate, self._node.drop_frame)
        return True

    def do_GetMarkInOut(self) -> dict[str, dict[str, int]]:
        return {kind: dict(marks) for kind, marks in self._node.marks.items()}

    def do_SetMarkInOut(self, first: int, last: int, kind: str = "all") -> bool:
        for one in ("video", "audio") if kind in ("all", None) else (kind,):
            self._node.marks[one] = {"in": first, "out": last}
        return True

    def do_ClearMarkInOut(self, kind: str = "all") -> bool:
        for one in ("video", "audio") if kind in ("all", None) else (kind,):
            self._node.marks.pop(one, None)
        return True

    def do_AddMarker(self, frame: int, color: str, name: str, note: str, duration: int, custom: str = "") -> bool:
        length = self._node.end_frame - self._node.start_frame
        if self._host.quirks.markers_refused or frame in self._node.markers or not 0 <= frame < length:
            return False
        self._node.markers[frame] = {"color": color, "name": name, "note": note, "duration": duration, "customData": custom}
        return True

    def do_GetMarkers(self) -> dict[int, dict[str, Any]]:
        return {frame: dict(marker) for frame, marker in self._node.markers.items()}

    def do_DeleteMarkerByCustomData(self, custom: str) -> bool:
        frame = next((frame for frame, marker in self._node.markers.items() if marker["customData"] == custom), None)
        return self._node.markers.pop(frame, None) is not None

    def do_Export(self, path: str, kind: float, subtype: float) -> bool:
        if kind != self._host.api.constant("EXPORT_OTIO") or self._host.quirks.export_fails or not self._host.may_write(path):
            return False
        Path(path).write_text(json.dumps(otio_of(self._node)), "utf-8")
        return True

    def do_CreateSubtitlesFromAudio(self, settings: Any = None) -> bool:
        return self._host.page == "edit"

    def do_ImportIntoTimeline(self, path: str, options: Any = None) -> bool:
        return False
