"""The OTIO that the fake exports, shaped like Resolve's own: absolute source ranges in floats, bare paths, gaps up to the end of a track."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from .state import Item, TimelineState, Track


def timeline_from_otio(document: dict[str, Any], name: str, rate: float, drop_frame: bool = False) -> TimelineState:
    """A timeline whose tracks follow an OTIO document; the document itself is exported again."""
    start = int(document["global_start_time"]["value"]) if document.get("global_start_time") else 0
    state = TimelineState(name, rate=rate, drop_frame=drop_frame, start_frame=start, playhead=start, document=document)
    for track in document["tracks"]["children"]:
        state.tracks[track["kind"].lower()].append(Track(track["name"], enabled=track.get("enabled", True), items=_items(track, start)))
    return state


def _items(track: dict[str, Any], start: int) -> list[Item]:
    items, position = [], float(start)
    for child in track["children"]:
        if child["OTIO_SCHEMA"].startswith("Transition"):
            continue
        duration = child["source_range"]["duration"]["value"]
        if not child["OTIO_SCHEMA"].startswith("Gap"):
            items.append(Item(round(position), round(position + duration), child.get("name", "")))
        position += duration
    return items


def otio_of(state: TimelineState) -> dict[str, Any]:
    """The export. A change of the edit since the document was loaded shows as an edit of its first audio clip."""
    if state.document is not None:
        document = copy.deepcopy(state.document)
        if state.edits:
            _shorten_first_clip(document, state.edits)
        return document
    children = [
        _track(f"{kind.title()} {number}", kind.title(), track, state)
        for kind in ("video", "audio")
        for number, track in enumerate(state.tracks[kind], 1)
    ]
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": "",
        "global_start_time": _time(state.start_frame, state.rate),
        "tracks": {"OTIO_SCHEMA": "Stack.1", "metadata": {}, "name": "", "source_range": None, "children": children},
    }


def _shorten_first_clip(document: dict[str, Any], frames: int) -> None:
    for track in document["tracks"]["children"]:
        for child in track["children"]:
            if track["kind"] == "Audio" and child["OTIO_SCHEMA"].startswith("Clip"):
                child["source_range"]["duration"]["value"] -= frames
                return


def _track(name: str, kind: str, track: Track, state: TimelineState) -> dict[str, Any]:
    children, position = [], state.start_frame
    for item in sorted(track.items, key=lambda one: one.start):
        if item.start > position:
            children.append({"OTIO_SCHEMA": "Gap.1", "enabled": True, "source_range": _range(0, item.start - position, state.rate)})
        children.append(_clip(item, state.rate))
        position = item.end
    metadata = {"Resolve_OTIO": {"Locked": track.locked}}
    return {"OTIO_SCHEMA": "Track.1", "metadata": metadata, "name": name, "kind": kind, "enabled": True, "children": children}


def _clip(item: Item, rate: float) -> dict[str, Any]:
    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": Path(item.media).name,
        "available_range": _range(0, item.source_start + item.end - item.start, rate),
        "target_url": item.media,
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {},
        "name": item.name,
        "source_range": _range(item.source_start, item.end - item.start, rate),
        "enabled": item.enabled,
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "effects": [],
    }


def _range(start: float, duration: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(duration, rate)}


def _time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(value), "rate": rate}
