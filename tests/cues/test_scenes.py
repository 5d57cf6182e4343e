"""Cuts: the edit's own, or found in a file that nobody cut."""

from fractions import Fraction
from pathlib import Path

import pytest

from core.cues.scenes import cuts_of
from core.errors import Cancelled
from core.media.ffmpeg import run_ffmpeg
from core.media.scenes import find_cuts
from core.progress import CancelToken
from core.timeline import AudioPiece, AudioPlan
from core.timing import FrameRate

PAL = FrameRate(25)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds: a test card, bars from 2 s, another card from 4 s; with a tone."""
    file = tmp_path_factory.mktemp("film") / "film.mp4"
    pictures = [f"{name}=s=320x180:r=25:d=2" for name in ("testsrc2", "smptebars", "rgbtestsrc")]
    inputs = [part for picture in pictures for part in ("-f", "lavfi", "-i", picture)]
    sound = ["-f", "lavfi", "-i", "sine=r=16000:d=6"]
    graph = "[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[2:v]format=yuv420p[c];[a][b][c]concat=n=3:v=1[v]"
    run_ffmpeg([*inputs, *sound, "-filter_complex", graph, "-map", "[v]", "-map", "3:a", "-c:v", "mpeg4", "-c:a", "aac", str(file)], CancelToken())
    return file


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tone") / "tone.wav"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=r=16000:d=1", str(file)], CancelToken())
    return file


def plan_of(file: Path, cuts: tuple[int, ...] = (), **more: object) -> AudioPlan:
    piece = AudioPiece(str(file), Fraction(0), Fraction(6), **more)  # type: ignore[arg-type]
    return AudioPlan(PAL, 0, 150, (piece,), cuts)


def quiet(*heard: object) -> None:
    """Progress that nobody watches."""


def test_cuts_inside_a_file(film: Path) -> None:
    heard: list[float] = []
    assert find_cuts(film, heard.append, CancelToken()) == (Fraction(2), Fraction(4))
    assert heard[-1] == 6.0


def test_an_uncut_file_is_looked_at(film: Path) -> None:
    assert cuts_of(plan_of(film), quiet, detect=True) == (50, 100)
    assert cuts_of(plan_of(film), quiet, detect=False) == ()


def test_times_are_those_of_the_range(film: Path) -> None:
    assert cuts_of(plan_of(film, source_start_s=Fraction(3)), quiet, detect=True) == (25,)


def test_the_edits_own_cuts_need_no_looking(film: Path) -> None:
    assert cuts_of(plan_of(film, (70, 10)), quiet, detect=True) == (10, 70)


def test_sound_alone_and_a_file_that_is_gone_have_no_cuts(tone: Path) -> None:
    assert cuts_of(plan_of(tone), quiet, detect=True) == ()
    assert cuts_of(plan_of(tone.with_name("no.mp4")), quiet, detect=True) == ()


def test_looking_can_be_stopped(film: Path) -> None:
    def stop(*heard: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        cuts_of(plan_of(film), stop, detect=True)
