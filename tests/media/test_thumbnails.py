"""Which library takes the pictures, and what it is asked: AVFoundation by a fake of pyobjc's modules, PyAV for real."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import pytest

from core.errors import Cancelled, InputError
from core.media.thumbnails import take
from core.media.thumbs_base import Ask, Shot
from core.progress import CancelToken
from fakes import avfoundation
from fakes.counted_film import counted, make, number_of

TIMES = (Fraction(1), Fraction(2), Fraction(3))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return counted(tmp_path_factory.mktemp("films") / "film.mov")


def taken(file: Path, ask: Ask) -> list[Shot]:
    return list(take(file, ask, CancelToken()))


def test_avfoundation_takes_what_quicktime_plays(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = avfoundation.install(monkeypatch)
    found = taken(film, Ask(TIMES, 80))
    assert [shot.by for shot in found] == ["AVFoundation"] * 3
    assert generator.asset == ("asset", film)
    assert generator.asked == list(TIMES)
    assert generator.settings == {
        "AppliesPreferredTrackTransform": True,
        "MaximumSize": (80, 1280),
        "RequestedTimeToleranceBefore": 1,
        "RequestedTimeToleranceAfter": "zero",
    }
    assert [shot.shown_s for shot in found] == [None, None, None]
    for shot, red in zip(found, (10, 20, 30), strict=True):
        assert shot.pixels is not None and shot.pixels.shape == (45, 80, 3)
        assert shot.pixels[20, 40].tolist() == [red, 0, 0]


@pytest.mark.parametrize(("ask", "before"), [(Ask(TIMES, exact=True), "zero"), (Ask(TIMES[:1]), "infinity")])
def test_how_far_back_a_picture_may_lie(film: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask, before: str) -> None:
    generator = avfoundation.install(monkeypatch)
    found = taken(film, ask)
    assert generator.settings["RequestedTimeToleranceBefore"] == before
    assert [shot.shown_s for shot in found] == (list(TIMES) if ask.exact else [None])


def test_times_are_exact(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = avfoundation.install(monkeypatch)
    taken(film, Ask((Fraction(1001 * 37, 24000),), exact=True))
    assert generator.asked == [Fraction(37037, 24000)]


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_pyav_takes_the_rest_after_an_error(film: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    avfoundation.install(monkeypatch).fails_at = fails_at
    found = taken(film, Ask(TIMES))
    assert [shot.by for shot in found] == ["AVFoundation"] * fails_at + ["PyAV"] * (3 - fails_at)
    assert [shot.asked_s for shot in found] == list(TIMES)
    assert number_of(found[2].pixels) == 75


@pytest.mark.parametrize("ending", ["mkv", "avi", "mxf"])
def test_pyav_takes_what_quicktime_does_not_play(film: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    coding = {"mkv": "copy", "avi": "mjpeg", "mxf": "mpeg2video"}[ending]
    other = make(film.with_suffix(f".{ending}"), "-i", str(film), "-c:v", coding, "-q:v", "1")
    generator = avfoundation.install(monkeypatch)
    assert [number_of(shot.pixels) for shot in taken(other, Ask(TIMES, exact=True))] == [25, 50, 75]
    assert generator.asked == []


@pytest.mark.parametrize("missing", ["AVFoundation", "CoreMedia", "Quartz"])
def test_pyav_takes_them_on_a_mac_without_pyobjc(film: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    avfoundation.install(monkeypatch)
    monkeypatch.setitem(sys.modules, missing, None)
    assert [shot.by for shot in taken(film, Ask(TIMES))] == ["PyAV"] * 3


def test_what_no_library_reads_is_pyavs_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    avfoundation.install(monkeypatch).fails_at = 0
    (tmp_path / "a.mov").write_bytes(b"no film" * 100)
    with pytest.raises(InputError) as caught:
        taken(tmp_path / "a.mov", Ask(TIMES))
    assert caught.value.code == "media.not_media"


def test_cancel_is_no_reason_to_try_pyav(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    avfoundation.install(monkeypatch)
    cancel = CancelToken()
    found = take(film, Ask(TIMES), cancel)
    next(found)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(found)
