"""`canto-beats thumbnails`: moments, jobs, strips and their index, and what is left behind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import Cancelled, InputError
from core.media import thumb_sheets
from core.media.thumb_plan import Moments
from core.media.thumb_sheets import Thumbnails
from core.media.thumbnail_files import ThumbnailWish, make_thumbnails
from core.progress import CancelToken, Progress, no_report
from core.timeline import AudioPiece
from fakes.counted_film import counted, make, number_of
from fakes.footage import make_job


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return counted(tmp_path_factory.mktemp("films") / "訪問 #1.mov", "-timecode", "01:00:00:00")


def taken(source: Path, moments: Moments, out: Path, **wishes: Any) -> Thumbnails:
    return make_thumbnails(source, ThumbnailWish(moments, out=out, **wishes), no_report, CancelToken())


def pixels(file: Path | None, place: tuple[int, int, int, int]) -> Any:
    assert file is not None
    x, y, wide, high = place
    with Image.open(file) as image:
        return np.asarray(image)[y : y + high, x : x + wide]


def numbers(made: Thumbnails) -> list[int]:
    return [number_of(pixels(picture.file, picture.place)) for picture in made.pictures]


def test_a_folder_of_pictures_named_by_timecode(film: Path, tmp_path: Path) -> None:
    made = taken(film, Moments(count=4), tmp_path)
    assert [path.name for path in made.files] == ["訪問 #1.thumbnails"]
    assert sorted(path.name for path in made.files[0].iterdir()) == [
        "0001 01-00-00-12.jpg", "0002 01-00-01-12.jpg", "0003 01-00-02-12.jpg", "0004 01-00-03-12.jpg",
    ]  # fmt: skip
    assert numbers(made) == [0, 25, 50, 75]
    assert [picture.place for picture in made.pictures] == [(0, 0, 160, 90)] * 4
    assert {picture.by for picture in made.pictures} == {"PyAV"}


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        (Moments(every_s=Fraction(3, 2)), [(0, 0, "1.5"), ("1.48", "1.5", 3), (3, 3, 4)]),
        (Moments(count=2), [(1, 0, 2), (3, 2, 4)]),
        (Moments(at=("01:00:03:00", "01:00:00:13", "01:00:03:00")), [("0.52", "0.52", 3), (3, 3, 4)]),
        (Moments(at=("01:00:04:00",)), [("3.96", "3.96", 4)]),
    ],
)
def test_moments_and_the_time_they_stand_for(film: Path, tmp_path: Path, moments: Moments, expected: list[tuple[Any, ...]]) -> None:
    made = taken(film, moments, tmp_path)
    found = [(picture.moment.at_s, picture.moment.from_s, picture.moment.until_s) for picture in made.pictures]
    assert found == [tuple(Fraction(str(value)) for value in row) for row in expected]


def test_timecodes_are_met_to_the_frame(film: Path, tmp_path: Path) -> None:
    assert numbers(taken(film, Moments(at=("01:00:00:13", "01:00:02:24")), tmp_path)) == [13, 74]


def test_exact_where_key_frames_would_do(film: Path, tmp_path: Path) -> None:
    assert numbers(taken(film, Moments(count=2), tmp_path, exact=True)) == [25, 75]
    assert numbers(taken(film, Moments(count=4), tmp_path, exact=True)) == [12, 37, 62, 87]


def test_a_strip_and_its_index(film: Path, tmp_path: Path) -> None:
    made = taken(film, Moments(count=12), tmp_path, strip=True, width=32)
    assert [path.name for path in made.files] == ["訪問 #1.strip.jpg", "訪問 #1.strip.vtt"]
    with Image.open(made.files[0]) as image:
        assert image.size == (320, 36)
    assert numbers(made) == [4, 12, 20, 29, 37, 45, 54, 62, 70, 79, 87, 95]
    lines = made.files[1].read_text("utf-8").split("\n")
    assert lines[:5] == ["WEBVTT", "", "00:00:00.000 --> 00:00:00.333", "%E8%A8%AA%E5%95%8F%20%231.strip.jpg#xywh=0,0,32,18", ""]
    assert lines[-3:-1] == ["00:00:03.666 --> 00:00:04.000", "%E8%A8%AA%E5%95%8F%20%231.strip.jpg#xywh=32,18,32,18"]


def test_a_long_strip_has_several_sheets(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumb_sheets, "_LONGEST", 80)
    made = taken(film, Moments(count=9), tmp_path, strip=True, width=32)
    assert [path.name for path in made.files] == ["訪問 #1.strip-1.jpg", "訪問 #1.strip-2.jpg", "訪問 #1.strip.vtt"]
    assert [picture.place[:2] for picture in made.pictures] == [(0, 0), (32, 0), (0, 18), (32, 18), (0, 36), (32, 36), (0, 54), (32, 54), (0, 0)]
    with Image.open(made.files[0]) as first, Image.open(made.files[1]) as second:
        assert (first.size, second.size) == ((64, 72), (64, 18))
    assert "strip-2.jpg#xywh=0,0,32,18" in made.files[2].read_text()


def test_names_that_are_taken_are_kept(film: Path, tmp_path: Path) -> None:
    (tmp_path / "訪問 #1.strip.vtt").write_text("mine")
    (tmp_path / "訪問 #1.thumbnails").mkdir()
    assert [path.name for path in taken(film, Moments(count=1), tmp_path, strip=True).files] == ["訪問 #1.strip 2.jpg", "訪問 #1.strip 2.vtt"]
    assert [path.name for path in taken(film, Moments(count=1), tmp_path).files] == ["訪問 #1 2.thumbnails"]
    assert (tmp_path / "訪問 #1.strip.vtt").read_text() == "mine"


def test_a_job_is_seen_through_its_pieces(film: Path, tmp_path: Path) -> None:
    """Two seconds from the middle of the film, a gap, sound without picture, the film at double speed, a file that is gone."""
    job = tmp_path / "a.job"
    pieces = (
        AudioPiece(str(film), Fraction(0), Fraction(2), Fraction(1)),
        AudioPiece(str(job / "audio.wav"), Fraction(3), Fraction(1)),
        AudioPiece(str(film), Fraction(4), Fraction(2), speed=Fraction(2), skipped_because="plan.silenced"),
        AudioPiece(str(tmp_path / "gone.mov"), Fraction(6), Fraction(1)),
    )
    make_job(job, 8, pieces)
    made = taken(job, Moments(every_s=Fraction(1)), tmp_path, exact=True, strip=True)
    seen = [number_of(pixels(picture.file, picture.place)) if picture.file else None for picture in made.pictures]
    assert seen == [25, 50, None, None, 0, 50, None, None]
    assert [picture.timecode for picture in made.pictures][:2] == ["01:00:00:00", "01:00:01:00"]
    assert made.files[1].read_text().count("-->") == 4
    assert (pixels(made.files[0], (320, 0, 160, 90)) < 40).all()


def test_a_silent_film_has_pictures_too(film: Path, tmp_path: Path) -> None:
    assert len(taken(film, Moments(count=1), tmp_path).pictures) == 1


def test_other_shapes_are_fitted_into_the_cells(film: Path, tmp_path: Path) -> None:
    tall = counted(tmp_path / "tall.mp4", size="36x64")
    job = make_job(tmp_path / "a.job", 8, (AudioPiece(str(film), Fraction(0), Fraction(4)), AudioPiece(str(tall), Fraction(4), Fraction(4))))
    made = taken(job, Moments(every_s=Fraction(4)), tmp_path, strip=True)
    cell = pixels(made.files[0], made.pictures[1].place)
    assert cell.shape == (90, 160, 3)
    assert cell[:, :50].max() < 45  # beside the tall picture


@pytest.mark.parametrize(
    ("moments", "code"),
    [
        (Moments(every_s=Fraction(1, 26)), "thumbnails.bad_distance"),
        (Moments(count=10_001), "thumbnails.too_many"),
        (Moments(at=("00:00:00:00",)), "timeline.range_outside"),
        (Moments(at=("soon",)), "timing.bad_timecode"),
    ],
)
def test_moments_that_cannot_be(film: Path, tmp_path: Path, moments: Moments, code: str) -> None:
    with pytest.raises(InputError) as caught:
        taken(film, moments, tmp_path)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_can_be_decoded(film: Path, tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mp4", "-i", str(film), "-c", "copy", "-movflags", "+faststart")
    data = whole.read_bytes()
    whole.write_bytes(data[: data.index(b"mdat") + 8])
    with pytest.raises(InputError) as caught:
        taken(whole, Moments(count=3), tmp_path / "out")
    assert caught.value.code == "thumbnails.nothing_decoded"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_sound_alone(tmp_path: Path, name: str) -> None:
    sound = make(tmp_path / name, "-f", "lavfi", "-i", "anoisesrc=d=1")
    with pytest.raises(InputError) as caught:
        taken(sound, Moments(count=3), tmp_path / "out")
    assert caught.value.code == "thumbnails.no_picture"


@pytest.mark.parametrize("strip", [False, True])
def test_cancel_leaves_nothing(film: Path, tmp_path: Path, strip: bool) -> None:
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        cancel.cancel()

    with pytest.raises(Cancelled):
        make_thumbnails(film, ThumbnailWish(Moments(count=4), strip=strip, out=tmp_path), stop, cancel)
    assert list(tmp_path.iterdir()) == []
