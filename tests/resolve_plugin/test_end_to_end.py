"""From the menu to a verified track with the real engine: the sample timeline, the practice model, every profile that lists Python entries."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from core.demo import sample_timeline
from fakes.bench import DELIVER, placed_cues, without_ours
from fakes.resolve import PROFILES, FakeHost, timeline_from_otio
from resolve_plugin.session import run

MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]
ROOT = Path(__file__).resolve().parents[2]


def sample_host(profile: str) -> FakeHost:
    source = sample_timeline()
    document = json.loads(source.read_text("utf-8"))
    for track in document["tracks"]["children"]:
        for child in track["children"]:
            for media in (child.get("media_references") or {}).values():
                if media.get("target_url"):  # an installed sample has its media beside it; a host knows whole paths
                    media["target_url"] = str(source.parent / media["target_url"])
    host = FakeHost(PROFILES[profile])
    host.add_timeline(timeline_from_otio(document, "茶餐廳的早晨", 25.0))
    host.project.current_bin = host.project.root.id
    host.project.render.settings = dict(DELIVER)
    return host


def engine() -> list[str]:
    """The engine from this checkout, isolated like the installed one."""
    start = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv[1:] = ['serve']; runpy.run_module('core', run_name='__main__')"
    return [sys.executable, "-I", "-c", start]


def go(host: FakeHost, root: Path, **more: Any) -> Any:
    settings = {
        "job_root": str(root), "settings_path": str(root.parent / "settings.json"), "language_ui": "zh", "window": False,
        "asr_model": "practice", "device": "cpu", "engine_command": engine(), **more,
    }  # fmt: skip
    return run(**host.menu_globals(), settings=settings)


@pytest.mark.parametrize("profile", MENU)
def test_the_sample_becomes_a_verified_track(profile: str, tmp_path: Path) -> None:
    host = sample_host(profile)
    before = host.snapshot()
    result = go(host, tmp_path / "Jobs")
    assert result.status == "placed", result
    document = json.loads((Path(result.job) / "document.json").read_text("utf-8"))
    cues = [(cue["start_frame"], cue["end_frame"], cue["text"]) for cue in document["cues"]]
    assert len(cues) > 5
    assert placed_cues(host) == cues
    assert without_ours(host.snapshot()) == without_ours(before)
    assert host.desk.violations == []
