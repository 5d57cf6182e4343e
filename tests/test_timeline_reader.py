"""The door: which file is read how, media as timelines of one clip, and ranges."""

from __future__ import annotations

import wave
from fractions import Fraction as F  # noqa: N817 - a table of numbers
from pathlib import Path

import pytest

from core.errors import InputError
from core.media.probe import AudioStream, MediaInfo
from core.timeline import AudioTrack, Clip, Gap, MediaRef, Timeline
from core.timeline_reader import read_input, timeline_of_media, with_range
from core.timing import FrameRate
from fakes.otio_shapes import clip, external, gap, span, time, timeline, track, write


def code_of(error: pytest.ExceptionInfo[InputError]) -> str:
    assert error.value.message("en") and error.value.message("zh") and error.value.hint("en") and error.value.hint("zh")
    return error.value.code


def make_wav(path: Path, seconds: float = 1.5) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(b"\0\0" * round(48000 * seconds))
    return path


def info(rate: F | None = None, timecode: str | None = None, channels: tuple[int, ...] = (2,), reference_s: F | None = None) -> MediaInfo:
    streams = tuple(AudioStream(index, count, 48000, F(0), F("10.02")) for index, count in enumerate(channels))
    return MediaInfo(Path("/x/訪問 #1.mov"), F("10.02"), timecode, rate, rate is not None, streams, reference_s)


def test_an_otio_file_is_read_whatever_the_case_of_its_suffix(tmp_path: Path) -> None:
    path = write(tmp_path, timeline(track("Audio", gap(50, 25)), start=time(90000, 25)), "第一集 A#1.OTIO")
    edit = read_input(path)
    assert (edit.name, edit.start_frame, edit.duration_frames) == ("第一集 A#1", 90000, 50)


def test_a_sound_file_is_one_clip_on_a_25_fps_grid(tmp_path: Path) -> None:
    path = make_wav(tmp_path / "訪問 #1.wav")
    edit = read_input(path)
    sound = Clip("訪問 #1.wav", F(3, 2), MediaRef(str(path), F(0), F(3, 2)), F(0), ((0, 0),))
    assert edit == Timeline("訪問 #1", FrameRate(25), 0, 38, (AudioTrack("Audio 1", (sound,)),), source=str(path))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gone.otio", None, "media.missing"),
        ("gone.mov", None, "media.missing"),
        ("empty.otio", b"", "media.empty"),
        ("text.mp4", b"this is not a film\n" * 50, "media.not_media"),
        ("edit.fcpxml", b"<fcpxml/>", "timeline.other_edit_format"),
        ("edit.EDL", None, "timeline.other_edit_format"),
        ("text.otio", b"hello", "timeline.not_json"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, content: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_input(path)
    assert code_of(error) == code


def test_a_folder_named_like_a_timeline(tmp_path: Path) -> None:
    folder = tmp_path / "edit.otio"
    folder.mkdir()
    with pytest.raises(InputError) as error:
        read_input(folder)
    assert code_of(error) == "media.is_folder"


@pytest.mark.parametrize(
    ("video_rate", "rate"),
    [
        (None, FrameRate(25)), (F(25), FrameRate(25)), (F(24000, 1001), FrameRate(24000, 1001)), (F(2997, 100), FrameRate(30000, 1001)),
        (F(15), FrameRate(30)), (F(2983, 100), FrameRate(30)), (F(12), FrameRate(24)), (F(25, 2), FrameRate(25)), (F(17), FrameRate(25)),
    ],
)  # fmt: skip
def test_the_grid_of_media(video_rate: F | None, rate: FrameRate) -> None:
    assert timeline_of_media(info(video_rate)).rate == rate


def test_media_keep_their_start_timecode() -> None:
    edit = timeline_of_media(info(F(25), "01:00:00:10"))
    (item,) = edit.audio_tracks[0].items
    assert isinstance(item, Clip)
    assert (edit.start_frame, edit.duration_frames, item.media.start_s, item.source_start_s) == (90010, 251, F("3600.4"), F("3600.4"))


def test_drop_frame_timecode_and_broadcast_wav_time() -> None:
    edit = timeline_of_media(info(F(30000, 1001), "01:00:00;00"))
    assert (edit.rate, edit.start_frame) == (FrameRate(30000, 1001, drop_frame=True), 107892)
    assert timeline_of_media(info(reference_s=F("36000.5"))).start_frame == 900013
    assert timeline_of_media(info(F(25), "99:99:99:99")).start_frame == 0


def test_one_stream_is_heard_unless_all_are_single_channels_of_a_recorder() -> None:
    (stereo,) = timeline_of_media(info(channels=(2, 2))).audio_tracks[0].items
    (mono,) = timeline_of_media(info(channels=(1, 1, 1))).audio_tracks[0].items
    assert isinstance(stereo, Clip) and isinstance(mono, Clip)
    assert (stereo.stream_channels, mono.stream_channels) == ((), ((0, 0), (1, 0), (2, 0)))


def test_a_film_without_sound_is_refused() -> None:
    with pytest.raises(InputError) as error:
        timeline_of_media(info(F(25), channels=()))
    assert code_of(error) == "timeline.no_sound_in_file"


def edit_of(rate: FrameRate, start_frame: int) -> Timeline:
    return Timeline("edit", rate, start_frame, 1000, (AudioTrack("A1", (Gap(F(40)),)),))


def test_a_range_counts_from_the_timelines_first_frame() -> None:
    edit = with_range(edit_of(FrameRate(25), 90000), "01:00:02:00", "01:00:40:00")
    assert edit.range_frames == (50, 1000)


def test_a_semicolon_reads_drop_frame() -> None:
    edit = with_range(edit_of(FrameRate(30000, 1001), 0), "00:00:01;00", "00:00:30;00")
    assert (edit.range_frames, edit.rate.drop_frame) == ((30, 900), True)
    assert with_range(edit_of(FrameRate(25), 0), "00:00:01;00", "00:00:30:00").range_frames == (25, 750)


def test_a_timeline_over_midnight() -> None:
    edit = with_range(edit_of(FrameRate(25), 24 * 90000 - 100), "23:59:59:00", "00:00:01:00")
    assert edit.range_frames == (75, 125)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("01:00:05:00", "01:00:05:00", "timeline.range_inverted"),
        ("01:00:05:00", "01:00:04:00", "timeline.range_inverted"),
        ("00:00:00:00", "01:00:04:00", "timeline.range_outside"),
        ("01:00:00:00", "01:00:40:01", "timeline.range_outside"),
        ("5", "01:00:04:00", "timing.bad_timecode"),
    ],
)
def test_ranges_that_make_no_sense(start: str, end: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        with_range(edit_of(FrameRate(25), 90000), start, end)
    assert code_of(error) == code


def test_the_message_names_the_whole_timeline() -> None:
    with pytest.raises(InputError, match="02:00:00:00 lies outside the timeline, which runs from 01:00:00:00 to 01:00:40:00"):
        with_range(edit_of(FrameRate(25), 90000), "01:00:00:00", "02:00:00:00")


def test_media_without_an_available_range_are_asked_for_their_own(tmp_path: Path) -> None:
    make_wav(tmp_path / "a.wav", 4)
    shape = timeline(track("Audio", clip("a", None, external("a.wav")), clip("b", span(25, 25, 25), external("a.wav"))), start=time(0, 25))
    whole, part = read_input(write(tmp_path, shape)).audio_tracks[0].items
    assert isinstance(whole, Clip) and isinstance(part, Clip)
    assert (whole.duration_s, whole.source_start_s, part.media.start_s, part.media.duration_s) == (4, 0, 0, 4)
