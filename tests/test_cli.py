"""The command line as a user meets it: one JSON object, clear refusals with their exit codes, nothing half-written."""

import json
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from core.demo import SAMPLE, sample_timeline
from core.job import open_job
from core.media.ffmpeg import run_ffmpeg
from core.progress import CancelToken
from fakes import otio_shapes as shapes


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CANTO_BEATS_SETTINGS", str(folder / "settings.toml"))
    monkeypatch.setenv("CANTO_BEATS_MODELS", str(folder / "models"))
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refused(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and error code of a --json run that must fail without a traceback."""
    result = call(*arguments, "--json")
    assert isinstance(result.exception, SystemExit), result.exception
    error = json.loads(result.stdout)["error"]
    assert error["message"] and error["hint"]
    return result.exit_code, error["code"]


def practice(source: Path, out: Path) -> tuple[str | Path, ...]:
    return ("transcribe", source, "--asr-model", "practice", "--device", "cpu", "--out", out)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], Path]:
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "core", "demo", "--device", "cpu", "--out", str(out), "--json"], capture_output=True, text=True, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer, out


def test_the_demo_recognises_its_sample(demo: tuple[dict[str, object], Path]) -> None:
    answer, _ = demo
    assert isinstance(answer["error_rate"], float) and answer["error_rate"] <= 0.12
    assert isinstance(answer["worst_edge_ms"], int) and answer["worst_edge_ms"] <= 300
    assert isinstance(answer["cues"], int) and answer["cues"] >= 15


def test_the_demo_leaves_the_files_it_names(demo: tuple[dict[str, object], Path]) -> None:
    answer, _ = demo
    deliverables = answer["deliverables"]
    assert isinstance(deliverables, list)
    assert [made["kind"] for made in deliverables] == ["srt"]
    assert Path(deliverables[0]["path"]).read_text("utf-8").startswith("1\n00:00:0")
    job = Path(str(answer["job"]))
    assert {"audio.wav", "peaks.dat", "regions.json", "transcript.json", "document.json", "plan.json", "job.json", "log.txt"} <= {
        file.name for file in job.iterdir()
    }
    with wave.open(str(job / "audio.wav")) as audio:
        assert (audio.getnchannels(), audio.getsampwidth(), audio.getframerate()) == (1, 2, 16000)
    seconds = answer["seconds"]
    assert isinstance(seconds, dict)
    assert list(seconds) == ["plan", "extract", "find_speech", "transcribe", "make_cues", "run_passes", "lay_out", "deliver"]


def test_an_edited_subtitle_file_is_kept(demo: tuple[dict[str, object], Path]) -> None:
    _, out = demo
    srt = out / f"{sample_timeline().stem}.srt"
    srt.write_text("edited by hand", "utf-8")
    result = call(*practice(sample_timeline(), out), "--json")
    assert result.exit_code == 0, result.output
    assert srt.read_text("utf-8") == "edited by hand"
    assert json.loads(result.stdout)["deliverables"][0]["path"] == str(out / f"{sample_timeline().stem} 2.srt")


def test_without_real_weights_a_users_media_is_refused_with_the_command_that_gets_them(tmp_path: Path) -> None:
    result = call("transcribe", sample_timeline(), "--out", tmp_path, "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"]) == (3, "weights.none_installed")
    assert "canto-beats models get whisper-" in error["hint"]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file(tmp_path: Path) -> None:
    assert refused(*practice(tmp_path / "no.mov", tmp_path / "out")) == (2, "media.missing")
    assert not (tmp_path / "out").exists()


def test_text_renamed_to_mp4(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("this is a shopping list\n" * 50)
    assert refused(*practice(tmp_path / "a.mp4", tmp_path / "out")) == (2, "media.not_media")


def test_a_film_without_sound(tmp_path: Path) -> None:
    film = tmp_path / "silent.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "testsrc=s=64x64:d=1", str(film)], CancelToken())
    assert refused(*practice(film, tmp_path / "out")) == (2, "timeline.no_sound_in_file")


def test_a_truncated_mp4(tmp_path: Path) -> None:
    film = tmp_path / "cut.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "testsrc=s=64x64:d=2", "-f", "lavfi", "-i", "sine=d=2", str(film)], CancelToken())
    film.write_bytes(film.read_bytes()[:2000])
    assert refused(*practice(film, tmp_path / "out")) == (2, "media.truncated")


def test_a_clip_of_no_length(tmp_path: Path) -> None:
    sound = tmp_path / "sound.wav"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=d=1", str(sound)], CancelToken())
    media = shapes.external(str(sound), shapes.span(0, 25, 25))
    edit = shapes.timeline(shapes.track("Audio", shapes.clip("nothing", shapes.span(0, 0, 25), media)), start=shapes.time(90000, 25))
    code, name = refused(*practice(shapes.write(tmp_path, edit), tmp_path / "out"))
    assert (code, name) == (2, "plan.only_zero_length")


def test_an_otio_that_is_a_clip(tmp_path: Path) -> None:
    (tmp_path / "a.otio").write_text('{"OTIO_SCHEMA": "Clip.2", "name": "x", "metadata": {}}')
    assert refused(*practice(tmp_path / "a.otio", tmp_path / "out")) == (2, "timeline.not_a_timeline")


def test_an_otio_whose_media_is_all_offline(tmp_path: Path) -> None:
    copy = tmp_path / "offline.otio"
    copy.write_text(sample_timeline().read_text("utf-8"), "utf-8")
    code, name = refused(*practice(copy, tmp_path / "out"))
    assert (code, name) == (2, "plan.all_offline")


def test_an_unknown_frame_rate(tmp_path: Path) -> None:
    (tmp_path / "a.otio").write_text(sample_timeline().read_text("utf-8").replace('"rate": 25.0', '"rate": 26.5'), "utf-8")
    assert refused(*practice(tmp_path / "a.otio", tmp_path / "out")) == (2, "timing.unknown_rate")


def test_a_range_outside_the_timeline(tmp_path: Path) -> None:
    out_of_it = ("--range", "02:00:00:00", "02:00:10:00")
    assert refused(*practice(sample_timeline(), tmp_path), *out_of_it) == (2, "timeline.range_outside")


def test_two_runs_on_one_job(tmp_path: Path) -> None:
    with open_job(tmp_path / f"{sample_timeline().stem}.job", sample_timeline()):
        assert refused(*practice(sample_timeline(), tmp_path)) == (2, "job.busy")


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 256 KiB; needs root, as on a build machine's container."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this user cannot mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_full_disk_is_named_and_nothing_half_written_stays(mount: Path) -> None:
    code, name = refused(*practice(sample_timeline(), mount))
    assert code in (2, 3) and name in ("files.disk_full", "ffmpeg.disk_full", "extract.disk_full")
    assert [file.name for file in mount.rglob("*") if file.suffix in (".part", ".wav", ".srt")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_read_only_folder(mount: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
    assert refused(*practice(sample_timeline(), mount / "out")) == (2, "files.read_only")


def test_bad_options_are_a_usage_error() -> None:
    assert call("transcribe").exit_code == 2
    assert call("transcribe", "a", "--device", "tpu").exit_code == 2


def test_a_message_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTO_BEATS_LANG", "zh")
    result = call(*practice(tmp_path / "冇.mov", tmp_path / "out"))
    assert result.exit_code == 2
    assert "冇.mov" in result.stderr and "找不到" in result.stderr


def test_the_sample_is_small() -> None:
    assert sum(file.stat().st_size for file in SAMPLE.iterdir()) < 4_000_000


def test_a_c_locale_can_print_chinese(demo: tuple[dict[str, object], Path]) -> None:
    _, out = demo
    environment = {**os.environ, "LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": "ascii", "CANTO_BEATS_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-m", "core", "demo", "--device", "cpu", "--out", str(out)], capture_output=True, check=True, env=environment
    )
    assert "Character error rate" in done.stdout.decode("utf-8")
