"""Route 2 for sound: let Resolve render the timeline's mix as WAV. How a job is run and everything put back is in `render_job.py`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .render_job import JobPlan, News, render, unique_name
from .resolve_api import ResolveHost
from .undo import Journal

PRESET_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "render_preset", "Canto-Beats audio.xml")
PRESET_NAME = "Canto-Beats audio"
_STOCK_PRESET = "Audio Only"
_WAV_CODECS = ("lpcm", "LinearPCM", "")
_SOUND = {"ExportVideo": False, "ExportAudio": True, "AudioBitDepth": 16, "AudioSampleRate": 48000}


@dataclass(frozen=True)
class RenderWish:
    """What to render: a range relative to the timeline's start (end exclusive) or None for all; audio tracks to hear (1-based) or None for
    those that are on."""

    timeline_id: str
    start_frame: int
    span: tuple[int, int] | None
    audio_tracks: Sequence[int] | None
    folder: str


def render_audio(host: ResolveHost, journal: Journal, wish: RenderWish, news: News) -> str:
    """Path of the rendered sound; `news` gets the percentage. Raises what `render_job.render` raises, with the subject `render`."""

    def set_up(host: ResolveHost, journal: Journal, where: dict[str, Any]) -> None:
        _choose_sound(host, journal, {**where, **_SOUND})
        if wish.audio_tracks is not None:
            for track in host.tracks(wish.timeline_id, "audio"):
                host.enable_track(wish.timeline_id, "audio", track["index"], track["index"] in wish.audio_tracks)

    plan = JobPlan(wish.timeline_id, wish.start_frame, wish.span, wish.folder, unique_name(), "render", "audio", set_up)
    return render(host, journal, plan, news)


def _choose_sound(host: ResolveHost, journal: Journal, settings: dict[str, Any]) -> None:
    """Our preset, or the settings alone where Resolve does not import it."""
    if PRESET_NAME not in host.render_presets():
        if host.can_delete_presets():
            # goes in front, so that it runs last: the user's own settings are back by then
            journal.will_restore_last("drop_preset", name=PRESET_NAME)
        host.import_render_preset(PRESET_FILE)
    else:
        host.load_render_preset(PRESET_NAME)
    host.set_render_settings(settings)
    _choose_wav(host, settings)


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
