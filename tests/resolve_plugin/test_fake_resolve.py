"""The fake keeps to the documentation, and misbehaves as real ones were seen to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import build_host, small_edit
from fakes.resolve import PROFILES, FakeHost, Item, Quirks, Track

CLASSES = json.loads((Path(__file__).parents[1] / "fakes" / "resolve" / "api.json").read_text("utf-8"))["classes"]


def parts(host: FakeHost) -> tuple[Any, Any, Any, Any]:
    names = host.menu_globals()
    assert names is not None
    project = names["resolve"].GetProjectManager().GetCurrentProject()
    return names["resolve"], project, project.GetMediaPool(), project.GetCurrentTimeline()


def srt(folder: Path, name: str = "a.srt", text: str = "你好") -> str:
    path = folder / name
    path.write_text(f"1\n00:00:00,400 --> 00:00:01,600\n{text}\n", "utf-8")
    return str(path)


def test_the_whole_documented_surface_is_there() -> None:
    assert {name: len(methods) for name, methods in CLASSES.items() if name in ("Resolve", "Project", "MediaPool", "Timeline", "TimelineItem")} == {
        "Resolve": 46, "Project": 61, "MediaPool": 28, "Timeline": 67, "TimelineItem": 102,
    }  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_dir_lists_what_the_version_has(profile: Any) -> None:
    resolve = build_host(profile.name).menu_globals()
    listed = dir(resolve["resolve"]) if resolve else ["IsStudio"]
    assert ("IsStudio" in listed) == (profile.version >= (21, 1, 0))


def test_getattr_answers_anything_and_calling_the_unknown_is_noted() -> None:
    host = build_host()
    resolve, *_ = parts(host)
    assert "Frobnicate" not in dir(resolve)
    assert resolve.Frobnicate(1, 2) is None
    assert host.desk.violations == ["Resolve.Frobnicate does not exist in (20, 2, 0)"]


def test_constants_are_readable_but_not_listed() -> None:
    resolve, *_ = parts(build_host())
    assert "EXPORT_OTIO" not in dir(resolve)
    assert isinstance(resolve.EXPORT_OTIO, float)
    assert resolve.SUBTITLE_LANGUAGE == 0.0


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda r, p, m, t: t.GetTrackCount(), "Timeline.GetTrackCount takes 1 to 1 arguments, got 0"),
        (lambda r, p, m, t: t.GetTrackCount("captions"), "Timeline.GetTrackCount: 'captions' is not a TrackType"),
        (lambda r, p, m, t: r.OpenPage("subtitles"), "Resolve.OpenPage: 'subtitles' is not a PageName"),
        (lambda r, p, m, t: p.SetRenderSettings({"Codec": "x"}), "Project.SetRenderSettings: RenderSettings has no key 'Codec' in (20, 2, 0)"),
        (lambda r, p, m, t: m.AppendToTimeline([{"clip": None}]), "MediaPool.AppendToTimeline: AppendClipInfo has no key 'clip' in (20, 2, 0)"),
        (lambda r, p, m, t: t.GetSetting("frameRate"), "Timeline.GetSetting: no setting is called 'frameRate'"),
        (lambda r, p, m, t: t.Export("/x.otio", "otio", 0.0), "Timeline.Export: 'otio' is not a resolve.EXPORT_ constant"),
        (lambda r, p, m, t: p.GetAudioRenderFormats(), "Project.GetAudioRenderFormats does not exist in (20, 2, 0)"),
        (lambda r, p, m, t: t.AddMarker(1.5, "Red", "", "", 1), "Timeline.AddMarker: 1.5 is not an int"),
    ],
)
def test_a_call_beside_the_documentation_is_noted(call: Any, complaint: str) -> None:
    host = build_host()
    assert call(*parts(host)) is None
    assert host.desk.violations == [complaint]


def test_an_append_without_a_track_says_yes_and_does_nothing(tmp_path: Path) -> None:
    host = build_host()
    _, _, pool, timeline = parts(host)
    (item,) = pool.ImportMedia([srt(tmp_path)])
    assert pool.AppendToTimeline([{"mediaPoolItem": item}])
    assert timeline.GetTrackCount("subtitle") == 0


@pytest.mark.parametrize(("answer", "value"), [("none", None), ("none_list", [None]), ("empty", [])])
def test_an_append_may_say_no_and_do_it(tmp_path: Path, answer: str, value: Any) -> None:
    host = build_host("studio_20_2", None, Quirks(append_return=answer))
    _, _, pool, timeline = parts(host)
    timeline.AddTrack("subtitle")
    assert pool.AppendToTimeline([{"mediaPoolItem": pool.ImportMedia([srt(tmp_path)])[0]}]) == value
    assert [(item.GetStart(), item.GetEnd(), item.GetName()) for item in timeline.GetItemListInTrack("subtitle", 1)] == [(90010, 90040, "你好")]


@pytest.mark.parametrize("steering", [{"trackIndex": 1}, {"recordFrame": 90000}, {"mediaType": 1}])
def test_a_steered_append_goes_to_the_end(tmp_path: Path, steering: dict[str, int]) -> None:
    host = build_host()
    _, _, pool, timeline = parts(host)
    timeline.AddTrack("subtitle")
    pool.AppendToTimeline([{"mediaPoolItem": pool.ImportMedia([srt(tmp_path)])[0], **steering}])
    assert timeline.GetItemListInTrack("subtitle", 1)[0].GetStart() == 92010


def test_a_fraction_of_a_frame_spoils_the_batch(tmp_path: Path) -> None:
    _, _, pool, timeline = parts(build_host())
    timeline.AddTrack("subtitle")
    assert pool.AppendToTimeline([{"mediaPoolItem": pool.ImportMedia([srt(tmp_path)])[0], "recordFrame": 1.5}]) is None


def test_a_filled_track_is_stacked_and_a_locked_one_refuses(tmp_path: Path) -> None:
    host = build_host()
    _, _, pool, timeline = parts(host)
    timeline.AddTrack("subtitle")
    (item,) = pool.ImportMedia([srt(tmp_path)])
    pool.AppendToTimeline([{"mediaPoolItem": item}])
    pool.AppendToTimeline([{"mediaPoolItem": item}])
    assert [one.GetStart() for one in timeline.GetItemListInTrack("subtitle", 1)] == [90010, 90050]
    timeline.SetTrackLock("subtitle", 1, True)
    assert pool.AppendToTimeline([{"mediaPoolItem": item}]) == []


def test_a_known_path_gives_the_old_cues(tmp_path: Path) -> None:
    _, _, pool, timeline = parts(build_host())
    timeline.AddTrack("subtitle")
    (old,) = pool.ImportMedia([srt(tmp_path)])
    (again,) = pool.ImportMedia([srt(tmp_path, text="新")])
    assert again.GetUniqueId() == old.GetUniqueId()
    pool.AppendToTimeline([{"mediaPoolItem": again}])
    assert timeline.GetItemListInTrack("subtitle", 1)[0].GetName() == "你好"


def test_clips_are_deleted_on_the_edit_page_only() -> None:
    edit = small_edit()
    edit.tracks["subtitle"].append(Track("Subtitle 1", items=[Item(90000, 90010, "x")]))
    resolve, _, _, timeline = parts(build_host("studio_20_2", edit))
    items = timeline.GetItemListInTrack("subtitle", 1)
    assert timeline.DeleteClips(items) is False
    resolve.OpenPage("edit")
    assert timeline.DeleteClips(items) is True


def test_marks_are_relative_and_absent_when_unset() -> None:
    _, _, _, timeline = parts(build_host())
    assert timeline.GetMarkInOut()["video"] == {"in": 100, "out": 899}
    timeline.ClearMarkInOut()
    assert timeline.GetMarkInOut() == {}


def test_render_settings_merge_into_a_state_without_getter() -> None:
    host = build_host()
    _, project, _, _ = parts(host)
    assert project.SetRenderSettings({"ExportVideo": False}) is True
    assert host.snapshot()["render"]["settings"]["TargetDir"] == "/Users/ed/Exports"
    assert host.snapshot()["render"]["settings"]["ExportVideo"] is False


def test_wav_has_no_codecs_before_21_1() -> None:
    old, new = build_host("studio_20_2"), build_host("studio_21_1")
    assert parts(old)[1].GetRenderCodecs("wav") == {}
    assert "GetAudioRenderFormats" not in dir(parts(old)[1])
    assert parts(new)[1].GetAudioRenderCodecs("wav") == {"Linear PCM": "lpcm"}


def test_the_rate_is_a_float_and_drop_frame_stands_apart() -> None:
    _, _, _, timeline = parts(build_host("studio_20_2", small_edit(rate=29.97, drop_frame=True)))
    assert timeline.GetSetting("timelineFrameRate") == 29.97
    assert timeline.GetSetting("timelineDropFrameTimecode") == "1"


def test_a_studio_call_on_free_opens_a_dialog_that_blocks_everything() -> None:
    host = build_host("free_20")
    resolve, _, _, timeline = parts(host)
    assert timeline.CreateSubtitlesFromAudio() is False
    assert resolve.GetCurrentPage() is None
    assert resolve.OpenPage("edit") is False
    host.desk.modal_calls = 0
    assert resolve.GetCurrentPage() == "color"


def test_captions_from_audio_work_on_the_edit_page_only() -> None:
    resolve, _, _, timeline = parts(build_host())
    resolve.OpenPage("deliver")
    assert timeline.CreateSubtitlesFromAudio() is False


def test_status_speaks_the_language_of_the_interface() -> None:
    host = build_host("studio_20_2_pt")
    _, project, _, _ = parts(host)
    job = project.AddRenderJob()
    assert project.GetRenderJobStatus(job) == {"JobStatus": "Pronto", "CompletionPercentage": 0}


def test_what_the_editions_let_a_script_do() -> None:
    assert build_host("free_21_1").menu_globals() is None
    names = build_host("free_20").menu_globals()
    assert names is not None
    assert names["fusion"].UIManager is None
    assert names["bmd"].scriptapp("Resolve") is None
    studio = build_host("studio_21_1").menu_globals()
    assert studio is not None
    assert studio["bmd"].scriptapp("Resolve") is not None


def test_two_edits_without_a_pause_crash_a_fragile_host() -> None:
    host = build_host("studio_20_2", None, Quirks(crash_on_rapid_edits=True))
    _, _, _, timeline = parts(host)
    timeline.AddTrack("subtitle")
    timeline.AddTrack("subtitle")
    assert host.crashed


@pytest.mark.parametrize(
    ("rate", "drop_frame", "frame", "label"),
    [
        (29.97, True, 107892, "01:00:00;00"),
        (29.97, True, 1800, "00:01:00;02"),
        (59.94, True, 3600, "00:01:00;04"),
        (23.976, False, 86400, "01:00:00:00"),
    ],
)
def test_timecode_of_the_fake(rate: float, drop_frame: bool, frame: int, label: str) -> None:
    _, _, _, timeline = parts(build_host("studio_20_2", small_edit(rate, frame, drop_frame)))
    assert timeline.GetStartTimecode() == label
