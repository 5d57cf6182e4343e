"""`canto-beats waveform`: jobs and plain sound, parts of them, what is missing, and names that are taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import Cancelled, InputError
from core.job import open_job
from core.media.waveform import read_peaks
from core.media.waveform_files import Made, WaveformWish, make_waveform
from core.progress import CancelToken, Progress, no_report
from fakes import quartz
from fakes.footage import make_job, write_wav


def make(source: Path, **wishes: Any) -> tuple[Made, ...]:
    return make_waveform(source, WaveformWish(**{"size": (400, 200), **wishes}), no_report, CancelToken())


@pytest.fixture
def job(tmp_path: Path) -> Path:
    return make_job(tmp_path / "訪問.job")


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def inked(path: Path) -> int:
    """How many different colours the picture has."""
    with Image.open(path) as image:
        return len(image.convert("RGB").getcolors(10_000) or ())


def test_a_job_in_every_format(job: Path) -> None:
    made = make(job, formats=("png", "svg", "dat", "json", "png"), size=(800, 200))
    assert [(one.format, one.path.name, one.by) for one in made] == [
        ("png", "訪問 #1.waveform.png", "Pillow"),
        ("svg", "訪問 #1.waveform.svg", ""),
        ("dat", "訪問 #1.waveform.dat", ""),
        ("json", "訪問 #1.waveform.json", ""),
    ]
    assert {one.path.parent for one in made} == {job.parent}
    assert size_of(made[0].path) == (800, 200)
    assert "第1句" in made[1].path.read_text("utf-8")
    assert len(read_peaks(made[2].path).pairs) == json.loads(made[3].path.read_text())["length"] == 800


def test_plain_sound_is_decoded_and_leaves_nothing_behind(tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "錄音.wav", 8)
    (made,) = make(sound, formats=("dat",), out=tmp_path / "out")
    heard = read_peaks(made.path).pairs
    assert heard.shape == (800, 2)
    assert not heard[5:95].any() and heard[150:195, 1].min() > 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "錄音.wav"]


@pytest.mark.parametrize("kind", ["job", "wav"])
def test_a_part_is_named_after_its_timecodes(job: Path, kind: str) -> None:
    source = job if kind == "job" else write_wav(job.parent / "訪問 #1.wav", 8)
    hour = "01" if kind == "job" else "00"
    (made,) = make(source, formats=("dat",), time_range=(f"{hour}:00:01:00", f"{hour}:00:02:12"))
    assert made.path.name == f"訪問 #1 {hour}-00-01-00 {hour}-00-02-12.waveform.dat"
    heard = read_peaks(made.path).pairs
    assert len(heard) == 148
    assert heard[80:95, 1].min() > 50 and not heard[105:].any()


def test_zoom_leaves_a_quarter_of_the_points(job: Path) -> None:
    (made,) = make(job, formats=("dat",), zoom=2)
    assert (len(read_peaks(made.path).pairs), read_peaks(made.path).samples_per_pixel) == (50, 2560)


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_peaks_that_are_damaged_are_made_again_from_the_sound(job: Path, damage: str) -> None:
    before = read_peaks(job / "peaks.dat").pairs
    if damage == "missing":
        (job / "peaks.dat").unlink()
    else:
        (job / "peaks.dat").write_bytes((job / "peaks.dat").read_bytes()[:100])
    (made,) = make(job, formats=("dat",))
    assert np.array_equal(read_peaks(made.path).pairs, before)


@pytest.mark.parametrize("name", ["document.json", "regions.json"])
@pytest.mark.parametrize("content", [None, "{", '{"schema": "other"}'])
def test_a_job_without_cues_or_speech_is_drawn_without(job: Path, name: str, content: str | None) -> None:
    whole = inked(make(job)[0].path)
    (job / name).unlink()
    if content is not None:
        (job / name).write_text(content)
    assert 3 < inked(make(job)[0].path) < whole


def test_a_job_without_sound_says_so(job: Path) -> None:
    (job / "audio.wav").unlink()
    with pytest.raises(InputError) as caught:
        make(job)
    assert caught.value.code == "waveform.no_sound_yet"


def test_a_folder_that_is_no_job(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        make(tmp_path)
    assert caught.value.code == "formats.not_a_job"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"formats": ("png", "gif")}, "waveform.unknown_format"),
        ({"size": (63, 200)}, "waveform.bad_size"),
        ({"size": (4000, 2001)}, "waveform.bad_size"),
        ({"register": "written"}, "formats.unknown_register"),
        ({"time_range": ("01:00:02:00", "01:00:01:00")}, "timeline.range_inverted"),
        ({"time_range": ("01:00:02:00", "01:00:09:00")}, "timeline.range_outside"),
        ({"time_range": ("one", "two")}, "timing.bad_timecode"),
    ],
)
def test_wishes_that_cannot_be_met(job: Path, wish: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        make(job, **wish)
    assert caught.value.code == code
    assert [path.name for path in job.parent.iterdir()] == ["訪問.job"]


def test_the_users_file_keeps_its_name_and_ours_is_replaced(job: Path) -> None:
    theirs = job.parent / "訪問 #1.waveform.svg"
    theirs.write_text("mine")
    assert make(job, formats=("svg", "png"))[0].path.name == "訪問 #1.waveform 2.svg"
    again = make(job, formats=("svg", "png"), look="light")
    assert [one.path.name for one in again] == ["訪問 #1.waveform 2.svg", "訪問 #1.waveform.png"]
    assert theirs.read_text() == "mine"


def test_a_job_that_is_running_is_left_alone(job: Path) -> None:
    with open_job(job, "/media/訪問 #1.mov"), pytest.raises(InputError) as caught:
        make(job)
    assert caught.value.code == "job.busy"


def test_cancel_leaves_nothing(job: Path) -> None:
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        cancel.cancel()

    with pytest.raises(Cancelled):
        make_waveform(job, WaveformWish(("png", "svg")), stop, cancel)
    assert [path.name for path in job.parent.iterdir()] == ["訪問.job"]


def test_core_graphics_draws_where_it_is(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quartz.install(monkeypatch)
    (made,) = make(job)
    assert made.by == "Core Graphics"
    assert size_of(made.path) == (400, 200)


def test_pillow_draws_when_core_graphics_does_not(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quartz.install(monkeypatch).CIContext.fails = True
    (made,) = make(job)
    assert made.by == "Pillow"
    assert size_of(made.path) == (400, 200)


def test_without_pyobjc_a_mac_draws_by_pillow(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setitem(__import__("sys").modules, "Quartz", None)
    assert make(job)[0].by == "Pillow"
