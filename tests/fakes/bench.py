"""What tests of the plugin build: a Resolve with a small edit in it, a scripted engine, comparisons of state."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from resolve_plugin.resolve_api import ResolveHost
from resolve_plugin.resolve_calls import Caller, Pauses
from resolve_plugin.session import SessionResult, run

from .resolve import PROFILES, Clip, FakeHost, Faults, Item, Quirks, TimelineState, Track

ENGINE = Path(__file__).parent / "engine.py"
NO_PAUSES = Pauses(page_s=0, edit_s=0, import_s=0, retry_s=0, silence_s=0, render_look_s=0)
CUES = [[10, 40, "你好"], [45, 90, "今日天氣幾好\n係咪"], [100, 130, "多謝晒"]]
DELIVER = {
    "ExportVideo": True, "ExportAudio": True, "AudioBitDepth": 24, "AudioSampleRate": 48000, "TargetDir": "/Users/ed/Exports",
    "CustomName": "Master", "SelectAllFrames": True, "VideoQuality": 4,
}  # fmt: skip


def small_edit(rate: float = 25.0, start_frame: int = 90000, drop_frame: bool = False, frames: int = 2000) -> TimelineState:
    """A timeline of two picture clips and two audio tracks, with marks and the user's own marker."""
    end = start_frame + frames
    picture = [Item(start_frame, start_frame + 600, "A", "/m/a.mov"), Item(start_frame + 600, end, "B", "/m/b.mov", 100)]
    sound = [Item(start_frame, start_frame + 600, "A", "/m/a.mov"), Item(start_frame + 600, end, "B", "/m/b.mov", 100)]
    return TimelineState(
        "訪問 v2",
        rate=rate,
        drop_frame=drop_frame,
        start_frame=start_frame,
        tracks={
            "video": [Track("Video 1", items=picture)],
            "audio": [Track("Audio 1", items=sound), Track("Music", enabled=False, items=[Item(start_frame, end, "M", "/m/m.wav")])],
            "subtitle": [],
        },
        markers={5: {"color": "Green", "name": "mine", "note": "", "duration": 1, "customData": "theirs"}},
        marks={"video": {"in": 100, "out": 899}, "audio": {"in": 100, "out": 899}},
        playhead=start_frame + 77,
    )


def build_host(
    profile: str = "studio_20_2", timeline: TimelineState | None = None, quirks: Quirks | None = None, faults: Faults | None = None
) -> FakeHost:
    """A Resolve in use: a timeline, a clip in the bin, Deliver settings, a job in the queue."""
    host = FakeHost(PROFILES[profile], quirks, faults)
    host.add_timeline(timeline or small_edit())
    host.project.root.clips.append(Clip("a.mov", "/m/a.mov"))
    host.project.current_bin = host.project.root.id
    host.project.render.settings = dict(DELIVER)
    host.project.render.jobs = [{"JobId": "theirs", "TimelineName": "x", "TargetDir": "/Users/ed/Exports", "OutputFilename": "x.mov"}]
    return host


def engine_script(folder: Path, steps: list[dict[str, Any]]) -> list[str]:
    """The command of a scripted engine."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "engine-script.json"
    script.write_text(json.dumps(steps), "utf-8")
    return [sys.executable, "-I", "-S", str(ENGINE), str(script)]


def without_ours(snapshot: dict[str, Any]) -> dict[str, Any]:
    """A snapshot without what the plugin adds on purpose: its tracks, its bin, its markers."""
    state = json.loads(json.dumps(snapshot))
    state["root"]["bins"] = [one for one in state["root"]["bins"] if one["name"] != "Canto-Beats"]
    for timeline in state["timelines"]:
        timeline["tracks"]["subtitle"] = [one for one in timeline["tracks"]["subtitle"] if not one["name"].startswith("Canto-Beats")]
        timeline["markers"] = {frame: one for frame, one in timeline["markers"].items() if not one["customData"].startswith("canto-beats:")}
    return state


def without_backups(host: FakeHost) -> dict[str, Any]:
    """The state for comparisons of renders; a version that cannot delete presets keeps ours in the list."""
    found = without_ours(host.snapshot())
    if host.profile.version < (19, 1, 0):
        found["render"]["presets"] = {}
    return found


def go(host: FakeHost, settings: dict[str, Any], **more: Any) -> SessionResult:
    """A run from the menu."""
    names = host.menu_globals()
    assert names is not None
    return run(**names, settings={**settings, **more})


def connect(host: FakeHost) -> ResolveHost:
    """The plugin's operations on a fake, without pauses; what would be waited for is noted by the fake."""
    resolve = host.menu_globals()["resolve"]
    return ResolveHost(Caller(resolve, NO_PAUSES, host.pause))


def placed_cues(host: FakeHost, index: int = 1, timeline: int = 0) -> list[tuple[int, int, str]]:
    """(start, end, text) on a subtitle track, counted from the timeline's start."""
    state = host.project.timelines[timeline]
    items = sorted(state.tracks["subtitle"][index - 1].items, key=lambda item: item.start)
    return [(item.start - state.start_frame, item.end - state.start_frame, item.name) for item in items]
