"""What probing reports of real files, and the message each kind of bad file gets."""

from __future__ import annotations

import os
import wave
from fractions import Fraction
from pathlib import Path

import pytest

from core.errors import InputError
from core.media.ffmpeg import run_ffmpeg
from core.media.probe import AudioStream, probe_media
from core.progress import CancelToken

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=24000/1001:d=2")
SOUND = ("-f", "lavfi", "-i", "anoisesrc=d=2:r=48000")


def make(path: Path, *arguments: str) -> Path:
    run_ffmpeg([*arguments, "-y", str(path)], CancelToken())
    return path


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "訪問 #1.mov"
    return make(path, *PICTURE, *SOUND, *SOUND, "-map", "0", "-map", "1", "-map", "2", "-ac:a:1", "2", "-c:a", "aac", "-timecode", "01:00:00:00")


def test_a_movie(movie: Path) -> None:
    info = probe_media(movie)
    assert info.video_rate == Fraction(24000, 1001)
    assert info.start_timecode == "01:00:00:00"
    assert info.has_picture
    assert info.audio_streams == (
        AudioStream(0, 1, 48000, Fraction(0), Fraction(2)),
        AudioStream(1, 2, 48000, Fraction(0), Fraction(2)),
    )
    assert info.duration_s == Fraction(2002, 1000)


def test_a_broadcast_wav_knows_its_time_of_day(tmp_path: Path) -> None:
    info = probe_media(make(tmp_path / "a.wav", *SOUND, "-metadata", f"time_reference={3600 * 48000}", "-write_bext", "1"))
    assert (info.duration_s, info.time_reference_s, info.start_timecode) == (2, 3600, None)
    assert not info.has_picture
    assert info.video_rate is None


def test_cover_art_is_no_picture(tmp_path: Path) -> None:
    cover = make(tmp_path / "cover.png", *PICTURE, "-frames:v", "1")
    song = make(tmp_path / "a.mp3", *SOUND, "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic")
    info = probe_media(song)
    assert not info.has_picture
    assert [stream.start_s for stream in info.audio_streams] == [0]


def test_a_still_has_no_sound(tmp_path: Path) -> None:
    info = probe_media(make(tmp_path / "still.png", *PICTURE, "-frames:v", "1"))
    assert info.has_picture
    assert info.audio_streams == ()


def test_sound_that_starts_late(tmp_path: Path) -> None:
    late = make(tmp_path / "late.mov", *PICTURE, "-itsoffset", "0.5", *SOUND, "-map", "0", "-map", "1", "-c:a", "pcm_s16le")
    assert probe_media(late).audio_streams[0].start_s == Fraction(1, 2)


def test_a_recording_without_a_length_is_measured(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.aac", *SOUND, "-c:a", "aac")
    assert probe_media(whole).duration_s == pytest.approx(2, abs=0.1)
    live = make(tmp_path / "live.mkv", *SOUND, "-live", "1", "-c:a", "pcm_s16le")
    assert probe_media(live).duration_s == pytest.approx(2, abs=0.1)


def bad_files(folder: Path, movie: Path) -> dict[str, Path]:
    files = {name: folder / name for name in ("missing.mov", "cut.mov", "text.mp4", "text.txt", "subtitles.mp4", "zero.wav", "no samples.wav")}
    files["cut.mov"].write_bytes(movie.read_bytes()[:3000])
    files["text.mp4"].write_text("你好\n", "utf-8")
    files["text.txt"].write_text("one\ntwo\n" * 100)
    files["subtitles.mp4"].write_text("1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    files["zero.wav"].touch()
    with wave.open(str(files["no samples.wav"]), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
    return files | {"folder": folder}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing.mov", "media.missing"),
        ("folder", "media.is_folder"),
        ("cut.mov", "media.truncated"),
        ("text.mp4", "media.not_media"),
        ("text.txt", "media.not_media"),
        ("subtitles.mp4", "media.not_media"),
        ("zero.wav", "media.empty"),
        ("no samples.wav", "media.empty"),
    ],
)
def test_bad_files(tmp_path: Path, movie: Path, name: str, code: str) -> None:
    path = bad_files(tmp_path, movie)[name]
    with pytest.raises(InputError) as caught:
        probe_media(path)
    assert caught.value.code == code
    assert str(path) in caught.value.message("zh")


def test_a_file_that_may_not_be_read(movie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        probe_media(movie)
    assert caught.value.code == "media.no_permission"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    path.chmod(0)
    with pytest.raises(InputError) as caught:
        probe_media(path)
    assert caught.value.code == "media.no_permission"
