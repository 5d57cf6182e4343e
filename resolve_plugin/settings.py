"""What the user can set: a JSON file in the system's place for settings, overridden by what the caller passes.

To add one: its default in `DEFAULTS`, its allowed values in `_CHOICES` if it has few.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from .errors import PluginError
from .files import read_json, write_json
from .messages import system_language

DEFAULTS: dict[str, Any] = {
    "asr_model": "auto",
    "register": "spoken",  # spoken, written, both
    "range": "timeline",  # timeline, in_out
    "conflict": "replace",  # replace, new, skip: our own track already has cues
    "changed": "stop",  # stop, place: the edit changed while the words were recognised
    "resume": "continue",  # continue, new: an unfinished job of the same timeline exists
    "audio_route": "auto",  # auto: read the media, render if the engine asks; file: use audio_file
    "audio_file": "",
    "allow_render": True,  # let the engine ask for a render in Resolve
    "audio_tracks": [],  # 1-based numbers of the audio tracks to listen to; empty: those that are on
    "device": "auto",
    "render": "none",  # none; resolve: by Resolve with its own subtitles; burn: clean by Resolve, subtitles burnt in by the engine
    "film_codec": "h264",  # h264, h265
    "film_quality": "standard",  # draft, standard, high
    "film_style": "",  # a style of the engine, for burn; empty: the engine's default
    "film_folder": "",
    "markers": True,
    "marker_limit": 200,
    "engine_python": "",
    "engine_command": [],  # replaces the whole command; for development
    "engine_silence_s": 1800.0,
    "job_root": "",
    "language_ui": "auto",  # auto, en, zh
    "window": True,
}

_CHOICES = {
    "register": ("spoken", "written", "both"),
    "range": ("timeline", "in_out"),
    "conflict": ("replace", "new", "skip"),
    "changed": ("stop", "place"),
    "resume": ("continue", "new"),
    "audio_route": ("auto", "file"),
    "render": ("none", "resolve", "burn"),
    "film_codec": ("h264", "h265"),
    "film_quality": ("draft", "standard", "high"),
    "language_ui": ("auto", "en", "zh"),
}
_REMEMBERED = ("asr_model", "register", "range", "conflict", "render", "film_codec", "film_style", "film_folder")


def settings_path() -> str:
    """Where the settings file is: the per-user place of each system."""
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "Canto-Beats", "settings.json")
    if os.name == "nt":
        return os.path.join(os.environ.get("APPDATA", home), "Canto-Beats", "settings.json")
    return os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "canto-beats", "settings.json")


def default_folder(name: str) -> str:
    """Jobs and Films live below the user's movies, never in a temporary folder, which some builds of Resolve cannot write to."""
    movies = "Videos" if os.name == "nt" else "Movies"
    return os.path.join(os.path.expanduser("~"), movies, "Canto-Beats", name)


def load_settings(overrides: Mapping[str, Any] | None = None, path: str | None = None) -> dict[str, Any]:
    """Defaults, then the user's file, then `overrides`. Raises PluginError `settings.value` for a value that is not allowed."""
    stored = read_json(path or settings_path())
    values = {**DEFAULTS, **(stored if isinstance(stored, dict) else {}), **(overrides or {})}
    for name, allowed in _CHOICES.items():
        if values[name] not in allowed:
            raise PluginError("settings.value", name=name, value=values[name], allowed=", ".join(allowed))
    if values["language_ui"] == "auto":
        values["language_ui"] = system_language()
    for key, name in (("job_root", "Jobs"), ("film_folder", "Films")):
        values[key] = os.path.abspath(os.path.expanduser(values[key] or default_folder(name)))
    return values


def remember(choices: Mapping[str, Any], path: str | None = None) -> None:
    """Keep what the user chose in the window for the next time; other keys of the file stay."""
    path = path or settings_path()
    stored = read_json(path)
    values = dict(stored) if isinstance(stored, dict) else {}
    values.update({name: choices[name] for name in _REMEMBERED if name in choices})
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_json(path, values)
    except OSError:
        return  # a read-only home must not stop the work
