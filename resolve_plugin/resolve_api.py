"""The operations that the plugin asks of Resolve: plain values in, plain values out, nothing else.

The set is narrow on purpose: a mailbox or a companion app can serve the same operations from outside. Objects never leave these modules; a
timeline, bin or item is named by its unique id and fetched again for every operation. Each operation can be repeated without harm.
To add one: a method with plain arguments here, its name in `OPERATIONS`, and the call it uses must be in the documented API of Resolve 18.5.
"""

from __future__ import annotations

from typing import Any, cast

from .pool_api import PoolOperations
from .render_api import RenderOperations
from .resolve_calls import NoAnswer, operation

OPERATIONS = (
    "about", "page", "open_page", "project", "timeline", "make_current", "tracks", "items", "item_ids", "item_count", "marks", "set_marks",
    "playhead", "set_playhead", "export_otio", "current_bin", "set_current_bin", "use_bin", "import_subtitles", "append_subtitles",
    "add_subtitle_track", "delete_subtitle_track", "name_track", "enable_track", "lock_track", "delete_items", "markers", "add_markers",
    "delete_markers", "resolution", "render_mode", "set_render_mode", "render_format", "set_render_format", "render_formats", "render_codecs",
    "audio_formats", "set_render_settings", "offer_render_settings", "render_presets", "save_render_preset", "can_delete_presets",
    "preset_keeps_paths", "load_render_preset", "delete_render_preset",
    "import_render_preset", "render_jobs", "add_render_job", "delete_render_job", "start_render", "render_status", "rendering", "stop_render",
)  # fmt: skip


class ResolveHost(PoolOperations, RenderOperations):
    """One running Resolve: timelines here, bins in `pool_api.py`, the Deliver page in `render_api.py`."""

    # -- host, project, timeline

    @operation
    def about(self) -> dict[str, Any]:
        """{"product", "version": [major, minor, patch], "studio"}; asks nothing that only Studio may answer."""
        root, ask = self.calls.resolve, self.calls.ask
        version = ask(root, "GetVersion", list)
        product = ask(root, "GetProductName", str)
        studio = ask(root, "IsStudio", bool) if self.calls.has(root, "IsStudio") else product.strip() == "DaVinci Resolve Studio"
        return {"product": product, "version": [int(part) for part in version[:3]], "studio": studio}

    @operation
    def page(self) -> str:
        """Name of the page in front."""
        return self.calls.ask(self.calls.resolve, "GetCurrentPage", str)

    @operation
    def open_page(self, page: str) -> None:
        """Bring a page to the front and let it settle."""
        if self.calls.ask(self.calls.resolve, "GetCurrentPage", str) == page:
            return
        self.calls.raw(self.calls.resolve, "OpenPage", page)
        self.calls.pause(self.calls.pauses.page_s)
        if self.calls.ask(self.calls.resolve, "GetCurrentPage", str) != page:
            raise NoAnswer("OpenPage")

    @operation
    def project(self) -> dict[str, str]:
        """{"id", "name"} of the open project; {} when none is open."""
        project = self._project_or_none()
        if project is None:
            return {}
        return {"id": self.calls.ask(project, "GetUniqueId", str), "name": self.calls.ask(project, "GetName", str)}

    @operation
    def timeline(self) -> dict[str, Any]:
        """The timeline in front: id, name, rate and drop-frame as it says itself, start and end frame (absolute); {} when none is open."""
        project = self._project()
        timeline = self.calls.raw(project, "GetCurrentTimeline")
        if timeline is None and self.calls.none_again(project, "GetCurrentTimeline"):
            return {}
        ask = self.calls.ask
        return {
            "id": ask(timeline, "GetUniqueId", str),
            "name": ask(timeline, "GetName", str),
            "rate": str(self._setting(timeline, "timelineFrameRate")),
            "drop_frame": str(self._setting(timeline, "timelineDropFrameTimecode")) in ("1", "True", "true"),
            "start_frame": int(ask(timeline, "GetStartFrame", float)),
            "end_frame": int(ask(timeline, "GetEndFrame", float)),
        }

    def _setting(self, timeline: Any, name: str) -> str | float:
        old = self.calls.has(timeline, "GetSetting")
        value = self.calls.raw(timeline, "GetSetting", name) if old else self.calls.ask(timeline, "GetSettings", dict).get(name)
        if not isinstance(value, (str, float, int)) or isinstance(value, bool) or value == "":
            raise NoAnswer("GetSetting")
        return value

    @operation
    def resolution(self, timeline_id: str) -> tuple[int, int]:
        """(width, height) of a timeline's picture."""
        timeline = self._timeline(timeline_id)
        width, height = (int(float(self._setting(timeline, f"timelineResolution{side}"))) for side in ("Width", "Height"))
        return width, height

    @operation
    def make_current(self, timeline_id: str) -> None:
        """Bring a timeline to the front: appending works on the current one only."""
        project, timeline = self._project(), self._timeline(timeline_id)
        if self.calls.ask(self.calls.thing(project, "GetCurrentTimeline"), "GetUniqueId", str) == timeline_id:
            return
        self.calls.raw(project, "SetCurrentTimeline", timeline)
        self.calls.pause(self.calls.pauses.page_s)
        if self.calls.ask(self.calls.thing(project, "GetCurrentTimeline"), "GetUniqueId", str) != timeline_id:
            raise NoAnswer("SetCurrentTimeline")

    @operation
    def export_otio(self, timeline_id: str, path: str) -> bool:
        """Write the timeline as OTIO; False when Resolve refuses. The caller looks at the file."""
        kind, subtype = (getattr(self.calls.resolve, name, None) for name in ("EXPORT_OTIO", "EXPORT_NONE"))
        if not isinstance(kind, (int, float)) or not isinstance(subtype, (int, float)):
            return False
        return self.calls.raw(self._timeline(timeline_id), "Export", path, kind, subtype) is True

    # -- tracks and items

    @operation
    def tracks(self, timeline_id: str, kind: str) -> list[dict[str, Any]]:
        """[{"index" (1-based), "name", "enabled", "locked", "count"}] of one kind ('video', 'audio', 'subtitle'). The timeline must be current."""
        timeline, ask, truth = self._timeline(timeline_id), self.calls.ask, self.calls.truth
        return [
            {
                "index": index,
                "name": ask(timeline, "GetTrackName", str, kind, index),
                "enabled": truth(timeline, "GetIsTrackEnabled", kind, index),
                "locked": truth(timeline, "GetIsTrackLocked", kind, index),
                "count": len(self.calls.things(timeline, "GetItemListInTrack", kind, index)),
            }
            for index in range(1, ask(timeline, "GetTrackCount", int, kind) + 1)
        ]

    @operation
    def items(self, timeline_id: str, kind: str, index: int) -> list[dict[str, Any]]:
        """[{"id", "start", "end", "text"}] of a track in time order; frames are absolute, end is exclusive."""
        ask = self.calls.ask
        found = [
            {
                "id": ask(item, "GetUniqueId", str),
                "start": int(ask(item, "GetStart", float)),
                "end": int(ask(item, "GetEnd", float)),
                "text": ask(item, "GetName", str),
            }
            for item in self.calls.things(self._timeline(timeline_id), "GetItemListInTrack", kind, index)
        ]
        return sorted(found, key=lambda item: cast(int, item["start"]))

    @operation
    def item_ids(self, timeline_id: str, kind: str, index: int) -> list[str]:
        """Unique ids of the items of a track."""
        items = self.calls.things(self._timeline(timeline_id), "GetItemListInTrack", kind, index)
        return [self.calls.ask(item, "GetUniqueId", str) for item in items]

    @operation
    def item_count(self, timeline_id: str, kind: str, index: int) -> int:
        """How many items a track has."""
        return len(self.calls.things(self._timeline(timeline_id), "GetItemListInTrack", kind, index))

    @operation
    def delete_items(self, timeline_id: str, index: int, ids: list[str]) -> None:
        """Delete items of a subtitle track by id. Works on the Edit page only."""
        timeline = self._timeline(timeline_id)
        wanted, found = set(ids), self._found(timeline, index, set(ids))
        if not found:
            return
        self.calls.raw(timeline, "DeleteClips", found, False)
        self.calls.structural()
        if self._found(timeline, index, wanted):
            raise NoAnswer("DeleteClips")

    def _found(self, timeline: Any, index: int, ids: set[str]) -> list[Any]:
        items = self.calls.things(timeline, "GetItemListInTrack", "subtitle", index)
        return [item for item in items if self.calls.ask(item, "GetUniqueId", str) in ids]

    @operation
    def add_subtitle_track(self, timeline_id: str, known: int) -> int:
        """Make sure that one track more than `known` exists; answers its index. Resolve always adds at the end."""
        timeline = self._timeline(timeline_id)
        if self.calls.ask(timeline, "GetTrackCount", int, "subtitle") <= known:
            self.calls.raw(timeline, "AddTrack", "subtitle")
            self.calls.structural()
        count = self.calls.ask(timeline, "GetTrackCount", int, "subtitle")
        if count <= known:
            raise NoAnswer("AddTrack")
        return known + 1

    @operation
    def delete_subtitle_track(self, timeline_id: str, index: int) -> None:
        """Delete the last subtitle track, which must be `index` and empty; anything else is left alone."""
        timeline = self._timeline(timeline_id)
        is_last = self.calls.ask(timeline, "GetTrackCount", int, "subtitle") == index
        if not is_last or self.calls.things(timeline, "GetItemListInTrack", "subtitle", index):
            return
        self.calls.raw(timeline, "DeleteTrack", "subtitle", index)
        self.calls.structural()
        if self.calls.ask(timeline, "GetTrackCount", int, "subtitle") >= index:
            raise NoAnswer("DeleteTrack")

    @operation
    def name_track(self, timeline_id: str, kind: str, index: int, name: str) -> None:
        """Name a track."""
        timeline = self._timeline(timeline_id)
        self.calls.raw(timeline, "SetTrackName", kind, index, name)
        if self.calls.ask(timeline, "GetTrackName", str, kind, index) != name:
            raise NoAnswer("SetTrackName")

    @operation
    def enable_track(self, timeline_id: str, kind: str, index: int, enabled: bool) -> None:
        """Switch a track on or off."""
        self._switch(timeline_id, "GetIsTrackEnabled", "SetTrackEnable", (kind, index), enabled)

    @operation
    def lock_track(self, timeline_id: str, kind: str, index: int, locked: bool) -> None:
        """Lock or unlock a track."""
        self._switch(timeline_id, "GetIsTrackLocked", "SetTrackLock", (kind, index), locked)

    def _switch(self, timeline_id: str, getter: str, setter: str, track: tuple[str, int], value: bool) -> None:
        timeline = self._timeline(timeline_id)
        if self.calls.truth(timeline, getter, *track) == value:
            return
        self.calls.raw(timeline, setter, *track, value)
        if self.calls.truth(timeline, getter, *track) != value:
            raise NoAnswer(setter)

    # -- marks, playhead, markers

    @operation
    def marks(self, timeline_id: str) -> dict[str, dict[str, int]] | None:
        """In and out marks relative to the timeline's start, by kind; None where this version cannot say (before 19.1)."""
        timeline = self._timeline(timeline_id)
        if not self.calls.has(timeline, "GetMarkInOut"):
            return None
        found = self.calls.ask(timeline, "GetMarkInOut", dict)
        return {kind: {key: int(value) for key, value in marks.items()} for kind, marks in found.items() if isinstance(marks, dict)}

    @operation
    def set_marks(self, timeline_id: str, marks: dict[str, dict[str, int]]) -> None:
        """Make the marks exactly these; does nothing where marks cannot be read."""
        timeline = self._timeline(timeline_id)
        if not self.calls.has(timeline, "GetMarkInOut") or self.calls.ask(timeline, "GetMarkInOut", dict) == marks:
            return
        for kind in ("video", "audio"):
            self.calls.raw(timeline, "ClearMarkInOut", kind)
            if {"in", "out"} <= set(marks.get(kind, ())):
                self.calls.raw(timeline, "SetMarkInOut", marks[kind]["in"], marks[kind]["out"], kind)
        if self.calls.ask(timeline, "GetMarkInOut", dict) != {kind: both for kind, both in marks.items() if len(both) == 2}:
            raise NoAnswer("SetMarkInOut")

    @operation
    def playhead(self, timeline_id: str) -> str:
        """Timecode of the playhead."""
        return self.calls.ask(self._timeline(timeline_id), "GetCurrentTimecode", str)

    @operation
    def set_playhead(self, timeline_id: str, timecode: str) -> None:
        """Move the playhead. The timeline must be current, on a page that has one."""
        timeline = self._timeline(timeline_id)
        if self.calls.ask(timeline, "GetCurrentTimecode", str) == timecode:
            return
        if self.calls.raw(timeline, "SetCurrentTimecode", timecode) is not True and (self.calls.ask(timeline, "GetCurrentTimecode", str) != timecode):
            raise NoAnswer("SetCurrentTimecode")

    @operation
    def markers(self, timeline_id: str) -> list[dict[str, Any]]:
        """[{"frame" (relative), "color", "name", "note", "key"}] of the timeline's markers."""
        found = self.calls.ask(self._timeline(timeline_id), "GetMarkers", dict)
        return [
            {
                "frame": int(frame),
                "color": str(one.get("color", "")),
                "name": str(one.get("name", "")),
                "note": str(one.get("note", "")),
                "key": str(one.get("customData", "")),
            }
            for frame, one in sorted(found.items())
        ]

    @operation
    def add_markers(self, timeline_id: str, wanted: list[dict[str, Any]]) -> int:
        """Add markers {"frame", "color", "name", "note", "frames", "key"}; answers how many of them the timeline then has."""
        timeline = self._timeline(timeline_id)
        present = {str(one.get("customData", "")) for one in self.calls.ask(timeline, "GetMarkers", dict).values()}
        for one in wanted:
            if one["key"] not in present:
                self.calls.raw(timeline, "AddMarker", one["frame"], one["color"], one["name"], one["note"], one["frames"], one["key"])
        after = {str(one.get("customData", "")) for one in self.calls.ask(timeline, "GetMarkers", dict).values()}
        return sum(one["key"] in after for one in wanted)

    @operation
    def delete_markers(self, timeline_id: str, keys: list[str]) -> None:
        """Delete the markers that carry these keys."""
        timeline = self._timeline(timeline_id)
        for key in keys:
            self.calls.raw(timeline, "DeleteMarkerByCustomData", key)
        left = {str(one.get("customData", "")) for one in self.calls.ask(timeline, "GetMarkers", dict).values()}
        if left & set(keys):
            raise NoAnswer("DeleteMarkerByCustomData")
