"""OTIO files as Resolve writes them, hand-written ones and broken ones, read into Timelines."""

from __future__ import annotations

import json
import os
import random
from fractions import Fraction as F  # noqa: N817 - a table of numbers
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.audio.plan import plan_audio
from core.errors import InputError
from core.otio.media import path_of_url
from core.otio.read import read_otio
from core.timeline import AudioTrack, Clip, GainKey, Gap, MediaRef, Nested, SpeedKey, Timeline, Transition
from core.timing import FrameRate
from fakes.otio_shapes import clip, dissolve, effect, external, gap, generator, missing, ramp, span, stack, time, timeline, track, volume, warp, write

HOUR_25 = time(90000, 25)


def read(folder: Path, *tracks: dict[str, Any], start: dict[str, Any] | None = HOUR_25) -> Timeline:
    return read_otio(write(folder, timeline(*tracks, start=start)))


def read_item(folder: Path, item: dict[str, Any]) -> Any:
    edit = read(folder, track("Audio", item))
    return edit.audio_tracks[0].items[0]


def code_of(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_otio(path)
    assert error.value.message("en") and error.value.message("zh") and error.value.hint("zh")
    return error.value.code


def test_an_edit_in_resolves_shape(tmp_path: Path) -> None:
    """25 fps over 24 fps media with timecode: 90032 at 25 is 1.28 s after 86400 at 24, as Resolve exports it."""
    video = clip("a.mov", span(90032, 44, 25), external("/x/a.mov", span(86400, 240, 24)), channels=())
    sound = clip("a.mov", span(90032, 44, 25), external("/x/a.mov", span(86400, 240, 24)))
    edit = read(tmp_path, track("Video", gap(10, 25), video, video), track("Audio", gap(10, 25), sound, gap(46, 25)))
    assert (edit.name, edit.rate, edit.start_frame, edit.duration_frames) == ("edit", FrameRate(25), 90000, 100)
    assert (edit.cuts, edit.source) == ((10, 54), str(tmp_path / "edit.otio"))
    assert edit.audio_tracks == (
        AudioTrack(
            "Audio 1",
            (
                Gap(F(2, 5)),
                Clip("a.mov", F(44, 25), MediaRef("/x/a.mov", F(3600), F(10), offline=True), F(90032, 25), ((0, 0), (0, 1))),
                Gap(F(46, 25)),
            ),
        ),
    )
    assert F(90032, 25) - F(3600) == F("1.28")


def test_a_named_timeline_keeps_its_name(tmp_path: Path) -> None:
    assert read_otio(write(tmp_path, timeline(track("Audio", gap(1, 25)), start=HOUR_25, name="訪問 第一集"))).name == "訪問 第一集"


def test_level_fades_and_channels(tmp_path: Path) -> None:
    effects = [
        volume(-3.5, keys={"96": 0.0, "194": -2.0, "-12": -120.0}, fade_in=5, fade_out=10),
        effect("Fairlight Clip Pan", 72, []),
        effect("Fairlight Clip Equaliser", 64, []),
    ]
    item = read_item(tmp_path, clip("a", span(0, 250, 25), external("/x/a.wav", span(0, 500, 25)), effects=effects, channels=((1, 3), (0, 0))))
    assert item.gain_db == -3.5
    assert item.gain_keys == (GainKey(F(-12, 25), -100.0), GainKey(F(96, 25), 0.0), GainKey(F(194, 25), -2.0))
    assert (item.fade_in_s, item.fade_out_s) == (F(1, 5), F(2, 5))
    assert item.stream_channels == ((1, 3), (0, 0))


def test_a_level_effect_that_is_switched_off_is_not_heard(tmp_path: Path) -> None:
    off = volume(-20.0)
    off["metadata"]["Resolve_OTIO"]["Enabled"] = False
    assert read_item(tmp_path, clip("a", span(0, 25, 25), external("/x/a.wav"), effects=[off])).gain_db == 0.0


def test_speeds_multiply_and_a_decimal_is_meant_exactly(tmp_path: Path) -> None:
    item = read_item(tmp_path, clip("a", span(0, 25, 25), external("/x/a.wav"), effects=[warp(1.1), warp(-2.0)]))
    assert (item.speed, item.duration_s) == (F(-11, 5), 1)


def test_a_freeze_frame_stands_still(tmp_path: Path) -> None:
    freeze = {"OTIO_SCHEMA": "FreezeFrame.1", "metadata": {}, "name": "", "effect_name": "FreezeFrame", "time_scalar": 0.0}
    assert read_item(tmp_path, clip("a", span(0, 25, 25), external("/x/a.wav"), effects=[freeze])).speed == 0


def test_speed_ramps_are_read_in_record_order(tmp_path: Path) -> None:
    item = read_item(tmp_path, clip("a", span(0, 25, 25), external("/x/a.wav"), effects=[ramp((2.5, 1.25), (0.0, 0.0), (3.0, 2.25))]))
    assert item.ramp == (SpeedKey(F(0), F(0)), SpeedKey(F(5, 2), F(5, 4)), SpeedKey(F(3), F(9, 4)))
    assert item.notes == ()


@pytest.mark.parametrize("keys", [(), ((0.0, 0.0),), ((0.0, 0.0), (0.0, 1.0))])
def test_a_retime_without_a_usable_curve_is_noted(keys: tuple[tuple[float, float], ...], tmp_path: Path) -> None:
    item = read_item(tmp_path, clip("a", span(0, 25, 25), external("/x/a.wav"), effects=[ramp(*keys)]))
    assert (item.ramp, item.notes) == ((), ("plan.unknown_retime",))


def test_enabled_solo_and_transitions(tmp_path: Path) -> None:
    off = clip("a", span(0, 25, 25), external("/x/a.wav"), enabled=False)
    edit = read(tmp_path, track("Audio", off, dissolve(5, 10, 25), off, enabled=False), track("Audio", off, solo=True))
    first, second = edit.audio_tracks
    assert (first.enabled, first.solo, second.enabled, second.solo) == (False, False, True, True)
    assert first.items[1] == Transition(F(1, 5), F(2, 5))
    assert isinstance(first.items[0], Clip) and not first.items[0].enabled
    assert edit.duration_frames == 50


@pytest.mark.parametrize(
    ("media", "still", "notes"),
    [
        (external("/x/title.PNG", span(0, 1, 24)), True, ()),
        (
            {
                "OTIO_SCHEMA": "ImageSequenceReference.1", "metadata": {}, "name": "", "available_range": None, "target_url_base": "/x/",
                "name_prefix": "f.", "name_suffix": ".exr", "start_frame": 1, "frame_step": 1, "rate": 24.0, "frame_zero_padding": 4,
                "missing_frame_policy": "error",
            },
            True,
            (),
        ),
        (generator(), False, ("plan.generator",)),
    ],
)  # fmt: skip
def test_pictures_and_generators(media: dict[str, Any], still: bool, notes: tuple[str, ...], tmp_path: Path) -> None:
    item = read_item(tmp_path, clip("a", span(0, 300, 25), media))
    assert (item.media.still, item.media.offline, item.notes) == (still, False, notes)


def test_paths(tmp_path: Path) -> None:
    folder = tmp_path / "timeline"
    assert path_of_url("/Users/a/香港 b#1 50%25?.mov", folder) == "/Users/a/香港 b#1 50%25?.mov"
    assert path_of_url("C:\\Users\\a\\x.mp4", folder) == "C:\\Users\\a\\x.mp4"
    assert path_of_url("\\\\server\\share\\x.mp4", folder) == "\\\\server\\share\\x.mp4"
    assert path_of_url("media/訪問 #1.mov", folder) == str(folder / "media" / "訪問 #1.mov")
    assert path_of_url("../a:b.mov", folder) == str(tmp_path / "a:b.mov")
    assert path_of_url("file:///Users/a/%E9%A6%99%E6%B8%AF%20%231.mov", folder) == "/Users/a/香港 #1.mov"
    assert path_of_url("file://localhost/Users/a.mov", folder) == "/Users/a.mov"
    assert path_of_url("file:///C:/x/a.mov", folder) == "C:/x/a.mov"
    assert path_of_url("file://server/share/a.mov", folder) == "//server/share/a.mov"
    assert path_of_url("file:media/a%20b.mov", folder) == str(folder / "media" / "a b.mov")
    assert path_of_url("https://example.org/a.mov", folder) is None


def test_a_file_that_is_there_is_online_even_when_the_host_called_it_missing(tmp_path: Path) -> None:
    there = tmp_path / "訪問 #1.mov"
    there.write_bytes(b"x")
    whole = span(0, 25, 25)
    edit = read(
        tmp_path,
        track(
            "Audio",
            clip("a", whole, missing(str(there), whole)),
            clip("b", whole, external("訪問 #1.mov", whole)),
            clip("c", whole, missing("/no/where.mov", whole)),
            clip("d", whole, external("C:\\no\\where.mov", whole)),
            clip("e", whole, missing(None)),
            clip("f", whole, external("https://example.org/a.mov")),
        ),
    )
    found = [(item.media.file, item.media.offline) for item in edit.audio_tracks[0].items if isinstance(item, Clip)]
    assert found == [
        (str(there), False), (str(there), False), ("/no/where.mov", True), ("C:\\no\\where.mov", True), (None, False), (None, True),
    ]  # fmt: skip


def compound(*tracks: dict[str, Any], sequence: str | None = "Compound Clip", effects: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    data = {"Sequence Fps": 24.0, "Sequence ID": "77", "Link Group ID": 3}
    return stack(*tracks, source=span(48, 24, 24), effects=effects, data=data if sequence is None else {**data, "Sequence Type": sequence})


def test_a_compound_is_read_with_its_audio_tracks_only(tmp_path: Path) -> None:
    sound, picture = clip("a", span(0, 96, 24), external("/x/a.wav")), clip("b", span(0, 96, 24), external("/x/b.mov"))
    item = read_item(tmp_path, compound(track("Video", picture), track("Audio", sound), effects=(volume(-6.0), warp(2.0))))
    assert isinstance(item, Nested)
    assert (item.duration_s, item.window_start_s, item.kind, item.identity, item.speed, item.gain_db) == (1, 2, "compound", "77", 2, -6.0)
    assert [[type(inner) for inner in inside.items] for inside in item.tracks] == [[Clip]]


@pytest.mark.parametrize(("sequence", "kind"), [(None, "compound"), ("Multicam Clip", "multicam"), ("Something New", "unknown")])
def test_kinds_of_nesting(sequence: str | None, kind: str, tmp_path: Path) -> None:
    assert read_item(tmp_path, compound(track("Audio", gap(96, 24)), sequence=sequence)).kind == kind


def test_a_compound_with_level_key_frames_is_noted(tmp_path: Path) -> None:
    item = read_item(tmp_path, compound(track("Audio", gap(96, 24)), effects=(volume(keys={"0": 0.0, "9": -9.0}),)))
    assert item.notes == ("plan.nested_automation",)


def test_a_trimmed_track_shows_only_its_part(tmp_path: Path) -> None:
    sound = clip("a", span(0, 250, 25), external("/x/a.wav", span(0, 250, 25)))
    edit = read(tmp_path, track("Audio", sound, source=span(100, 50, 25)))
    (item,) = edit.audio_tracks[0].items
    assert isinstance(item, Nested) and (item.window_start_s, item.duration_s, edit.duration_frames) == (4, 2, 50)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        (23.976, FrameRate(24000, 1001)), (23.98, FrameRate(24000, 1001)), (23.976024627685547, FrameRate(24000, 1001)),
        (24.0, FrameRate(24)), (29.97, FrameRate(30000, 1001)), (59.94, FrameRate(60000, 1001)), (60.0, FrameRate(60)),
    ],
)  # fmt: skip
def test_rates_become_exact(written: float, rate: FrameRate, tmp_path: Path) -> None:
    sound = clip("a", span(86400, 24, written), external("/x/a.wav", span(86400, 100, 24000 / 1001)))
    edit = read(tmp_path, track("Audio", sound), start=time(86400, written))
    assert (edit.rate, edit.start_frame, edit.duration_frames) == (rate, 86400, 24)
    (item,) = edit.audio_tracks[0].items
    assert isinstance(item, Clip) and item.duration_s == 24 / rate.fps


@pytest.mark.parametrize("rate", [17.3, 23.9, 0.0, -25.0, 15.0])
def test_an_unknown_timeline_rate_is_refused(rate: float, tmp_path: Path) -> None:
    assert code_of(write(tmp_path, timeline(track("Audio", gap(10, 25)), start=time(0, rate)))) == "timing.unknown_rate"


def test_an_unknown_rate_inside_is_refused_and_a_whole_one_is_exact(tmp_path: Path) -> None:
    good = clip("a", span(0, 25, 25), external("/x/a.wav", span(48000, 480000, 48000)))
    item = read_item(tmp_path, good)
    assert (item.media.start_s, item.media.duration_s) == (1, 10)
    assert read_item(tmp_path, clip("a", span(0, 25, 25), external("/x/a.mov", span(0, 99, 29.83)))).media.start_s == 0
    for bad in (clip("a", span(0, 25, 17.3), external("/x/a.wav")), clip("a", span(0, 25, 25), external("/x/a.mov", span(5, 99, 29.83)))):
        assert code_of(write(tmp_path, timeline(track("Audio", bad), start=HOUR_25))) == "timing.unknown_rate"


@pytest.mark.parametrize(("frame", "drop"), [(107892, True), (108000, False), (0, False), (12345, False), (215784, True)])
def test_drop_frame_is_seen_from_a_full_hour(frame: int, drop: bool, tmp_path: Path) -> None:
    edit = read(tmp_path, track("Audio", gap(10, 29.97)), start=time(frame, 29.97))
    assert edit.rate == FrameRate(30000, 1001, drop_frame=drop)


def test_without_a_start_time_the_first_item_gives_the_rate(tmp_path: Path) -> None:
    edit = read(tmp_path, track("Audio", gap(10, 24)), start=None)
    assert (edit.rate, edit.start_frame, edit.duration_frames) == (FrameRate(24), 0, 10)
    assert code_of(write(tmp_path, timeline(track("Audio")))) == "timeline.empty"


def test_fractional_source_positions_stay_exact(tmp_path: Path) -> None:
    item = read_item(tmp_path, clip("a", span(37008.5, 24.25, 24), external("/x/a.wav")))
    assert (item.source_start_s, item.duration_s) == (F(74017, 48), F(97, 96))


def test_a_clip_without_a_range_plays_all_of_its_media(tmp_path: Path) -> None:
    item = read_item(tmp_path, clip("a", None, external("/x/a.wav", span(50, 100, 25))))
    assert (item.source_start_s, item.duration_s) == (2, 4)
    assert code_of(write(tmp_path, timeline(track("Audio", clip("a", None, external("/x/a.wav"))), start=HOUR_25))) == "timeline.clip_without_length"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "timeline.not_json"),
        (b"hello", "timeline.not_json"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "tracks"', "timeline.not_json"),
        (b"\x00\x01\xff\xfe\x80", "timeline.not_text"),
        (b"[]", "timeline.not_a_timeline"),
        (b"null", "timeline.not_a_timeline"),
        (b'{"OTIO_SCHEMA": "Clip.2"}', "timeline.not_a_timeline"),
        (b'{"OTIO_SCHEMA": "Timeline.9"}', "timeline.damaged"),
        (b'{"OTIO_SCHEMA": "Timeline.1"}', "timeline.damaged"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "tracks": 3}', "timeline.damaged"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "timeline.damaged"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "a": ' + b"[" * 400 + b"]" * 400 + b"}", "timeline.damaged"),
    ],
)
def test_what_is_no_timeline_is_named(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "edit.otio"
    path.write_bytes(content)
    assert code_of(path) == code


def test_a_clip_on_its_own_says_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, clip("a", span(0, 1, 25), external("/x/a.mov")))
    with pytest.raises(InputError) as error:
        read_otio(path)
    assert error.value.message() == f"{path} holds a Clip.2, not an OTIO timeline."


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -1.0])
def test_impossible_lengths_are_refused(value: float, tmp_path: Path) -> None:
    assert code_of(write(tmp_path, timeline(track("Audio", gap(value, 25)), start=HOUR_25))) == "timeline.impossible_time"


FULL = timeline(
    track("Video", clip("a", span(90000, 100, 25), external("/x/a.mov", span(90000, 999, 25)))),
    track(
        "Audio",
        gap(4, 25),
        clip("a", span(90000, 50, 25), external("/x/a.mov", span(90000, 999, 25)), effects=[volume(-3.0, keys={"4": 1.0}, fade_in=3), warp(1.1)]),
        dissolve(2, 2, 25),
        clip("b", span(90000, 50, 25), missing("/x/b.mov", span(90000, 999, 25)), effects=[ramp((0.0, 0.0), (4.0, 2.0))]),
        compound(track("Audio", clip("c", span(0, 96, 24), external("/x/c.wav")))),
    ),
    start=HOUR_25,
)
WRONG: tuple[Any, ...] = (
    None, True, 0, -1, 7, 10**12, 1.5, -1e300, float("nan"), float("inf"), "", "x", [], {}, [[]], {"OTIO_SCHEMA": "Gap.1"},
    "Clip.2", "Stack.1", "Track.1", "Gap.1", "Effect.1", "Unheard.7", "RationalTime.1", "Video", "file:", "\x00",
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_mutated_timeline_is_read_or_refused_but_never_crashes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    shape = json.loads(json.dumps(FULL))
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(places(shape))
        if chance.random() < 0.7:
            container[key] = chance.choice(WRONG)
        else:
            container.pop(key)
    try:
        plan_audio(read_otio(write(tmp_path, shape)), host_can_render=True)
    except InputError as error:
        assert error.message("zh")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=4))
def test_a_file_with_broken_bytes_is_read_or_refused(tmp_path: Path, place: int, junk: bytes) -> None:
    content = write(tmp_path, FULL).read_bytes()
    at = place % len(content)
    path = tmp_path / "broken.otio"
    path.write_bytes(content[:at] + junk + content[at + len(junk) :])
    try:
        plan_audio(read_otio(path), host_can_render=True)
    except InputError as error:
        assert error.message("en")


def test_reading_does_not_depend_on_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    write(tmp_path, timeline(track("Audio", clip("a", span(0, 25, 25), external("a.wav", span(0, 25, 25)))), start=HOUR_25))
    monkeypatch.chdir(tmp_path.parent)
    (item,) = read_otio(Path(tmp_path.name) / "edit.otio").audio_tracks[0].items
    assert isinstance(item, Clip) and item.media.file == os.path.join(tmp_path, "a.wav")
