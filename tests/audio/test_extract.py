"""Extraction on small real files: every sample's place, levels, bad input, full disks and stopping."""

from __future__ import annotations

import errno
import os
import shutil
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from core.audio import extract
from core.audio.extract import extract_audio
from core.audio.wav import Audio, open_audio, read_samples
from core.bench.noise import NoiseSource, noise, write_source
from core.bench.noise_edit import EditShape, best_lag, clip_lags, edit_plan, edit_sources
from core.errors import Cancelled, EngineError, InputError, SetupError, StageError
from core.media.ffmpeg import run_ffmpeg
from core.progress import CancelToken
from core.timeline import AudioPiece, AudioPlan, GainKey
from core.timing import FrameRate

SECONDS = 8
RATE = FrameRate(25)
FULL_DEVICE = pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NoiseSource]:
    """One file a kind: stereo WAV at 48 kHz, mono WAV at 44.1 kHz, H.264 with AAC, MP3; a '#' and a space in the path."""
    folder = tmp_path_factory.mktemp("noise #1")
    made = {
        "stereo": NoiseSource(folder / "訪問 a.wav", "wav", SECONDS, 48_000, (1, 2)),
        "mono": NoiseSource(folder / "b.wav", "wav", SECONDS, 44_100, (3,)),
        "aac": NoiseSource(folder / "c.mov", "mov", SECONDS, 48_000, (4, 5)),
        "mp3": NoiseSource(folder / "d.mp3", "mp3", SECONDS, 44_100, (6,)),
        "surround": NoiseSource(folder / "e.wav", "wav", SECONDS, 48_000, (7, 8, 9, 10, 11, 12)),
    }
    for source in made.values():
        write_source(source)
    return made


def plan_of(*pieces: AudioPiece, seconds: int = 6) -> AudioPlan:
    return AudioPlan(RATE, 0, 25 * seconds, pieces, name="cut")


def piece_of(source: NoiseSource, start_s: Fraction | int = 2, channels: tuple[int, ...] = (0,)) -> AudioPiece:
    """Two seconds of a source, heard from second 1."""
    return AudioPiece(str(source.path), Fraction(1), Fraction(2), Fraction(start_s), channels=channels, name="clip", track="Audio 1")


def level_db(heard: NDArray[np.float32], known: NDArray[np.float32]) -> float:
    """Level of the known sound inside what is heard."""
    return float(20 * np.log10(np.dot(heard, known) / np.dot(known, known)))


@pytest.mark.parametrize("start_s", [Fraction(0), Fraction(1, 50), Fraction(3, 10), Fraction(7, 3), Fraction(6)])
@pytest.mark.parametrize("kind", ["stereo", "mono", "aac", "mp3"])
def test_lag_is_0_wherever_the_piece_starts(sources: dict[str, NoiseSource], tmp_path: Path, kind: str, start_s: Fraction) -> None:
    source = sources[kind]
    audio = extract_audio(plan_of(piece_of(source, start_s)), tmp_path)
    first = round(start_s * 16000)
    lag, fit = best_lag(read_samples(audio, 16000, 48000), noise(source.seeds[0], first, first + 32000), 800)
    assert lag == 0
    assert fit > (0.9999 if source.kind == "wav" else 0.99)
    assert not read_samples(audio, 0, 16000).any()
    assert not read_samples(audio, 48000, audio.samples).any()


@pytest.mark.parametrize("codec", ["pcm_s16le", "aac"])
def test_sound_that_starts_later_than_its_file(sources: dict[str, NoiseSource], tmp_path: Path, codec: str) -> None:
    """ffmpeg alone drops the half second without sound and everything would come too early."""
    late = tmp_path / "late.mov"
    inputs = ["-i", str(sources["aac"].path), "-itsoffset", "0.5", "-i", str(sources["mono"].path)]
    run_ffmpeg([*inputs, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", codec, "-b:a", "192k", str(late)], CancelToken())
    for start_s in (Fraction(0), Fraction(3, 10), Fraction(3)):
        audio = extract_audio(plan_of(replace(piece_of(sources["mono"], start_s), file=str(late))), tmp_path)
        first = round((start_s - Fraction(1, 2)) * 16000)
        lag, fit = best_lag(read_samples(audio, 16000, 48000), noise(3, first, first + 32000), 800)
        assert (lag, fit > 0.999) == (0, True), start_s


def test_a_reduced_edit_lands_on_every_clip(tmp_path: Path) -> None:
    shape = EditShape(clips=60, tracks=4, seconds=60, sources=3, source_s=20)
    made = edit_sources(shape, tmp_path)
    for source in made:
        write_source(source)
    plan = edit_plan(shape, made)
    lags = list(clip_lags(extract_audio(plan, tmp_path), plan, made))
    assert len(lags) == 60
    assert {lag for _, lag, _ in lags} == {0}
    assert min(fit for _, _, fit in lags) > 0.1


@pytest.mark.parametrize(
    ("kind", "channels", "seeds"),
    [
        ("stereo", (1,), (2,)),
        ("stereo", (0, 1), (1, 2)),
        ("stereo", (), (1, 2)),
        ("surround", (4,), (11,)),
        ("surround", (1, 5), (8, 12)),
        ("surround", (), (7, 8, 9, 10, 11, 12)),
    ],
)
def test_channels_are_averaged(sources: dict[str, NoiseSource], tmp_path: Path, kind: str, channels: tuple[int, ...], seeds: tuple[int, ...]) -> None:
    audio = extract_audio(plan_of(piece_of(sources[kind], channels=channels)), tmp_path)
    known = np.mean([noise(seed, 32000, 64000) for seed in seeds], axis=0)
    assert read_samples(audio, 16000, 48000) == pytest.approx(known, abs=2e-3)


def test_pieces_of_one_file_on_different_channels_share_a_decode(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    """Six channels, four mixes: more mixes than channels in use, so the channels themselves travel through the pipe."""
    source = sources["surround"]
    wanted: list[tuple[int, ...]] = [(0,), (1,), (0, 1), (1, 0)]
    second = replace(piece_of(source), record_duration_s=Fraction(1))
    pieces = [replace(second, record_start_s=Fraction(index), channels=channels) for index, channels in enumerate(wanted)]
    audio = extract_audio(plan_of(*pieces), tmp_path)
    for index, channels in enumerate(wanted):
        known = np.mean([noise(source.seeds[channel], 32000, 48000) for channel in channels], axis=0)
        assert read_samples(audio, 16000 * index, 16000 * (index + 1)) == pytest.approx(known, abs=2e-3), channels


def test_streams_of_one_file_each_last_as_long_as_they_do(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    two = tmp_path / "two.mov"
    inputs = ["-i", str(sources["mono"].path), "-t", "3", "-i", str(sources["stereo"].path)]
    run_ffmpeg([*inputs, "-map", "0:a", "-map", "1:a", "-c:a", "pcm_s16le", str(two)], CancelToken())
    first = replace(piece_of(sources["mono"], 4), file=str(two))
    second = replace(piece_of(sources["stereo"], 1), file=str(two), stream=1, record_start_s=Fraction(3), channels=(1,))
    audio = extract_audio(plan_of(first, second), tmp_path)
    assert read_samples(audio, 16000, 48000) == pytest.approx(noise(3, 64000, 96000), abs=2e-3)
    assert read_samples(audio, 48000, 80000) == pytest.approx(noise(2, 16000, 48000), abs=2e-3)


def test_gain_and_keys_to_a_tenth_of_a_decibel(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    source = sources["mono"]
    keys = (GainKey(Fraction(0), 0.0), GainKey(Fraction(2), -20.0))
    quiet = replace(piece_of(source), gain_db=-12.0)
    falling = replace(piece_of(source), record_start_s=Fraction(3), gain_keys=keys, gain_db=6.0)
    audio = extract_audio(plan_of(quiet, falling), tmp_path)
    assert level_db(read_samples(audio, 16000, 48000), noise(3, 32000, 64000)) == pytest.approx(-12.0, abs=0.1)
    middle = slice(48000 + 15920, 48000 + 16080)
    assert level_db(read_samples(audio, middle.start, middle.stop), noise(3, 32000 + 15920, 32000 + 16080)) == pytest.approx(-10.0, abs=0.1)


def test_a_loud_sum_is_scaled_as_a_whole(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    loud = replace(piece_of(sources["mono"]), gain_db=30.0)
    soft = replace(piece_of(sources["stereo"]), record_start_s=Fraction(4), record_duration_s=Fraction(1))
    audio = extract_audio(plan_of(loud, soft), tmp_path)
    samples = read_samples(audio, 0, audio.samples)
    assert float(np.abs(samples).max()) == pytest.approx(1.0, abs=1e-3)
    ratio = level_db(samples[16000:48000], noise(3, 32000, 64000)) - level_db(samples[64000:80000], noise(1, 32000, 48000))
    assert ratio == pytest.approx(30.0, abs=0.1)


@pytest.mark.parametrize("speed", [Fraction(11, 10), Fraction(25, 24), Fraction(4, 5), Fraction(1, 4)])
def test_speed_keeps_pitch_and_place(tmp_path: Path, speed: Fraction) -> None:
    """Bursts of a 400 Hz tone a second apart: onsets move with the speed, the tone does not."""
    time_s = np.arange(30 * 16000) / 16000
    bursts = tmp_path / "bursts.wav"
    with wave.open(str(bursts), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((8000 * np.sin(2 * np.pi * 400 * time_s) * (time_s % 1 < 0.4)).astype("<i2").tobytes())
    audio = extract_audio(plan_of(AudioPiece(str(bursts), Fraction(1), Fraction(4), Fraction(1, 5), speed=speed)), tmp_path)
    samples = read_samples(audio, 0, audio.samples)
    assert not samples[:16000].any()
    assert not samples[80000:].any()
    loud = np.convolve(np.abs(samples), np.ones(320) / 320, "same") > 0.08
    ends = np.flatnonzero(np.diff(loud.astype(int)) == -1) / 16000
    expected = [float(1 + (second + Fraction(2, 5) - Fraction(1, 5)) / speed) for second in range(6)]
    expected = [end for end in expected if end < 4.9]
    assert len(expected) >= 1
    assert ends[: len(expected)] == pytest.approx(expected, abs=0.03)
    burst = samples[round(expected[0] * 16000) - 2400 : round(expected[0] * 16000) - 800]
    assert int(np.argmax(np.abs(np.fft.rfft(burst * np.hanning(1600))))) * 10 == 400


def test_beyond_the_end_is_silence(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    over, beyond = piece_of(sources["mono"], SECONDS - 1), replace(piece_of(sources["stereo"], 500), record_start_s=Fraction(3))
    audio = extract_audio(plan_of(over, beyond), tmp_path)
    assert level_db(read_samples(audio, 16000, 31900), noise(3, 16000 * (SECONDS - 1), 16000 * SECONDS - 100)) == pytest.approx(0, abs=0.1)
    assert not read_samples(audio, 32100, audio.samples).any()


def test_the_range_cuts_pieces(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    early = replace(piece_of(sources["mono"]), record_start_s=Fraction(-1))
    late = replace(piece_of(sources["mono"]), record_start_s=Fraction(5))
    audio = extract_audio(plan_of(early, late), tmp_path)
    assert audio.samples == 96000
    assert best_lag(read_samples(audio, 0, 16000), noise(3, 48000, 64000), 800)[0] == 0
    assert best_lag(read_samples(audio, 80000, 96000), noise(3, 32000, 48000), 800)[0] == 0


def test_files_and_their_bytes(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    audio = extract_audio(plan_of(piece_of(sources["mono"])), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["audio.wav", "peaks.dat"]
    assert open_audio(tmp_path / "audio.wav") == audio == Audio(tmp_path / "audio.wav", 96000)
    peaks = (tmp_path / "peaks.dat").read_bytes()
    assert np.frombuffer(peaks[:24], "<i4").tolist() == [2, 1, 16000, 160, 600, 1]
    pairs = np.frombuffer(peaks[24:], np.int8).reshape(-1, 2)
    assert pairs.shape == (600, 2)
    assert not pairs[:100].any()
    pixel = read_samples(audio, 16000 + 160, 16000 + 320) * 128
    assert pairs[101].tolist() == [int(np.floor(pixel.min())), int(np.floor(pixel.max()))]


def test_the_same_plan_gives_the_same_bytes(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    pieces = [replace(piece_of(source), gain_db=-1.7) for source in sources.values()]
    contents = set()
    for workers in (1, 3):
        extract_audio(plan_of(*pieces), tmp_path, workers=workers)
        contents.add((tmp_path / "audio.wav").read_bytes())
    assert len(contents) == 1


def test_a_sum_too_long_for_memory_is_the_same(sources: dict[str, NoiseSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(*[piece_of(source) for source in sources.values()])
    extract_audio(plan, tmp_path)
    in_memory = (tmp_path / "audio.wav").read_bytes()
    monkeypatch.setattr(extract, "MEMORY_LIMIT_SAMPLES", 1000)
    extract_audio(plan, tmp_path)
    assert (tmp_path / "audio.wav").read_bytes() == in_memory
    assert sorted(file.name for file in tmp_path.iterdir()) == ["audio.wav", "peaks.dat"]


def test_progress_counts_source_seconds(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    news: list[tuple[float, float]] = []
    extract_audio(plan_of(piece_of(sources["mono"])), tmp_path, lambda done, total: news.append((done, total)))
    assert news[-1] == (2.62, 2.62)
    assert [done for done, _ in news] == sorted(done for done, _ in news)


def decoders() -> list[psutil.Process]:
    """Children that are ffmpeg; other tests leave helpers of their own running."""
    return [child for child in psutil.Process().children() if any("ffmpeg" in word for word in child.cmdline()[:2])]


def bad_plans(sources: dict[str, NoiseSource], folder: Path) -> dict[str, tuple[AudioPlan, str]]:
    good = piece_of(sources["stereo"])
    (folder / "text.mp4").write_text("hello")
    (folder / "cut.mov").write_bytes(sources["aac"].path.read_bytes()[:2000])
    run_ffmpeg(["-i", str(sources["aac"].path), "-an", "-c", "copy", str(folder / "mute.mov")], CancelToken())
    return {
        "missing file": (plan_of(good, replace(good, file=str(folder / "gone.mov"))), "media.missing"),
        "text": (plan_of(good, replace(good, file=str(folder / "text.mp4"))), "media.not_media"),
        "truncated": (plan_of(good, replace(good, file=str(folder / "cut.mov"))), "media.truncated"),
        "no sound": (plan_of(good, replace(good, file=str(folder / "mute.mov"))), "extract.no_sound"),
        "no stream": (plan_of(good, replace(good, stream=3)), "extract.no_stream"),
        "no channel": (plan_of(good, replace(good, channels=(0, 2))), "extract.no_channel"),
        "no file": (plan_of(good, replace(good, file=None)), "extract.no_file"),
        "zero length": (plan_of(good, replace(good, record_duration_s=Fraction(0))), "extract.zero_length"),
        "all skipped": (plan_of(replace(good, skipped_because="plan.offline")), "extract.nothing_audible"),
        "empty range": (plan_of(good, seconds=0), "extract.empty_range"),
    }


@pytest.mark.parametrize(
    "case", ["missing file", "text", "truncated", "no sound", "no stream", "no channel", "no file", "zero length", "all skipped", "empty range"]
)
def test_bad_plans_leave_nothing_behind(sources: dict[str, NoiseSource], tmp_path: Path, case: str) -> None:
    plan, code = bad_plans(sources, tmp_path)[case]
    job = tmp_path / "job"
    job.mkdir()
    with pytest.raises(InputError) as caught:
        extract_audio(plan, job)
    assert caught.value.code == code
    assert caught.value.message("en") != caught.value.message("zh")
    assert caught.value.hint("zh")
    assert list(job.iterdir()) == []


def test_a_disk_with_too_little_room(sources: dict[str, NoiseSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=10 << 20))
    expect_error(sources, tmp_path, SetupError, "extract.disk_full")


@FULL_DEVICE
@pytest.mark.parametrize("name", ["audio.wav", "peaks.dat"])
def test_a_disk_that_fills_up_while_writing(sources: dict[str, NoiseSource], tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.part").symlink_to("/dev/full")
    expect_error(sources, tmp_path, SetupError, "extract.disk_full")


@FULL_DEVICE
def test_a_disk_that_fills_up_with_the_sum(sources: dict[str, NoiseSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MEMORY_LIMIT_SAMPLES", 1000)
    (tmp_path / "sum.part").symlink_to("/dev/full")
    expect_error(sources, tmp_path, SetupError, "extract.disk_full")


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.EROFS, InputError, "extract.folder_not_writable"),
        (errno.EACCES, InputError, "extract.folder_not_writable"),
        (errno.EIO, StageError, "extract.write_failed"),
    ],
)
def test_a_folder_that_refuses(
    sources: dict[str, NoiseSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[EngineError], code: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "touch", refuse)
    expect_error(sources, tmp_path, kind, code)


def test_a_folder_that_is_not_there(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        extract_audio(plan_of(piece_of(sources["mono"])), tmp_path / "nowhere")
    assert caught.value.code == "extract.folder_not_writable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    expect_error(sources, tmp_path, InputError, "extract.folder_not_writable")


def expect_error(sources: dict[str, NoiseSource], folder: Path, kind: type[EngineError], code: str) -> None:
    with pytest.raises(kind) as caught:
        extract_audio(plan_of(piece_of(sources["mono"])), folder)
    assert caught.value.code == code
    assert list(folder.iterdir()) == []


def test_an_earlier_result_survives_a_failure(sources: dict[str, NoiseSource], tmp_path: Path) -> None:
    extract_audio(plan_of(piece_of(sources["mono"])), tmp_path)
    before = (tmp_path / "audio.wav").read_bytes()
    with pytest.raises(InputError):
        extract_audio(plan_of(replace(piece_of(sources["mono"]), channels=(5,))), tmp_path)
    assert (tmp_path / "audio.wav").read_bytes() == before


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_stopping_ends_the_decoders_and_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    """An hour of silence takes seconds to decode, so both decoders are at work when the first news comes."""
    hour = tmp_path / "hour.wav"
    with wave.open(str(hour), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(3600 * 8000))
    seen: list[psutil.Process] = []

    def interrupt(done_s: float, total_s: float) -> None:
        seen.extend(decoders())
        if seen:
            raise stop

    job = tmp_path / "job"
    job.mkdir()
    pieces = [AudioPiece(str(hour), Fraction(0), Fraction(3000), Fraction(start), speed=Fraction(101, 100)) for start in (0, 1, 2)]
    with pytest.raises(stop):
        extract_audio(plan_of(*pieces, seconds=3000), job, interrupt)
    assert seen
    assert not any(child.is_running() for child in seen)
    assert list(job.iterdir()) == []
