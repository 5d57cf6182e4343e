"""`canto-beats waveform` and `canto-beats thumbnails` as a user meets them: options, what is printed, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from fakes.counted_film import counted
from fakes.footage import make_job, write_wav


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_waveform(tmp_path: Path) -> None:
    job = make_job(tmp_path / "a.job")
    result = call("waveform", job, "--size", "400x200", "--format", "png, SVG", "--look", "light", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"png: {tmp_path}/out/訪問 #1.waveform.png (drawn by Pillow)\nsvg: {tmp_path}/out/訪問 #1.waveform.svg\n"
    assert "1/1 Drawing the waveform" in result.stderr


def test_a_part_of_a_waveform_as_json(tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "a.wav", 8)
    result = call("waveform", sound, "--format", "dat", "--range", "00:00:01:00", "00:00:02:00", "--zoom", "1", "--json")
    path = tmp_path / "a 00-00-01-00 00-00-02-00.waveform.dat"
    assert json.loads(result.stdout) == {"deliverables": [{"kind": "dat", "path": str(path), "by": ""}]}
    assert path.stat().st_size == 24 + 2 * 25


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--size", "large"), "large is not a picture size."),
        (("--size", "40000x200"), "A waveform of 40000x200 pixels cannot be drawn."),
        (("--format", "gif"), "A waveform cannot be written as gif."),
    ],
)
def test_a_waveform_that_cannot_be(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = call("waveform", write_wav(tmp_path / "a.wav", 1), *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_thumbnails(tmp_path: Path) -> None:
    result = call("thumbnails", counted(tmp_path / "film.mp4"), "--count", "2")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path}/film.thumbnails\n2 pictures, taken by PyAV\n"


def test_thumbnails_where_some_are_missing(tmp_path: Path) -> None:
    whole = counted(tmp_path / "film.mp4", "-movflags", "+faststart")
    whole.write_bytes(whole.read_bytes()[:-600])
    result = call("thumbnails", whole, "--every", "1", "--strip")
    assert result.exit_code == 0, result.output
    assert "moments without a picture: " in result.stdout


def test_a_strip_as_json(tmp_path: Path) -> None:
    result = call("thumbnails", counted(tmp_path / "film.mp4"), "--at", "00:00:01:05", "--strip", "--width", "32", "--json")
    assert json.loads(result.stdout) == {
        "deliverables": [{"kind": "jpg", "path": f"{tmp_path}/film.strip.jpg"}, {"kind": "vtt", "path": f"{tmp_path}/film.strip.vtt"}],
        "thumbnails": [
            {"timecode": "00:00:01:05", "path": f"{tmp_path}/film.strip.jpg", "xywh": [0, 0, 32, 18], "start_s": 1.2, "end_s": 4.0, "by": "PyAV"}
        ],
    }


def test_one_way_of_saying_when(tmp_path: Path) -> None:
    result = call("thumbnails", tmp_path / "film.mp4", "--count", "2", "--every", "3", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "thumbnails.one_way"
