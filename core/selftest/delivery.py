"""The Deliver page's open questions: burnt-in subtitles, sidecars, and what the audio presets and formats are called here."""

from __future__ import annotations

from typing import Any

from .desk import Desk
from .operations import files_in, render
from .stage import append_srt, at_25, new_timeline, picture, timeline_id, write_srt

_FORMATS = ("BurnIn", "EmbeddedCaptions", "SeparateFile")
_SINCE = [20, 2]  # README of 20.2: ExportSubtitle, SubtitleFormat


def audio_names(desk: Desk) -> dict[str, Any]:
    """Presets, formats and codecs by the names of this language and edition."""
    desk.host.open_page("deliver")
    project = desk.project
    formats = desk.call(project, "GetRenderFormats") or {}
    facts = {
        "presets": desk.call(project, "GetRenderPresetList"),
        "formats": formats,
        "codecs": {extension: desk.call(project, "GetRenderCodecs", extension) for extension in ("wav", "mov", "mp4")},
        "audio_formats": desk.call(project, "GetAudioRenderFormats"),
        "audio_codecs": desk.call(project, "GetAudioRenderCodecs", "wav"),
        "quick_export": desk.call(project, "GetQuickExportRenderPresets"),
    }
    desk.host.open_page("edit")
    return facts


def burn_in(desk: Desk) -> dict[str, Any]:
    """Four renders of one second, without subtitles and with each subtitle format; the files are kept for a look at pictures and streams."""
    if (desk.host.about() or {}).get("version", [0])[:2] < _SINCE:
        return {"left_out": "ExportSubtitle came with 20.2"}
    timeline = new_timeline(desk, "burn in", [picture(desk)])
    desk.host.add_subtitle_track(timeline_id(desk, timeline), 0)
    append_srt(desk, write_srt(desk, "burn-in", at_25()))
    start = (desk.host.timeline() or {}).get("start_frame", 0)
    backup, facts = f"Canto-Beats burn-in {desk.folder.name}", {}
    desk.host.open_page("deliver")
    before = desk.host.render_format() or {}
    desk.host.save_render_preset(backup)
    try:
        desk.host.set_render_format("mp4", "H264")
        for wish in ("none", *_FORMATS):
            facts[wish] = _one(desk, wish, start)
    finally:
        desk.host.load_render_preset(backup)
        desk.host.delete_render_preset(backup)
        desk.host.set_render_format(before.get("format", ""), before.get("codec", ""))
        desk.host.open_page("edit")
    return {**facts, "files": files_in(desk, "burn-in")}


def _one(desk: Desk, wish: str, start: int) -> dict[str, Any]:
    out = desk.folder / "burn-in" / wish
    out.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "SelectAllFrames": False,
        "MarkIn": start + 30,
        "MarkOut": start + 54,
        "TargetDir": str(out),
        "CustomName": wish,
        "ExportVideo": True,
        "ExportAudio": True,
        "ExportSubtitle": wish != "none",
    }
    if wish != "none":
        settings["SubtitleFormat"] = wish
    desk.host.set_render_settings(settings)
    return render(desk)
