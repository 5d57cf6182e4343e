"""Every operation of the plugin, once or more, in the order in which the plugin uses them. A test holds this against OPERATIONS."""

from __future__ import annotations

from typing import Any

from .desk import Desk
from .stage import CUES, append_srt, at_25, new_timeline, picture, subtitle_counts, timeline_id, write_srt

_KEY = "canto-beats:selftest"


def reading(desk: Desk) -> dict[str, Any]:
    """About, project, timeline, tracks, items, marks, playhead, export."""
    host, timeline = desk.host, new_timeline(desk, "reading", [picture(desk)])
    name = timeline_id(desk, timeline)
    path = desk.folder / "exports" / "reading.otio"
    path.parent.mkdir(parents=True, exist_ok=True)
    host.open_page("edit")
    host.make_current(name)
    facts = {"about": host.about(), "page": host.page(), "project": host.project(), "timeline": host.timeline()}
    facts["tracks"] = {kind: host.tracks(name, kind) for kind in ("video", "audio", "subtitle")}
    facts["video"] = {"items": host.items(name, "video", 1), "ids": host.item_ids(name, "video", 1), "count": host.item_count(name, "video", 1)}
    marks = {kind: {"in": 10, "out": 60} for kind in ("video", "audio")}
    facts["marks"] = [host.marks(name), host.set_marks(name, marks), host.marks(name), host.set_marks(name, {}), host.marks(name)]
    playhead = host.playhead(name)
    facts["playhead"] = [playhead, host.set_playhead(name, playhead), host.playhead(name)]
    facts["exported"] = [host.export_otio(name, str(path)), path.stat().st_size if path.exists() else None]
    return facts


def tracks_and_cues(desk: Desk) -> dict[str, Any]:
    """Our track made, named, switched, filled, read back, cleared, deleted; the bin and the current folder put back."""
    host, timeline = desk.host, new_timeline(desk, "placing", [picture(desk)])
    name, folder = timeline_id(desk, timeline), host.current_bin()
    index = host.add_subtitle_track(name, 0) or 1
    host.name_track(name, "subtitle", index, "Canto-Beats")
    host.lock_track(name, "subtitle", index, True)
    host.lock_track(name, "subtitle", index, False)
    host.enable_track(name, "subtitle", index, False)
    host.enable_track(name, "subtitle", index, True)
    facts: dict[str, Any] = {"tracks": subtitle_counts(desk, name)}
    start = (host.timeline() or {}).get("start_frame", 0)
    append_srt(desk, write_srt(desk, "placing", at_25()))
    placed = host.items(name, "subtitle", index) or []
    read = [[one["start"] - start, one["end"] - start, one["text"]] for one in placed]
    facts.update(wanted=[list(cue) for cue in CUES], read_back=read)
    host.delete_items(name, index, [one["id"] for one in placed])
    facts["after_clearing"] = host.item_count(name, "subtitle", index)
    host.delete_subtitle_track(name, index)
    facts["after_deleting"] = subtitle_counts(desk, name)
    host.set_current_bin(folder)
    facts["bin_back"] = host.current_bin() == folder
    return facts


def markers(desk: Desk) -> dict[str, Any]:
    """Markers with our key set, read and deleted."""
    host, timeline = desk.host, new_timeline(desk, "markers", [picture(desk)])
    name = timeline_id(desk, timeline)
    wanted = [{"frame": frame, "color": "Yellow", "name": "聽唔清", "note": "note", "frames": 1, "key": f"{_KEY}:{frame}"} for frame in (10, 50)]
    added = host.add_markers(name, wanted)
    read = host.markers(name)
    host.delete_markers(name, [one["key"] for one in wanted])
    return {"added": added, "read": read, "left": host.markers(name)}


def deliver_page(desk: Desk) -> dict[str, Any]:
    """The whole of route 2: presets, formats, settings, a sound render, the queue; then everything put back."""
    from resolve_plugin.audio_render import PRESET_FILE, PRESET_NAME

    host = desk.host
    if not host.can_delete_presets():
        return {"left_out": "before 19.1 the presets that this saves and imports could not be deleted again"}
    timeline = new_timeline(desk, "deliver", [picture(desk)])
    name, out = timeline_id(desk, timeline), desk.folder / "render"
    out.mkdir(parents=True, exist_ok=True)
    host.open_page("deliver")
    backup, presets = f"Canto-Beats {desk.folder.name}", host.render_presets() or []
    facts: dict[str, Any] = {"presets": presets, "mode": host.render_mode(), "format": host.render_format(), "audio": host.audio_formats()}
    host.save_render_preset(backup)
    facts["preset_keeps_paths"] = host.preset_keeps_paths(backup, str(out / "backup"))
    try:
        host.set_render_mode(1)
        facts["imported"] = host.import_render_preset(PRESET_FILE)
        facts["wav"] = {codec: host.set_render_format("wav", codec) for codec in ("lpcm", "LinearPCM", "")}
        host.set_render_settings({"TargetDir": str(out), "CustomName": "sound", "ExportVideo": False, "ExportAudio": True, "SelectAllFrames": True})
        facts["render"] = render(desk)
        facts["files"] = files_in(desk, "render")
    finally:
        host.load_render_preset(backup)
        host.delete_render_preset(backup)
        if PRESET_NAME not in presets:
            host.delete_render_preset(PRESET_NAME)
        host.set_render_format((facts["format"] or {}).get("format", ""), (facts["format"] or {}).get("codec", ""))
        host.make_current(name)
        host.open_page("edit")
    facts["presets_after"] = host.render_presets()
    return facts


def render(desk: Desk, looks: int = 240) -> dict[str, Any]:
    """Queue the Deliver page, start that one job, watch it until it ends or `looks` are used up, delete it."""
    host = desk.host
    known = [str(job.get("JobId")) for job in host.render_jobs() or []]
    job = host.add_render_job(known)
    if not job:
        return {"job": job}
    host.start_render(job)
    seen: list[Any] = []
    for _ in range(looks):
        running, status = host.rendering(), host.render_status(job) or {}
        if not seen or seen[-1] != status:
            seen.append(status)
        if (not running and status.get("percent") == 100) or status.get("error"):
            break
        desk.calls.sleep(desk.calls.pauses.render_look_s)
    host.stop_render()
    entry = next((one for one in host.render_jobs() or [] if one.get("JobId") == job), None)
    raw = desk.call(desk.project, "GetRenderJobStatus", job)
    host.delete_render_job(job)
    return {"job": job, "status": seen[-20:], "entry": entry, "raw_status": raw}


def files_in(desk: Desk, folder: str) -> dict[str, int]:
    """{relative path: bytes} of what a probe left in its folder."""
    root = desk.folder / folder
    return {str(path.relative_to(root)): path.stat().st_size for path in sorted(root.rglob("*")) if path.is_file()}


def whole_run(desk: Desk) -> dict[str, Any]:
    """The menu entry's own path: engine, recognition with the practice model, placing, read-back."""
    from resolve_plugin.session import run

    if not desk.options.engine:
        return {"left_out": "no engine outside its own Python"}
    new_timeline(desk, "whole run", [picture(desk)])
    settings: dict[str, Any] = {
        "window": False,
        "asr_model": "practice",
        "job_root": str(desk.folder / "Jobs"),
        "settings_path": str(desk.folder / "settings.json"),
        "engine_command": list(desk.options.engine),
        "resume": "new",
    }
    if desk.options.pauses is not None:
        settings["pauses"] = desk.options.pauses
    result = run(desk.resolve, settings=settings)
    return {key: getattr(result, key) for key in ("status", "message", "hint", "job", "placements", "markers", "notes")}
