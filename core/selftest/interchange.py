"""What goes out in OTIO and FCPXML and what comes back: rates, subtitles, switches, nesting, channels, titles, marker notes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .desk import Desk
from .placing import RATES, timeline_at
from .stage import CUES, append_srt, at_25, export, new_timeline, otio_facts, picture, poly_wav, timeline_id, write_srt

CAPTIONS = Path(__file__).resolve().parents[1] / "data" / "selftest" / "captions.fcpxml"
TITLES = CAPTIONS.with_name("titles.otio")


def rates(desk: Desk) -> dict[str, Any]:
    """The rate values that Resolve writes into OTIO at each timeline rate."""
    return {rate: _rate(desk, rate) for rate in RATES}


def _rate(desk: Desk, rate: str) -> dict[str, Any]:
    timeline, facts = timeline_at(desk, "rate", rate)
    clips = desk.call(desk.pool, "ImportMedia", [str(picture(desk))]) or [None]
    if clips[0] is not None:
        desk.call(desk.pool, "AppendToTimeline", [{"mediaPoolItem": clips[0]}])
        desk.calls.structural()
    found = otio_facts(export(desk, timeline, "EXPORT_OTIO", f"rate-{rate.replace(' ', '-')}.otio"))
    return {**facts, "otio_rates": found.get("rates"), "global_start": found.get("global_start")}


def captions_out(desk: Desk) -> dict[str, Any]:
    """Whether exports carry a filled subtitle track: tracks of the OTIO, and the cue's text in every other format."""
    timeline = new_timeline(desk, "captions out", [picture(desk)])
    desk.host.add_subtitle_track(timeline_id(desk, timeline), 0)
    append_srt(desk, write_srt(desk, "captions-out", at_25()))
    files = {
        "EXPORT_OTIO": "captions.otio",
        "EXPORT_FCPXML_1_10": "captions.fcpxmld",
        "EXPORT_FCP_7_XML": "captions.xml",
        "EXPORT_DRT": "captions.drt",
        "EXPORT_EDL": "captions.edl",
        "EXPORT_TEXT_CSV": "captions.csv",
    }
    found = {kind: _holds_text(export(desk, timeline, kind, file)) for kind, file in files.items()}
    return {"text_found": found, "otio": otio_facts(desk.folder / "exports" / files["EXPORT_OTIO"]).get("tracks")}


def _holds_text(path: Path) -> dict[str, Any]:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else []
    text = CUES[0][2].encode("utf-8")
    return {"files": {one.name: one.stat().st_size for one in files}, "text": any(text in one.read_bytes() for one in files)}


def captions_in(desk: Desk) -> dict[str, Any]:
    """Whether Resolve imports captions from FCPXML as a subtitle track."""
    return _imported(desk, CAPTIONS, "captions in")


def rich_titles(desk: Desk) -> dict[str, Any]:
    """Whether Text titles in OTIO come in; how they look must be judged by eye, so the timeline is exported as a still as well."""
    facts = _imported(desk, TITLES, "rich titles")
    still = desk.folder / "exports" / "rich-titles.png"
    desk.host.open_page("color")
    facts["still"] = [desk.call(desk.project, "ExportCurrentFrameAsStill", str(still)), still.exists()]
    desk.host.open_page("edit")
    return facts


def _imported(desk: Desk, source: Path, name: str) -> dict[str, Any]:
    timeline = desk.call(desk.pool, "ImportTimelineFromFile", str(source), {"timelineName": name, "importSourceClips": False})
    desk.calls.structural()
    if timeline is None:
        return {"imported": None}
    found = timeline_id(desk, timeline)
    desk.host.make_current(found)
    tracks = {kind: desk.host.tracks(found, kind) for kind in ("video", "subtitle")}
    items = {kind: desk.host.items(found, kind, 1) for kind, list_of in tracks.items() if list_of}
    return {"imported": repr(timeline), "tracks": tracks, "items": items}


def switches(desk: Desk) -> dict[str, Any]:
    """How a disabled clip, a track that is off and a locked track look in OTIO."""
    timeline = new_timeline(desk, "switches", [picture(desk), poly_wav(desk, 1)])
    name = timeline_id(desk, timeline)
    items = desk.call(timeline, "GetItemListInTrack", "audio", 1) or []
    disabled = desk.call(items[0], "SetClipEnabled", False) if items else None
    for track in desk.host.tracks(name, "audio") or []:
        desk.host.enable_track(name, "audio", track["index"], False)
        desk.host.lock_track(name, "audio", track["index"], True)
    return {"disabled": disabled, "otio": otio_facts(export(desk, timeline, "EXPORT_OTIO", "switches.otio")).get("tracks")}


def nesting(desk: Desk) -> dict[str, Any]:
    """A compound clip and a timeline inside a timeline, as OTIO shows them. Multicam needs 21.1."""
    facts: dict[str, Any] = {}
    timeline = new_timeline(desk, "compound", [picture(desk)])
    items = desk.call(timeline, "GetItemListInTrack", "video", 1) or []
    facts["compound"] = repr(desk.call(timeline, "CreateCompoundClip", list(items), {"name": "compound"})) if items else None
    desk.calls.structural()
    facts["compound_otio"] = otio_facts(export(desk, timeline, "EXPORT_OTIO", "compound.otio")).get("tracks")
    inner = desk.call(timeline, "GetMediaPoolItem")
    outer = new_timeline(desk, "nested")
    if inner is not None and outer is not None:
        desk.call(desk.pool, "AppendToTimeline", [{"mediaPoolItem": inner, "startFrame": 10, "endFrame": 60}])
        desk.calls.structural()
    facts["nested_otio"] = otio_facts(export(desk, outer, "EXPORT_OTIO", "nested.otio")).get("tracks")
    return facts


def channels(desk: Desk) -> dict[str, Any]:
    """How the channels of a four-channel WAV are named in OTIO and by the clip itself."""
    path = poly_wav(desk)
    timeline = new_timeline(desk, "channels", [path])
    items = desk.call(timeline, "GetItemListInTrack", "audio", 1) or []
    clip = desk.call(items[0], "GetMediaPoolItem") if items else None
    return {
        "mapping": desk.call(items[0], "GetSourceAudioChannelMapping") if items else None,
        "clip": desk.call(clip, "GetAudioMapping"),
        "properties": {key: desk.call(clip, "GetClipProperty", key) for key in ("Audio Ch", "Sample Rate", "FPS", "Type", "Frames")},
        "otio": otio_facts(export(desk, timeline, "EXPORT_OTIO", "channels.otio")).get("tracks"),
    }


def marker_notes(desk: Desk) -> dict[str, Any]:
    """Where a marker's note lies in an exported OTIO, and whether it comes back on import."""
    timeline = new_timeline(desk, "marker notes", [picture(desk)])
    wanted = [{"frame": 20, "color": "Blue", "name": "名", "note": "字條", "frames": 3, "key": "canto-beats:note"}]
    desk.host.add_markers(timeline_id(desk, timeline), wanted)
    path = export(desk, timeline, "EXPORT_OTIO", "notes.otio")
    facts: dict[str, Any] = {"exported": _markers(json.loads(path.read_text("utf-8"))) if path.is_file() else None}
    back = desk.call(desk.pool, "ImportTimelineFromFile", str(path), {"timelineName": "notes back", "importSourceClips": False})
    desk.calls.structural()
    facts["back"] = desk.call(back, "GetMarkers")
    return facts


def _markers(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [found for one in value for found in _markers(one)]
    if not isinstance(value, dict):
        return []
    here = [value] if str(value.get("OTIO_SCHEMA", "")).startswith("Marker") else []
    return here + [found for one in value.values() for found in _markers(one)]
