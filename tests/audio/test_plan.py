"""From Timeline values to pieces; every expected number is written out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F  # noqa: N817 - a table of numbers
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio.plan import plan_audio
from core.errors import InputError
from core.messages import text
from core.timeline import AudioPiece, AudioPlan, AudioTrack, Clip, GainKey, Gap, Item, MediaRef, Nested, SpeedKey, Timeline, Transition
from core.timing import FrameRate

HOUR = F(3600)
MEDIA = MediaRef("/a.mov", HOUR, F(100))


def clip(duration: F | int = 10, start: F | int = 0, **more: Any) -> Clip:
    media = more.pop("media", MEDIA)
    return Clip(more.pop("name", "a"), F(duration), media, HOUR + start, **more)


def timeline(*tracks: AudioTrack | Item, frames: int = 2500, **more: Any) -> Timeline:
    """A 25 fps timeline of 100 s from 01:00:00:00; bare items share one track."""
    items = tuple(item for item in tracks if not isinstance(item, AudioTrack))
    named = tuple(item for item in tracks if isinstance(item, AudioTrack))
    return Timeline("edit", FrameRate(25), 90000, frames, named or (AudioTrack("Audio 1", items),), **more)


def heard(*tracks: AudioTrack | Item, **more: Any) -> list[AudioPiece]:
    return list(plan_audio(timeline(*tracks, **more)).audible)


def refused(*tracks: AudioTrack | Item) -> list[str | None]:
    plan = plan_audio(timeline(AudioTrack("speech", (clip(name="speech", media=MediaRef("/speech.wav")),)), AudioTrack("x", tracks)))  # type: ignore[arg-type]
    assert [piece.file for piece in plan.audible] == ["/speech.wav"]
    return [piece.skipped_because for piece in plan.pieces if piece.skipped_because]


def shape(piece: AudioPiece) -> tuple[F, F, F, F]:
    return piece.record_start_s, piece.record_duration_s, piece.source_start_s, piece.speed


def test_a_clip_after_a_gap_with_its_timecode_removed() -> None:
    plan = plan_audio(timeline(Gap(F(4)), clip(10, F(32, 25)), Gap(F(86))))
    assert plan.pieces == (AudioPiece("/a.mov", F(4), F(10), F(32, 25), name="a", track="Audio 1"),)
    assert (plan.rate, plan.start_frame, plan.duration_frames, plan.name, plan.render_reasons) == (FrameRate(25), 90000, 2500, "edit", ())


def test_positions_are_sums_of_exact_lengths() -> None:
    third = F(1001, 24000) / 3
    pieces = heard(*(clip(third, F(index, 10)) for index in range(300)), frames=25 * 5)
    assert pieces[-1].record_start_s == F(299 * 1001, 72000)


def test_media_without_a_start_counts_from_its_first_sample() -> None:
    (piece,) = heard(Clip("a", F(2), MediaRef("/b.wav"), F(7)))
    assert shape(piece) == (0, 2, 7, 1)


def test_channels_of_a_stream_share_a_piece_and_streams_do_not() -> None:
    pieces = heard(clip(stream_channels=((0, 1), (0, 0), (2, 0), (0, 1))))
    assert [(piece.stream, piece.channels) for piece in pieces] == [(0, (0, 1)), (2, (0,))]


def test_no_channel_list_means_the_first_stream_whole() -> None:
    assert [(piece.stream, piece.channels) for piece in heard(clip())] == [(0, ())]


def test_the_same_sound_twice_is_heard_once() -> None:
    left, right = clip(stream_channels=((0, 0),)), clip(stream_channels=((0, 1),))
    plan = plan_audio(timeline(AudioTrack("A1", (left,)), AudioTrack("A2", (left,)), AudioTrack("A3", (right,)), AudioTrack("A4", (clip(10, 1),))))
    assert [piece.skipped_because for piece in plan.pieces] == [None, "plan.duplicate", None, None]


def test_level_key_frames_and_fades_reach_the_piece() -> None:
    keys = (GainKey(F(1), -2.0), GainKey(F(3), -29.5))
    (piece,) = heard(clip(10, gain_db=-6.0, gain_keys=keys, fade_in_s=F(1, 5), fade_out_s=F(2)))
    assert (piece.gain_db, piece.gain_keys, piece.fade_in_s, piece.fade_out_s) == (-6.0, keys, F(1, 5), F(2))


def test_a_clip_at_minus_sixty_is_skipped_unless_a_key_lifts_it() -> None:
    assert refused(clip(gain_db=-60.0), clip(gain_db=-96.0), clip(gain_keys=(GainKey(F(0), -70.0),))) == ["plan.silenced"] * 3
    assert len(heard(clip(gain_db=-59.9), clip(gain_db=-96.0, gain_keys=(GainKey(F(0), -96.0), GainKey(F(1), 0.0))))) == 2


def test_constant_speed_uses_more_source_not_more_record() -> None:
    first, second = heard(clip(10, 5, speed=F(5, 2)), clip(10))
    assert shape(first) == (0, 10, 5, F(5, 2))
    assert second.record_start_s == 10


@pytest.mark.parametrize(
    ("speed", "reason"), [(F(0), "plan.freeze"), (F(-1), "plan.reverse"), (F(1, 21), "plan.extreme_speed"), (F(101), "plan.extreme_speed")]
)
def test_speeds_that_carry_no_speech(speed: F, reason: str) -> None:
    assert refused(clip(speed=speed)) == [reason]


RAMP = (SpeedKey(F(0), F(0)), SpeedKey(F("15.906236312658555"), F("1.5906236312658553")), SpeedKey(F("18.110924497025626"), F(6)))


def test_a_speed_ramp_as_resolve_writes_it() -> None:
    """Key frames and frame numbers as seen in Resolve: 34.0 frames in, 96 frames on the timeline, 82.5 frames of source used at 25 fps."""
    slow, fast = heard(clip(F(96, 25), F(34, 25), ramp=RAMP))
    assert (float(slow.speed), float(fast.speed)) == (pytest.approx(0.1, abs=1e-9), pytest.approx(2.0, abs=1e-9))
    assert (slow.source_start_s, slow.record_start_s) == (F(34, 25), 0)
    assert float(slow.record_duration_s) == pytest.approx(2.306236312658555, abs=1e-12)
    assert fast.record_start_s == slow.record_duration_s and slow.record_duration_s + fast.record_duration_s == F(96, 25)
    assert float(fast.source_start_s) == pytest.approx(1.5906236312658553, abs=1e-12)
    used = fast.source_start_s + fast.record_duration_s * fast.speed - slow.source_start_s
    assert float(used) * 25 == pytest.approx(82.5, abs=0.06)


def test_beyond_its_keys_a_ramp_goes_on_at_its_outer_speeds() -> None:
    keys = (SpeedKey(F(2), F(2)), SpeedKey(F(4), F(4)), SpeedKey(F(6), F(8)))
    before, after = heard(clip(8, 1, ramp=keys))
    assert (shape(before), shape(after)) == ((0, 3, 1, 1), (3, 5, 4, 2))


def test_a_ramp_lists_its_frozen_and_reversed_parts() -> None:
    keys = (SpeedKey(F(0), F(0)), SpeedKey(F(2), F(2)), SpeedKey(F(3), F(2)), SpeedKey(F(4), F(1)), SpeedKey(F(6), F(3)))
    plan = plan_audio(timeline(clip(6, 0, ramp=keys)))
    assert [(piece.record_start_s, piece.skipped_because) for piece in plan.pieces] == [
        (0, None), (2, "plan.freeze"), (3, "plan.reverse"), (4, None),
    ]  # fmt: skip
    assert shape(plan.pieces[3]) == (4, 2, 1, 1)


def test_fades_and_keys_of_a_ramped_clip_are_cut_at_the_bend() -> None:
    keys = (SpeedKey(F(0), F(0)), SpeedKey(F(2), F(2)), SpeedKey(F(4), F(6)))
    first, second = heard(clip(4, 0, ramp=keys, fade_in_s=F(1), fade_out_s=F(3), gain_keys=(GainKey(F(0), 0.0), GainKey(F(4), -8.0))))
    assert (first.fade_in_s, first.fade_out_s, second.fade_in_s, second.fade_out_s) == (1, 1, 0, 2)
    assert first.gain_keys == (GainKey(F(0), 0.0), GainKey(F(2), -4.0))
    assert second.gain_keys == (GainKey(F(0), -4.0), GainKey(F(2), -8.0))


def test_a_transition_lets_both_neighbours_reach_across_the_cut() -> None:
    first, second = heard(clip(10, 0), Transition(F(1), F(2)), clip(10, 30))
    assert (shape(first), first.fade_in_s, first.fade_out_s) == ((0, 12, 0, 1), 0, 3)
    assert (shape(second), second.fade_in_s, second.fade_out_s) == ((9, 11, 29, 1), 3, 0)


def test_a_transition_takes_only_what_the_media_has() -> None:
    first, second = heard(clip(10, F("89.5")), Transition(F(1), F(2)), clip(10, F("0.25"), speed=F(1, 2)))
    assert (shape(first), first.fade_out_s) == ((0, F("10.5"), F("89.5"), 1), F("1.5"))
    assert (shape(second), second.fade_in_s) == ((F("9.5"), F("10.5"), 0, F(1, 2)), F("2.5"))


def test_a_transition_to_nothing_is_a_fade() -> None:
    (piece,) = heard(Transition(F(0), F(1)), clip(10, 5, fade_in_s=F(3)), Transition(F(2), F(0)))
    assert (shape(piece), piece.fade_in_s, piece.fade_out_s) == ((0, 10, 5, 1), 1, 2)


def nested(*items: Item, **more: Any) -> Nested:
    tracks = more.pop("tracks", (AudioTrack("inner", items),))
    return Nested("compound", F(more.pop("duration", 4)), F(more.pop("window", 3)), tracks, **more)


def test_a_nested_timeline_shows_its_window_on_the_outer_clock() -> None:
    (piece,) = heard(Gap(F(20)), nested(Gap(F(1)), clip(10, 5)))
    assert shape(piece) == (20, 4, 7, 1)
    assert piece.track == "Audio 1"


def test_speed_and_level_of_a_nested_timeline_multiply() -> None:
    inner = clip(10, 5, speed=F(3, 2), gain_db=-3.0, fade_in_s=F(4), gain_keys=(GainKey(F(0), 0.0), GainKey(F(8), -8.0)))
    (piece,) = heard(nested(inner, window=0, duration=4, speed=F(2), gain_db=-6.0))
    assert shape(piece) == (0, 4, 5, 3)
    assert (piece.gain_db, piece.fade_in_s) == (-9.0, 2)
    assert piece.gain_keys == (GainKey(F(0), -6.0), GainKey(F(4), -14.0))


def test_solo_and_disabled_tracks_count_inside_a_nested_timeline() -> None:
    tracks = (AudioTrack("1", (clip(),), solo=True), AudioTrack("2", (clip(10, 1),)), AudioTrack("3", (clip(10, 2),), enabled=False))
    plan = plan_audio(timeline(nested(tracks=tracks)))
    assert [piece.skipped_because for piece in plan.pieces] == [None, "plan.track_not_soloed", "plan.track_disabled"]


def deep(levels: int, identity: str = "") -> Nested:
    inner: Item = clip(4)
    for level in range(levels):
        inner = nested(inner, window=0, identity=identity or str(level))
    assert isinstance(inner, Nested)
    return inner


def test_four_nested_levels_are_opened_and_a_fifth_is_not() -> None:
    assert len(heard(deep(4))) == 1
    plan = plan_audio(timeline(clip(1, media=MediaRef("/b.wav")), deep(5)))
    assert plan.pieces[1].skipped_because == "plan.nested_too_deep"
    assert plan.render_reasons == ("plan.nested_too_deep",)


def test_a_timeline_inside_itself_is_not_followed() -> None:
    assert refused(deep(2, identity="same")) == ["plan.nested_cycle"]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (nested(clip(), kind="multicam"), "plan.multicam"),
        (nested(clip(), kind="unknown"), "plan.unknown_sequence"),
        (nested(clip(), notes=("plan.nested_automation",)), "plan.nested_automation"),
        (clip(notes=("plan.unknown_retime",)), "plan.unknown_retime"),
        (clip(media=MediaRef(None)), "plan.no_media"),
    ],
)
def test_what_only_the_host_can_mix_asks_for_a_render(item: Item, reason: str) -> None:
    plan = plan_audio(timeline(clip(media=MediaRef("/speech.wav")), item))
    assert (plan.pieces[1].skipped_because, plan.render_reasons) == (reason, (reason,))
    assert reason not in plan.quiet_reasons
    with pytest.raises(InputError) as error:
        plan_audio(timeline(item))
    assert error.value.code == "plan.needs_render"
    assert plan_audio(timeline(item), host_can_render=True).audible == ()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (clip(enabled=False), "plan.clip_disabled"),
        (nested(clip(), enabled=False), "plan.clip_disabled"),
        (clip(0), "plan.zero_length"),
        (nested(clip(), duration=0), "plan.zero_length"),
        (clip(media=MediaRef("/title.png", still=True)), "plan.still"),
        (clip(media=MediaRef(None), notes=("plan.generator",)), "plan.generator"),
    ],
)
def test_what_has_nothing_to_say_is_listed_quietly(item: Item, reason: str) -> None:
    plan = plan_audio(timeline(clip(media=MediaRef("/speech.wav")), item))
    assert plan.pieces[1].skipped_because == reason
    assert reason in plan.quiet_reasons and plan.render_reasons == ()


def test_a_clip_that_points_outside_its_media_is_listed() -> None:
    assert refused(clip(4, -10), clip(4, 100)) == ["plan.outside_media", "plan.outside_media"]


def test_half_a_frame_before_the_media_is_silence_not_an_error() -> None:
    (piece,) = heard(clip(10, F(-1, 50)))
    assert shape(piece) == (F(1, 50), F(499, 50), 0, 1)


def test_only_soloed_tracks_are_heard() -> None:
    tracks = (AudioTrack("A1", (clip(),)), AudioTrack("A2", (clip(10, 1),), solo=True), AudioTrack("A3", (clip(10, 2),), solo=True, enabled=False))
    plan = plan_audio(timeline(*tracks))
    assert [piece.skipped_because for piece in plan.pieces] == ["plan.track_not_soloed", None, "plan.track_disabled"]


def test_a_range_cuts_the_pieces_and_the_shot_changes() -> None:
    edit = timeline(clip(10, 5, fade_in_s=F(3), fade_out_s=F(1), speed=F(2)), clip(10, 40), cuts=(0, 50, 250, 400), in_frame=50, out_frame=300)
    plan = plan_audio(edit)
    assert [shape(piece) for piece in plan.pieces] == [(0, 8, 9, 2), (8, 2, 40, 1)]
    assert (plan.pieces[0].fade_in_s, plan.pieces[0].fade_out_s) == (1, 1)
    assert (plan.start_frame, plan.duration_frames, plan.cuts) == (90050, 250, (200,))


def test_an_empty_timeline_and_an_empty_range_have_no_audio() -> None:
    for edit in (timeline(Gap(F(5))), timeline(clip(), in_frame=500, out_frame=600), timeline()):
        with pytest.raises(InputError) as error:
            plan_audio(edit)
        assert error.value.code == "plan.no_audio"


def test_offline_media_are_named_when_nothing_else_is_heard() -> None:
    gone = [clip(1, index, media=MediaRef(f"/disk/{index}.mov", offline=True)) for index in range(7)]
    assert refused(gone[0]) == ["plan.offline"]
    with pytest.raises(InputError) as error:
        plan_audio(timeline(*gone, clip(enabled=False)))
    assert error.value.code == "plan.all_offline"
    assert "7 media files" in error.value.message() and "/disk/0.mov, /disk/1.mov" in error.value.message()
    assert error.value.message().endswith("/disk/4.mov …")
    assert "找不到 7 個媒體檔案" in error.value.message("zh")


def test_a_timeline_of_disabled_clips_says_so() -> None:
    with pytest.raises(InputError) as error:
        plan_audio(timeline(clip(enabled=False), clip(0)))
    assert (error.value.code, error.value.detail) == ("plan.nothing_audible", "plan.clip_disabled, plan.zero_length")


@pytest.mark.parametrize("name", sorted(timeline_reason for timeline_reason in AudioPlan(FrameRate(25), 0, 1, ()).quiet_reasons))
def test_every_quiet_reason_has_a_text(name: str) -> None:
    assert text(name, "en") and text(name, "zh")


numbers = st.integers(0, 9999)
tracks_of_numbers = st.lists(st.lists(st.tuples(numbers, numbers, st.integers(0, 9)), max_size=6), max_size=3)


def built(row: tuple[int, int, int], depth: int = 0) -> Item:
    """Any item out of three numbers: length and start in 1/700 s, and what it is."""
    length, start, kind = F(row[0], 700), F(row[1], 700), row[2]
    if kind == 0:
        return Gap(length)
    if kind == 1:
        return Transition(length, start)
    if kind in (2, 3) and depth < 3:
        inner = (built((row[1], row[0], (row[0] + kind) % 10), depth + 1), built((row[0], row[1], row[1] % 10), depth + 1))
        return nested(*inner, duration=length, window=start, speed=F(kind, 2))
    speed = (F(1), F(11, 10), F(1, 2), F(3), F(0), F(-1), F(1))[kind - 3]
    return clip(length, start, speed=speed, gain_db=-70.0 if row[0] % 7 == 0 else 0.0, fade_in_s=start)


@settings(max_examples=100, deadline=None)
@given(tracks_of_numbers, numbers, numbers)
def test_every_piece_lies_inside_the_range(rows: list[list[tuple[int, int, int]]], in_frame: int, length: int) -> None:
    tracks = tuple(AudioTrack("t", tuple(built(row) for row in track)) for track in rows)
    edit = replace(timeline(), audio_tracks=tracks, in_frame=in_frame % 500, out_frame=in_frame % 500 + 1 + length % 1000)
    try:
        plan = plan_audio(edit, host_can_render=True)
    except InputError as error:
        assert error.code in {"plan.no_audio", "plan.nothing_audible", "plan.only_zero_length"}
        return
    for piece in plan.pieces:
        assert 0 <= piece.record_start_s <= piece.record_start_s + piece.record_duration_s <= plan.duration_s
    for piece in plan.audible:
        assert piece.record_duration_s > 0 and piece.source_start_s >= 0 and piece.speed > 0
        assert 0 <= piece.fade_in_s <= piece.record_duration_s and 0 <= piece.fade_out_s <= piece.record_duration_s


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(numbers, st.integers(4, 9)), max_size=5))
def test_the_parts_of_a_track_add_up_to_it(rows: list[tuple[int, int]]) -> None:
    content = [replace(built((length % 1000, 1, kind)), name=str(index)) for index, (length, kind) in enumerate(rows)]  # type: ignore[type-var]
    plan = plan_audio(timeline(clip(1, media=MediaRef("/first.wav")), *content))
    assert sum(piece.record_duration_s for piece in plan.pieces) == 1 + sum(item.duration_s for item in content)  # type: ignore[union-attr]
