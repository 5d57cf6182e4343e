"""One moment as a picture: which moment, which clip, and that it is what a render would show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.document_file import write_document
from core.errors import InputError
from core.files import write_json
from core.media.render_source import Named
from core.media.still import Still, preview
from core.plain import to_plain
from core.progress import CancelToken
from core.timeline import AudioPiece, AudioPlan
from fakes.films import RATE, cues

from .conftest import Films
from .test_soft import a_job


@pytest.fixture
def srt(tmp_path: Path) -> Path:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:00,080 --> 00:00:00,360\n喺呢度㗎\n", "utf-8")
    return path


def pixels(still: Still) -> np.ndarray:
    with Image.open(still.path) as picture:
        return np.asarray(picture.convert("L")).astype(int)


def look(source: Path, at: str, subs: Path | None, out: Path, style: str | None = None) -> Still:
    return preview(Named(source, subs, style=style), at, None, out, CancelToken())


@pytest.mark.parametrize(
    ("at", "name"), [("0.2", "grey 00.00.00.05.png"), ("00:00:00:05", "grey 00.00.00.05.png"), ("0:00.24", "grey 00.00.00.06.png")]
)
def test_a_moment_of_a_film(films: Films, srt: Path, tmp_path: Path, at: str, name: str) -> None:
    still = look(films("grey.mp4"), at, srt, tmp_path)
    assert still.path.name == name and still.reasons == ()
    assert pixels(still).shape == (180, 320)
    assert pixels(still)[140:].max() > 230 and pixels(still)[:120].max() < 150


def test_the_ruler_of_the_film_counts(films: Films, srt: Path, tmp_path: Path) -> None:
    still = look(films("timecode.mov"), "01:00:00:05", srt, tmp_path / "x.png")
    assert still.path.name == "x.png" and pixels(still)[140:].max() > 230


@pytest.mark.parametrize("at", ["00:00:09:00", "2.0", "00:59:59:24"])
def test_a_moment_outside(films: Films, srt: Path, tmp_path: Path, at: str) -> None:
    with pytest.raises(InputError) as caught:
        look(films("grey.mp4"), at, srt, tmp_path / "x.png")
    assert caught.value.code == "render.bad_moment"
    assert caught.value.hint() == "Its first frame is 00:00:00:00 and its last 00:00:00:09."


def test_no_subtitle_then(films: Films, srt: Path, tmp_path: Path) -> None:
    still = look(films("grey.mp4"), "0", srt, tmp_path / "x.png")
    assert [reason.text() for reason in still.reasons] == ["No subtitle is shown at that moment; the nearest begins at 0.08 s."]
    assert pixels(still).max() < 150


def test_without_subtitles_it_is_the_plain_picture(films: Films, tmp_path: Path) -> None:
    assert pixels(look(films("grey.mp4"), "0.2", None, tmp_path / "x.png")).max() < 150


def test_high_dynamic_range_is_shown_as_a_screen_can(films: Films, srt: Path, tmp_path: Path) -> None:
    assert 225 < pixels(look(films("pq.mp4"), "0.2", srt, tmp_path / "x.png"))[140:].max() <= 255


def test_pixels_that_are_not_square_are_made_so(films: Films, srt: Path, tmp_path: Path) -> None:
    assert pixels(look(films("wide_pixels.mp4"), "0.2", srt, tmp_path / "x.png")).shape == (180, 320)


def an_edit(folder: Path, pieces: tuple[AudioPiece, ...]) -> Path:
    """The job of an edit that starts at 10:00:00:00."""
    job = a_job(folder, Path("/edits/早晨.otio"))
    write_json(job / "plan.json", to_plain(AudioPlan(RATE, 900_000, 50, pieces, name="早晨")))
    write_document(cues((2, 9, "喺呢度㗎"), (30, 40, "唔係咩")), job / "document.json")
    return job


def test_a_moment_of_an_edit_comes_from_the_clip_that_is_heard(films: Films, tmp_path: Path) -> None:
    song, grey = (AudioPiece(str(films(name)), 0, 1) for name in ("song.m4a", "grey.mp4"))  # type: ignore[arg-type]
    job = an_edit(tmp_path / "edit.job", (song, grey))
    still = look(job, "10:00:00:05", None, tmp_path)
    assert still.path.name == "早晨 10.00.00.05.png" and still.reasons == ()
    assert pixels(still).shape == (180, 320) and pixels(still)[140:].max() > 230 and 100 < np.median(pixels(still)) < 150


def test_where_no_clip_has_a_picture_it_is_black(films: Films, tmp_path: Path) -> None:
    job = an_edit(tmp_path / "edit.job", ())
    still = look(job, "10:00:01:10", None, tmp_path / "x.png")
    assert pixels(still).shape == (1080, 1920) and np.median(pixels(still)) == 0 and pixels(still).max() > 230
    assert [reason.code for reason in still.reasons] == ["render.black"]


def test_both_registers_of_a_job(films: Films, tmp_path: Path) -> None:
    job = an_edit(tmp_path / "edit.job", ())
    write_document(cues((2, 9, "在這裡"), (30, 40, "不是嗎")), job / "document.written.json")
    one, two = (pixels(look(job, "10:00:00:05", None, tmp_path / "x.png", style)) for style in ("hk_broadcast", "bilingual"))
    assert [rows.max() > 200 for rows in (one[885:925], two[885:925])] == [False, True]
