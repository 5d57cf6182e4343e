"""The shipped sample timeline: its shape, its plan, and its script against the sound itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction as F  # noqa: N817 - a table of numbers
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.audio.extract import extract_audio
from core.audio.plan import plan_audio
from core.audio.wav import read_samples
from core.media.probe import probe_media
from core.practice.make_sample import SAMPLE
from core.timeline import AudioPlan
from core.timeline_reader import read_input, with_range
from core.timing import FrameRate

OTIO = SAMPLE / "茶餐廳的早晨.otio"
CAMERA, RECORDER, PHONE, ROOM = "訪問 主鏡 #1.mov", "錄音機 T02.wav", "旁白 補錄.m4a", "環境聲.mp3"


def script(folder: Path = SAMPLE) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads((folder / "script.json").read_text("utf-8"))["lines"]
    return lines


@pytest.fixture(scope="module")
def plan() -> AudioPlan:
    return plan_audio(read_input(OTIO))


def test_the_files_are_there_and_small() -> None:
    assert sorted(file.name for file in SAMPLE.iterdir()) == sorted([OTIO.name, CAMERA, RECORDER, PHONE, ROOM, "script.json"])
    assert sum(file.stat().st_size for file in SAMPLE.iterdir()) <= 4_000_000


@pytest.mark.parametrize(
    ("name", "timecode", "reference_s", "rate", "channels", "sample_rate"),
    [
        (CAMERA, "01:00:00:00", None, F(25), 2, 48000),
        (RECORDER, None, 14 * 3600 + 32 * 60 + 10, None, 4, 48000),
        (PHONE, None, None, None, 1, 44100),
        (ROOM, None, None, None, 1, 44100),
    ],
)
def test_the_media(name: str, timecode: str | None, reference_s: int | None, rate: F | None, channels: int, sample_rate: int) -> None:
    info = probe_media(SAMPLE / name)
    assert (info.start_timecode, info.time_reference_s, info.video_rate) == (timecode, reference_s, rate)
    assert [(stream.channels, stream.sample_rate) for stream in info.audio_streams] == [(channels, sample_rate)]


def test_the_plan(plan: AudioPlan) -> None:
    assert (plan.rate, plan.start_frame, plan.duration_frames, plan.name) == (FrameRate(25), 90000, 1641, "茶餐廳的早晨")
    assert plan.cuts == (25, 264, 434, 728, 795)
    assert [
        (piece.file, piece.record_start_s, piece.record_duration_s, piece.source_start_s, piece.speed, piece.channels, piece.gain_db)
        for piece in plan.audible
    ] == [
        (str(SAMPLE / CAMERA), F(1), F(156, 25), F(17, 25), 1, (0, 1), 0.0),
        (str(SAMPLE / CAMERA), F(264, 25), F(31, 5), F(238, 25), 1, (0, 1), -4.0),
        (str(SAMPLE / CAMERA), F(434, 25), F(137, 25), F(394, 25), 1, (0, 1), 0.0),
        (str(SAMPLE / CAMERA), F(728, 25), F(67, 25), F(531, 25), 1, (0, 1), 0.0),
        (str(SAMPLE / CAMERA), F(159, 5), F(133, 25), F(598, 25), 1, (0, 1), 0.0),
        (str(SAMPLE / RECORDER), F(583, 25), F(133, 25), F(17, 25), 1, (1,), 0.0),
        (str(SAMPLE / PHONE), F(948, 25), F(46, 5), F(17, 25), 1, (0,), 0.0),
        (str(SAMPLE / PHONE), F(238, 5), F(8), F(247, 25), F(11, 10), (0,), 0.0),
        (str(SAMPLE / PHONE), F(1402, 25), F(214, 25), F(468, 25), 1, (0,), 0.0),
        (str(SAMPLE / ROOM), F(862, 25), F(8), F(2, 5), 1, (0,), 0.0),
    ]
    assert [key.gain_db for key in plan.audible[2].gain_keys] == [0.0, -1.5, -6.0]
    assert plan.audible[6].fade_in_s == F(1, 5)


def test_the_disabled_clip_is_listed_and_not_heard(plan: AudioPlan) -> None:
    assert [(piece.name, piece.skipped_because) for piece in plan.pieces if piece.skipped_because] == [(CAMERA, "plan.clip_disabled")]
    assert all("唔好意思" not in line["text"] for line in script())


def test_two_tracks_overlap(plan: AudioPlan) -> None:
    room = plan.audible[-1]
    beside = [
        piece.name
        for piece in plan.audible
        if piece.record_start_s < room.record_start_s + 8 and room.record_start_s < piece.record_start_s + piece.record_duration_s
    ]
    assert beside == [CAMERA, PHONE, ROOM]


def test_the_shape_is_resolves() -> None:
    root = json.loads(OTIO.read_text("utf-8"))
    assert (root["OTIO_SCHEMA"], root["name"], root["global_start_time"]["value"]) == ("Timeline.1", "", 90000.0)
    assert root["metadata"] == {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}}
    tracks = root["tracks"]["children"]
    assert [(track["name"], track["kind"]) for track in tracks] == [("Video 1", "Video"), *((f"Audio {n}", "Audio") for n in (1, 2, 3))]
    assert {sum(child["source_range"]["duration"]["value"] for child in track["children"]) for track in tracks} == {1641.0}
    clips = [child for track in tracks for child in track["children"] if child["OTIO_SCHEMA"] == "Clip.2"]
    assert {clip["active_media_reference_key"] for clip in clips} == {"DEFAULT_MEDIA"}
    assert {clip["media_references"]["DEFAULT_MEDIA"]["target_url"] for clip in clips} == {CAMERA, RECORDER, PHONE, ROOM}
    sound = tracks[1]["children"][1]
    assert [effect["metadata"]["Resolve_OTIO"]["Type"] for effect in sound["effects"]] == [62, 72, 67, 64, 63, 63, 63, 63]
    assert sound["metadata"]["Resolve_OTIO"]["Link Group ID"] == tracks[0]["children"][1]["metadata"]["Resolve_OTIO"]["Link Group ID"] == 1


def test_the_script_is_in_order_and_has_characters_only() -> None:
    lines = script()
    assert len(lines) == 20
    assert all(re.fullmatch(r"[\u4e00-\u9fff]{6,12}", line["text"]) for line in lines)
    times = [moment for line in lines for moment in (line["start_ms"], line["end_ms"])]
    assert times == sorted(times) and times[0] > 0 and times[-1] < 1641 * 40


def test_the_script_lies_on_the_speech(plan: AudioPlan, tmp_path: Path) -> None:
    """Where the script says that somebody speaks it is loud, and between the lines it is as quiet as the room."""
    audio = extract_audio(plan, tmp_path)
    sound = np.abs(read_samples(audio, 0, audio.samples))
    lines = script()
    for line in lines:
        edges = sound[(line["start_ms"] - 20) * 16 : (line["start_ms"] + 120) * 16], sound[(line["end_ms"] - 120) * 16 : (line["end_ms"] + 20) * 16]
        assert min(edge.max() for edge in edges) > 0.02, line["text"]
    for before, after in pairwise(lines):
        assert sound[(before["end_ms"] + 40) * 16 : (after["start_ms"] - 40) * 16].max() < 0.02, after["text"]


def test_a_range_of_the_sample() -> None:
    part = plan_audio(with_range(read_input(OTIO), "01:00:23:00", "01:00:29:00"))
    assert [(piece.name, piece.record_start_s, piece.record_duration_s) for piece in part.pieces] == [(RECORDER, F(8, 25), F(133, 25))]


def test_making_it_again_says_the_same(tmp_path: Path) -> None:
    """As the command runs; another build of the voice may move a line by some milliseconds."""
    subprocess.run([sys.executable, "-m", "core.practice.make_sample", "--out", str(tmp_path)], check=True, cwd=SAMPLE.parents[2])
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(file.name for file in SAMPLE.iterdir())
    again, shipped = script(tmp_path), script()
    assert [line["text"] for line in again] == [line["text"] for line in shipped]
    assert max(abs(one[key] - other[key]) for one, other in zip(again, shipped, strict=True) for key in ("start_ms", "end_ms")) <= 200
