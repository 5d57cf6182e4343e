"""Route 2 for sound: let Resolve render the timeline's mix, and leave the Deliver page as it was.

There is no getter for render settings, so they are saved as a preset first and loaded again afterwards. Success is judged by the file, because
status texts are translated. Only our own job is started and deleted. What is touched stands in the journal before it is touched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import PluginError
from .resolve_api import ResolveHost
from .undo import Journal

PRESET_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "render_preset", "Canto-Beats audio.xml")
PRESET_NAME = "Canto-Beats audio"
_STOCK_PRESET = "Audio Only"
_WAV_CODECS = ("lpcm", "LinearPCM", "")
_START_LOOKS = 60  # 30 s from StartRendering to the first sign of life
_IDLE_LOOKS = 3600  # 30 minutes without any progress
_ENDED_LOOKS = 4  # stopped before 100 % and nothing moves
_EMPTY_BYTES = 64  # a header and nothing more


@dataclass(frozen=True)
class RenderWish:
    """What to render: a range relative to the timeline's start (end exclusive) or None for all; audio tracks to hear (1-based) or None for
    those that are on."""

    timeline_id: str
    start_frame: int
    span: tuple[int, int] | None
    audio_tracks: Sequence[int] | None
    folder: str


def render_audio(host: ResolveHost, journal: Journal, wish: RenderWish, news: Callable[[float], None]) -> str:
    """Path of the rendered sound; `news` gets the percentage. Everything is put back, also on error and cancel.

    Raises PluginError `render.*` or HostError. Stopped passes through after cleaning up.
    """
    if host.rendering():
        raise PluginError("render.busy")
    keep = [str(job["JobId"]) for job in host.render_jobs()]
    journal.will_restore("page", page=host.page())
    try:
        host.open_page("deliver")
        _remember(host, journal, wish, keep)
        name = _set_up(host, journal, wish)
        return _run(host, keep, wish.folder, name, news)
    finally:
        journal.put_back(host)


def _remember(host: ResolveHost, journal: Journal, wish: RenderWish, keep: list[str]) -> None:
    """Note everything that the render touches, in the order in which it must not be put back: the queue first, the backup preset last."""
    timeline = wish.timeline_id
    marks = host.marks(timeline)
    if marks is None and wish.span is not None:
        raise PluginError("range.unsupported")  # rendering a range sets marks, and this version could not put them back
    entries: list[tuple[str, dict[str, Any]]] = [("marks", {"timeline": timeline, "marks": marks})] if marks is not None else []
    for track in host.tracks(timeline, "audio"):
        state = {key: track[key] for key in ("index", "name", "enabled")}
        entries.append(("track", {"timeline": timeline, "kind": "audio", **state}))
    backup = f"Canto-Beats backup {time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    if host.can_delete_presets():
        entries.append(("drop_preset", {"name": backup}))
    entries += [("render_mode", {"mode": host.render_mode()}), ("render_format", dict(host.render_format()))]
    journal.will_restore_all(entries)
    host.save_render_preset(backup)
    paths: list[tuple[str, dict[str, Any]]] = [("render_preset", {"name": backup}), ("render_job", {"folder": wish.folder, "keep": keep})]
    if not host.preset_keeps_paths(backup, os.path.join(wish.folder, "deliver-backup")):
        paths.insert(0, ("render_paths", {}))
    journal.will_restore_all(paths)


def _set_up(host: ResolveHost, journal: Journal, wish: RenderWish) -> str:
    """Put our settings onto the Deliver page; answers the file name without extension."""
    name = f"canto-beats-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    if PRESET_NAME not in host.render_presets():
        if host.can_delete_presets():
            # goes in front, so that it runs last: the user's own settings are back by then
            journal.will_restore_last("drop_preset", name=PRESET_NAME)
        host.import_render_preset(PRESET_FILE)
    else:
        host.load_render_preset(PRESET_NAME)
    settings = _settings(wish, name)
    host.set_render_settings(settings)
    _choose_wav(host, settings)
    host.set_render_mode(1)
    if wish.audio_tracks is not None:
        for track in host.tracks(wish.timeline_id, "audio"):
            host.enable_track(wish.timeline_id, "audio", track["index"], track["index"] in wish.audio_tracks)
    return name


def _settings(wish: RenderWish, name: str) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "SelectAllFrames": wish.span is None,
        "TargetDir": wish.folder,
        "CustomName": name,
        "ExportVideo": False,
        "ExportAudio": True,
        "AudioBitDepth": 16,
        "AudioSampleRate": 48000,
    }
    if wish.span is not None:
        settings["MarkIn"] = wish.start_frame + wish.span[0]
        settings["MarkOut"] = wish.start_frame + wish.span[1] - 1
    return settings


def _choose_wav(host: ResolveHost, settings: dict[str, Any]) -> None:
    """WAV by the 21.1 key, else by format and codec, else the stock preset, which may give another container: the engine reads them all."""
    if "wav" in host.audio_formats().values():
        host.set_render_settings({"AudioFormat": "wav", "AudioCodec": "lpcm"})
        return
    if host.render_format()["format"] == "wav" or any(host.set_render_format("wav", codec) for codec in _WAV_CODECS):
        return
    if _STOCK_PRESET in host.render_presets():
        host.load_render_preset(_STOCK_PRESET)
        host.set_render_settings(settings)


def _run(host: ResolveHost, keep: list[str], folder: str, name: str, news: Callable[[float], None]) -> str:
    job_id = host.add_render_job(keep)
    if not job_id:
        raise PluginError("render.refused")
    try:
        host.start_render(job_id)
        _wait(host, job_id, news)
    except BaseException:
        with host.calls.finishing():
            host.stop_render()
        raise
    return find_output(host, job_id, folder, name)


def _wait(host: ResolveHost, job_id: str, news: Callable[[float], None]) -> None:
    """Until the job has ended. Raises PluginError `render.stuck` or `render.failed`."""
    seen, idle = -1.0, 0
    while True:
        running, status = host.rendering(), host.render_status(job_id)
        if status["error"]:
            raise PluginError("render.failed", detail=status["error"])
        if not running and status["percent"] >= 100:
            return
        idle = 0 if status["percent"] != seen else idle + 1
        if not running and status["percent"] > 0 and idle > _ENDED_LOOKS:
            raise PluginError("render.failed", detail=f"stopped at {status['percent']} %")
        seen = status["percent"]
        if idle > (_IDLE_LOOKS if running else _START_LOOKS):
            raise PluginError("render.stuck")
        news(seen)
        host.calls.pause(host.calls.pauses.render_look_s)


def find_output(host: ResolveHost, job_id: str, folder: str, name: str) -> str:
    """The file that the job made, whatever name it got. Raises PluginError `render.no_file`."""
    job = next((one for one in host.render_jobs() if one.get("JobId") == job_id), {})
    candidates = [os.path.join(folder, str(job.get("OutputFilename", "")))]
    candidates += sorted(os.path.join(folder, entry) for entry in os.listdir(folder) if entry.startswith(name))
    for path in candidates:
        if os.path.isfile(path) and os.path.getsize(path) > _EMPTY_BYTES:
            return path
    raise PluginError("render.no_file", folder=folder)
