"""The window on Studio, console lines elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, engine_script, placed_cues
from fakes.resolve import PROFILES, FakeHost, choose, click
from resolve_plugin.session import SessionResult, run

Hosts = Callable[..., FakeHost]
Settings = dict[str, Any]
WINDOWS = [name for name, profile in PROFILES.items() if profile.windows and not profile.app_store]


def go(host: FakeHost, settings: Settings, **more: Any) -> SessionResult:
    names = host.menu_globals()
    assert names is not None
    return run(**names, settings={**settings, "window": True, **more})


def widget(host: FakeHost, name: str) -> Any:
    (window,) = host.windows.values()
    return next(one for root in window["roots"] for one in root.walk() if getattr(one, "ID", None) == name)


@pytest.mark.parametrize("profile", WINDOWS)
def test_start_places_and_the_window_stays_until_closed(hosts: Hosts, settings: Settings, profile: str) -> None:
    host = hosts(profile)
    host.ui_events = [click("Start"), click("ShowMe"), click("Cancel", "Close")]
    result = go(host, settings)
    assert result.status == "placed"
    assert placed_cues(host) == [tuple(cue) for cue in CUES]
    assert host.ui_events == []
    assert next(iter(host.windows.values()))["shown"] is False
    assert "3 subtitles are on the track" in widget(host, "Log").Text
    assert (host.page, host.project.timelines[0].playhead) == ("edit", 90010)  # Show me went to the first subtitle


def test_the_window_shows_the_timeline_and_speaks_chinese(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2_zh")
    host.ui_events = [click("Cancel")]
    result = go(host, settings, language_ui="zh")
    assert (result.status, result.message) == ("cancelled", "已停止。時間線維持原狀。")
    assert widget(host, "Summary").Text == "訪問 v2：每秒 25.000 格，共 2000 格，2 條音軌"
    assert [widget(host, name).Text for name in ("Start", "ShowMe", "Cancel")] == ["開始", "前往查看", "取消"]
    assert widget(host, "Register").entries == ["口語", "書面語", "兩者，分兩條字幕軌"]


def test_choices_reach_the_engine_and_are_remembered(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    host.ui_events = [
        choose("Register", CurrentIndex=1), choose("Range", CurrentIndex=1), choose("Tracks", Text="2"), choose("Model", Text="practice"),
        click("Start"), click("Cancel", "Close"),
    ]  # fmt: skip
    result = go(host, settings)
    request = json.loads((Path(result.job) / "request.json").read_text("utf-8"))
    assert (request["register"], request["in_frame"], request["out_frame"], request["asr_model"]) == ("written", 100, 900, "practice")
    assert request["disabled_audio_tracks"] == [1]
    remembered = json.loads(Path(settings["settings_path"]).read_text("utf-8"))
    assert remembered == {
        "asr_model": "practice", "register": "written", "range": "in_out", "conflict": "replace", "render": "none", "film_codec": "h264",
        "film_style": "", "film_folder": settings["film_folder"],
    }  # fmt: skip


def test_cancel_while_recognising(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts()
    before = host.snapshot()
    host.ui_events = [click("Start"), *[lambda host: None] * 40, click("Cancel")]
    result = go(host, settings, engine_command=engine_script(tmp_path, [{"sleep": 60}]))
    assert result.status == "cancelled"
    assert result.notes == ("What is finished is kept; start Canto-Beats again to continue.",)
    assert host.snapshot() == before


def test_an_unfinished_job_is_offered(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts()
    host.quirks.append_garbled_times = 2
    host.ui_events = [click("Start"), click("Cancel", "Close")]
    first = go(host, settings)
    assert first.status == "rolled_back"
    host.windows.clear()
    host.ui_events = [click("Start"), click("Answer1"), click("Cancel", "Close")]
    second = go(host, settings, engine_command=["/nowhere"])
    assert (second.status, second.job) == ("placed", first.job)
    host.windows.clear()


def test_the_user_decides_about_a_changed_edit(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    host.quirks.append_garbled_times = 2
    host.ui_events = [click("Start"), click("Cancel", "Close")]
    go(host, settings)
    host.project.timelines[0].tracks["audio"][0].items[0].source_start = 12
    host.windows.clear()
    host.ui_events = [click("Start"), click("Answer1"), click("Answer2"), click("Cancel", "Close")]  # continue, place anyway
    assert go(host, settings, engine_command=["/nowhere"]).status == "placed"


@pytest.mark.parametrize("profile", ["free_20", "free_19_0"])
def test_free_editions(hosts: Hosts, settings: Settings, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    host = hosts(profile)
    host.ui_events = [click("Start"), click("Cancel", "Close")] if host.profile.windows else []
    assert go(host, settings).status == "placed"
    assert ("Fusion.UIManager" in host.desk.names()) == host.profile.windows
    assert capsys.readouterr().out.startswith("Canto-Beats: reading the timeline ...\n")


def test_a_second_start_brings_the_window_to_the_front(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    again: list[SessionResult] = []

    def start_again(host: FakeHost) -> None:
        waiting, host.ui_events = host.ui_events, []
        again.append(go(host, settings))
        host.ui_events = waiting

    host.ui_events = [lambda host: start_again(host), click("Cancel")]
    go(host, settings)
    (second,) = again
    assert (second.status, second.message) == ("refused", "Canto-Beats is already running.")
    assert next(iter(host.windows.values()))["raised"] is True


def test_greeting_comes_before_any_call(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    seen: list[int] = []
    monkeypatch.setattr("resolve_plugin.window.Console.say", lambda self, key, **params: seen.append(host.desk.count))
    host.ui_events = [click("Cancel")]
    go(host, settings)
    assert seen[0] == 0
