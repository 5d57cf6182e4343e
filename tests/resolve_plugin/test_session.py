"""The whole run against a Resolve and a scripted engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.bench import CUES, build_host, engine_script, placed_cues, small_edit, without_ours
from fakes.resolve import PROFILES, FakeHost, Item, Quirks, Track

from resolve_plugin.session import run

Hosts = Callable[..., FakeHost]
MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]


def go(host: FakeHost, settings: dict[str, Any], **more: Any) -> Any:
    return run(**host.menu_globals(), settings={**settings, "window": False, **more})


@pytest.mark.parametrize("profile", MENU)
def test_every_profile_gets_a_verified_track_and_its_state_back(hosts: Hosts, settings: dict[str, Any], profile: str) -> None:
    host = hosts(profile)
    before = host.snapshot()
    result = go(host, settings)
    assert result.status == "placed", result
    assert placed_cues(host) == [tuple(cue) for cue in CUES]
    assert host.project.timelines[0].tracks["subtitle"][0].name == "Canto-Beats 口語"
    assert without_ours(host.snapshot()) == without_ours(before)
    assert [clip.kind for clip in host.project.root.bins[0].clips] == ["Subtitle"]
