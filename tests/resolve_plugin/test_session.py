"""The whole run against a Resolve and a scripted engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, engine_script, go, placed_cues, small_edit, without_ours
from fakes.resolve import PROFILES, FakeHost, Item, Quirks, TimelineState, Track

Hosts = Callable[..., FakeHost]
Settings = dict[str, Any]
MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]
PLACED = [tuple(cue) for cue in CUES]


@pytest.mark.parametrize("profile", MENU)
def test_every_profile_gets_a_verified_track_and_its_state_back(hosts: Hosts, settings: Settings, profile: str) -> None:
    host = hosts(profile)
    before = host.snapshot()
    result = go(host, settings)
    assert result.status == "placed", result
    assert placed_cues(host) == PLACED
    assert host.project.timelines[0].tracks["subtitle"][0].name == "Canto-Beats 口語"
    assert without_ours(host.snapshot()) == without_ours(before)
    assert [clip.kind for clip in host.project.root.bins[0].clips] == ["Subtitle"]


def test_the_result_says_what_was_placed(hosts: Hosts, settings: Settings) -> None:
    result = go(hosts(), settings)
    assert [(one["register"], one["cues"], one["first_frame"], one["end_frame"]) for one in result.placements] == [("spoken", 3, 90010, 90130)]
    assert result.message == "3 subtitles are on the track Canto-Beats 口語; every one was read back and is right."
    (path,) = result.files
    assert Path(path).read_text("utf-8").startswith("1\n00:00:00,400 --> 00:00:01,600\n你好\n")


def test_chinese_users_read_chinese(hosts: Hosts, settings: Settings) -> None:
    result = go(hosts(), settings, language_ui="zh")
    assert result.message == "「Canto-Beats 口語」字幕軌已有 3 句字幕；每一句都已讀回核對無誤。"


def test_both_registers_get_a_track_each(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts()
    written = [[10, 40, "您好"], [45, 90, "今天天氣很好\n是嗎"], [100, 130, "謝謝"]]
    command = engine_script(tmp_path, [{"result": CUES, "written": written}])
    result = go(host, settings, engine_command=command, register="both")
    assert [one["track_name"] for one in result.placements] == ["Canto-Beats 口語", "Canto-Beats 書面語"]
    assert placed_cues(host, 1) == PLACED
    assert placed_cues(host, 2) == [tuple(cue) for cue in written]


def test_the_request_tells_the_engine_about_the_edit(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2", small_edit(rate=29.97, drop_frame=True, start_frame=107892))
    result = go(host, settings, range="in_out", asr_model="practice")
    request = json.loads((Path(result.job) / "request.json").read_text("utf-8"))
    fingerprint = request.pop("fingerprint")
    assert request == {
        "schema": "request/1", "input": str(Path(result.job) / "timeline.otio"), "name": "訪問 v2", "rate": "30000/1001", "drop_frame": True,
        "start_frame": 107892, "in_frame": 100, "out_frame": 900, "cuts": [600, 2000], "disabled_audio_tracks": [2], "asr_model": "practice",
        "register": "spoken", "device": "auto", "language_ui": "en",
    }  # fmt: skip
    assert fingerprint["end_frame"] == 109892
    assert len(fingerprint["edit"]) == 64


@pytest.mark.parametrize(
    ("rate", "drop_frame", "hour"),
    [(23.976, False, 86400), (24.0, False, 86400), (25.0, False, 90000), (29.97, True, 107892), (29.97, False, 108000), (50.0, False, 180000),
     (59.94, True, 215784), (60.0, False, 216000)],
)  # fmt: skip
@pytest.mark.parametrize("at_hour", [False, True])
@pytest.mark.parametrize("span", ["timeline", "in_out"])
def test_frames_are_exact(
    hosts: Hosts, settings: Settings, tmp_path: Path, rate: float, drop_frame: bool, hour: int, at_hour: bool, span: str
) -> None:
    cues = [[n * 7, n * 7 + 5, f"第{n}句"] for n in range(100)] + [[799, 800, "尾"]]
    edit = small_edit(rate=rate, drop_frame=drop_frame, start_frame=hour if at_hour else 0)
    host = hosts("studio_20_2", edit, Quirks(srt_rounding="floor" if at_hour else "round"))
    result = go(host, settings, range=span, engine_command=engine_script(tmp_path, [{"result": cues}]))
    offset = 100 if span == "in_out" else 0
    assert result.notes == ()
    assert placed_cues(host) == [(offset + start, offset + end, text) for start, end, text in cues]


def test_a_host_that_floors_floats_is_accepted_and_said(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    cues = [[n * 7, n * 7 + 7, str(n)] for n in range(200)]
    host = hosts("studio_20_2", small_edit(), Quirks(srt_rounding="float_floor"))
    result = go(host, settings, engine_command=engine_script(tmp_path, [{"result": cues}]))
    assert result.status == "placed"
    assert result.notes[0].startswith("Resolve moved ")


def test_the_timeline_rules_over_the_project(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2", small_edit(rate=50.0, start_frame=180000))
    go(host, settings)
    assert placed_cues(host) == PLACED
    assert "Project.GetSetting" not in host.desk.names()


def test_doubts_become_markers_and_the_next_run_replaces_them(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    findings = [
        {"code": "asr.low", "cue_id": "c2", "level": "warning", "message": "not sure"},
        {"code": "lint.fast", "cue_id": "c3", "level": "error", "message": "too fast"},
        {"code": "note", "cue_id": "c1", "level": "info", "message": "fine"},
    ]
    host = hosts()
    host.project.timelines[0].markers[45] = {"color": "Blue", "name": "scene", "note": "", "duration": 1, "customData": ""}
    result = go(host, settings, engine_command=engine_script(tmp_path, [{"result": CUES, "findings": findings}]))
    ours = {frame: (one["color"], one["note"]) for frame, one in host.project.timelines[0].markers.items() if one["customData"].startswith("canto")}
    assert ours == {46: ("Yellow", "not sure"), 100: ("Red", "too fast")}
    assert result.markers == 2
    go(host, settings, engine_command=engine_script(tmp_path / "second", [{"result": CUES}]))
    assert sorted(host.project.timelines[0].markers) == [5, 45]


def test_markers_that_resolve_refuses_do_not_spoil_the_track(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    findings = [{"code": "x", "cue_id": "c2", "level": "warning", "message": "?"}]
    host = hosts("studio_20_2", None, Quirks(markers_refused=True))
    result = go(host, settings, engine_command=engine_script(tmp_path, [{"result": CUES, "findings": findings}]))
    assert (result.status, result.markers) == ("placed", 0)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda host: host.projects.clear(), "No project is open."),
        (lambda host: setattr(host.project, "current_timeline", ""), "No timeline is open."),
        (lambda host: host.project.timelines[0].tracks.update(video=[], audio=[], subtitle=[]), "The timeline 訪問 v2 is empty."),
        (lambda host: setattr(host.project.timelines[0], "rate", 33.0), "The frame rate 33.0 is not one that editing systems use."),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_touched(
    hosts: Hosts, settings: Settings, spoil: Callable[[FakeHost], None], code: str
) -> None:
    host = hosts()
    page = host.page
    spoil(host)
    result = go(host, settings)
    assert (result.status, result.message) == ("refused", code)
    assert result.hint
    assert host.page == page


def test_the_app_store_build_is_recognised(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/Users/ed/Library/Containers/com.blackmagic-design.DaVinciResolveLite/Data")
    host = hosts("app_store_21_1")
    result = go(host, settings)
    assert result.status == "refused"
    assert "Mac App Store" in result.message
    assert host.desk.count == 0


def test_in_out_needs_both_marks_and_a_version_that_tells_them(hosts: Hosts, settings: Settings) -> None:
    edit = small_edit()
    edit.marks = {"video": {"in": 10}}
    assert go(hosts("studio_20_2", edit), settings, range="in_out").message == "The timeline has no In and Out points."
    assert "does not tell its In and Out points" in go(hosts("studio_18_6"), settings, range="in_out").message


def test_a_changed_edit_is_noticed(hosts: Hosts, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    before = without_ours(host.snapshot())
    change_during_recognition(monkeypatch, lambda: host.project.timelines[0].tracks["audio"][0].items[0].__dict__.update(source_start=40))
    result = go(host, settings)
    assert result.status == "resumable"
    assert result.message == "The edit of 訪問 v2 has changed, so nothing was placed."
    after = without_ours(host.snapshot())
    after["timelines"][0]["tracks"]["audio"][0]["items"][0]["source_start"] = 0
    assert after == before
    assert placed_cues_count(host) == 0


def test_a_changed_edit_can_be_accepted(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    change_during_recognition(monkeypatch, lambda: host.project.timelines[0].tracks["audio"][0].items.pop())
    assert go(host, settings, changed="place").status == "placed"


def test_naming_and_marking_is_no_change_of_the_edit(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    timeline = host.project.timelines[0]
    change_during_recognition(
        monkeypatch, lambda: (timeline.tracks["video"][0].items[0].__dict__.update(name="neu"), timeline.markers.update({9: {"customData": ""}}))
    )
    assert go(host, settings).status == "placed"


def change_during_recognition(monkeypatch: pytest.MonkeyPatch, change: Callable[[], Any]) -> None:
    from resolve_plugin.engine_talk import Talk

    real = Talk.run

    def run_and_change(self: Talk, command: list[str]) -> Any:
        result = real(self, command)
        change()
        return result

    monkeypatch.setattr(Talk, "run", run_and_change)


def placed_cues_count(host: FakeHost) -> int:
    return sum(len(track.items) for track in host.project.timelines[0].tracks["subtitle"])


def test_another_timeline_in_front_does_not_get_the_cues(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    other = TimelineState("Other", tracks={"video": [Track("V", items=[Item(90000, 90100, "x")])], "audio": [], "subtitle": [Track("Subtitle 1")]})
    host.project.timelines.append(other)
    change_during_recognition(monkeypatch, lambda: setattr(host.project, "current_timeline", other.id))
    assert go(host, settings).status == "placed"
    assert placed_cues(host, timeline=0) == PLACED
    assert other.tracks["subtitle"][0].items == []
    assert host.project.current_timeline == other.id


def test_cues_never_lengthen_the_timeline(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    cues = [[1900, 1980, "尾二"], [1985, 2060, "尾"], [2070, 2090, "過界"]]
    host = hosts()
    result = go(host, settings, engine_command=engine_script(tmp_path, [{"result": cues}]))
    assert result.status == "placed"
    assert placed_cues(host) == [(1900, 1980, "尾二"), (1985, 2000, "尾")]


def test_no_speech_is_said(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    result = go(hosts(), settings, engine_command=engine_script(tmp_path, [{"result": []}]))
    assert (result.status, result.message) == ("rolled_back", "There is nothing to place: no speech was recognised.")


def test_a_finished_job_is_placed_without_recognising_again(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2", None, Quirks(append_garbled_times=2))
    first = go(host, settings)
    assert first.status == "rolled_back"
    second = go(host, settings, engine_command=["/nowhere"])
    assert (second.status, second.job) == ("placed", first.job)


def test_other_wishes_start_a_new_job(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2", None, Quirks(append_garbled_times=2))
    first = go(host, settings)
    second = go(host, settings, register="written")
    assert second.job != first.job
    assert [one["register"] for one in second.placements] == ["written"]


def test_an_export_that_fails_is_explained(hosts: Hosts, settings: Settings) -> None:
    result = go(hosts("studio_20_2", None, Quirks(export_fails=True)), settings)
    assert result.status == "refused"
    assert "could not export the timeline" in result.message


def test_a_chosen_audio_file_needs_no_export(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts("studio_20_2", None, Quirks(export_fails=True))
    result = go(host, settings, audio_route="file", audio_file=str(tmp_path / "mix.wav"))
    assert result.status == "placed"
    assert json.loads((Path(result.job) / "request.json").read_text("utf-8"))["audio_file"] == str(tmp_path / "mix.wav")


def test_a_wrong_setting_is_refused(hosts: Hosts, settings: Settings) -> None:
    result = go(hosts(), settings, register="classical")
    assert (result.status, result.hint) == ("refused", "Use one of: spoken, written, both.")
