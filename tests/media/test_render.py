"""Rendering for real: what is in the file, every way to fail, and that nothing is left behind then."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import psutil
import pytest

from core.errors import Cancelled, EngineError, InputError, SetupError, StageError
from core.media import render as render_module
from core.media import render_check, render_plan, render_run
from core.media.burn_subs import Subtitles
from core.media.picture import look_at
from core.media.probe import probe_media
from core.media.render import Rendered, RenderRequest, render
from core.media.render_plan import Wish, plan_render, render_arguments
from core.progress import CancelToken, Progress, no_report
from fakes.films import cues, run

from .conftest import Films

LINE = (2, 9, "喺呢度㗎")
DRAFT = Wish(quality="draft")


def burn(film: Path, out: Path, wish: Wish = DRAFT, *rows: tuple[int, int, str], style: str | None = "hk_broadcast") -> Rendered:
    subtitles = Subtitles(cues(*(rows or (LINE,))))
    return render(RenderRequest(film, subtitles, Wish(wish.codec, wish.quality, wish.size, out), style), no_report, CancelToken())


def grey(path: Path, at_s: float) -> np.ndarray:
    """One frame as it is stored, rows of 0 to 255."""
    facts = look_at(path)
    data = run("-ss", str(at_s), "-i", str(path), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-")
    return np.frombuffer(data, np.uint8).reshape(facts.height, facts.width).astype(float)


def codes(made: Rendered) -> list[str]:
    return [reason.code for reason in made.reasons]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made.mp4"


def test_the_line_is_in_the_picture_when_its_cue_is_and_only_then(films: Films, out: Path) -> None:
    made = burn(films("grey.mp4"), out)
    assert made.path == out and (made.encoder, made.frames) == ("libx264", 10)
    with_cue, without = grey(out, 0.2), grey(out, 0.0)
    assert with_cue[140:].max() > 230 and with_cue[:120].max() < 150
    assert without.max() < 150


def test_sound_is_copied_and_length_kept(films: Films, out: Path) -> None:
    burn(films("plain.mp4"), out)
    with av.open(str(out)) as made, av.open(str(films("plain.mp4"))) as source:
        sounds = [[bytes(packet) for packet in one.demux(one.streams.audio[0]) if packet.size] for one in (made, source)]
        assert sounds[0] == sounds[1] and len(sounds[0]) > 40
    assert look_at(out).duration_s == Fraction(1)


def test_progress_tells_seconds_frames_and_what_is_left(films: Films, out: Path) -> None:
    news: list[Progress] = []
    request = RenderRequest(films("plain.mp4"), Subtitles(cues(LINE)), Wish(quality="draft", out=out))
    render(request, news.append, CancelToken())
    last = news[-1]
    assert (last.stage, last.unit, last.total) == ("render", "s", 1.0)
    assert 0.9 < last.done <= 1.0 and last.eta_s is not None and last.note.endswith(" fps")


def test_nothing_is_overwritten(films: Films, out: Path) -> None:
    out.write_text("mine")
    made = burn(films("grey.mp4"), out)
    assert made.path.name == "made 2.mp4" and out.read_text() == "mine"


def test_beside_the_film_or_in_the_folder_asked_for(films: Films, tmp_path: Path) -> None:
    assert burn(films("grey.mp4"), tmp_path).path == tmp_path / "grey.subtitled.mp4"


@pytest.mark.parametrize(("name", "white"), [("pq.mp4", 0.58), ("hlg.mov", 0.75)])
def test_white_text_in_high_dynamic_range_is_graphics_white(films: Films, tmp_path: Path, name: str, white: float) -> None:
    """BT.2408: 203 candela a square metre, which is 58 % of PQ and 75 % of HLG; drawn as it is, it would be 100 %."""
    made = burn(films(name), tmp_path / "made.mov")
    assert codes(made)[:3] == ["encoders.uses_software", "render.hdr_needs", "render.hdr_white"]
    facts = look_at(made.path)
    assert (facts.codec, facts.bits, facts.light) == ("hevc", 10, look_at(films(name)).light)
    with av.open(str(made.path)) as film:
        frame = list(film.decode(video=0))[5]
        luma = np.frombuffer(bytes(frame.planes[0]), np.uint16).reshape(frame.height, -1)[:, : frame.width]
    assert (luma.max() - 64) / 876 == pytest.approx(white, abs=0.03)


def test_the_light_levels_of_hdr10_are_kept(films: Films, tmp_path: Path) -> None:
    made = burn(films("pq.mp4"), tmp_path / "made.mp4")
    assert look_at(films("pq.mp4")).static_light and look_at(made.path).static_light
    assert "render.static_light_lost" not in codes(made)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_high_dynamic_range_is_not_put_where_it_has_no_room(films: Films, out: Path, codec: str) -> None:
    with pytest.raises(InputError) as caught:
        burn(films("pq.mp4"), out, Wish(codec))
    assert caught.value.code == "render.hdr_codec" and not list(out.parent.iterdir())


def test_letters_keep_their_shape_on_pixels_that_are_not_square(films: Films, out: Path) -> None:
    burn(films("wide_pixels.mp4"), out, DRAFT, (0, 10, "●"))
    rows, columns = np.where(grey(out, 0.2) > 200)
    width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert look_at(out).aspect == Fraction(4, 3)
    assert width * 4 / 3 / height == pytest.approx(1.0, abs=0.12)


def test_an_upright_film_of_a_telephone(films: Films, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    run("-display_rotation", "90", "-i", str(films("grey.mp4")), "-c", "copy", str(turned))
    made = burn(turned, tmp_path / "made.mp4", style=None)
    assert (look_at(made.path).width, look_at(made.path).height) == (180, 320)
    rows, columns = np.where(grey(made.path, 0.2) > 180)
    assert 200 < rows.mean() < 270 and columns.mean() == pytest.approx(90, abs=6)


def test_an_odd_size_is_made_even_and_said(films: Films, out: Path) -> None:
    made = burn(films("odd.mp4"), out)
    assert (look_at(out).width, look_at(out).height) == (320, 180)
    sentence = "The picture is 321x181; encoders need even sizes, so the last column or row was cut: 320x180."
    assert sentence in [reason.text() for reason in made.reasons]


def test_every_frame_of_a_variable_rate_keeps_its_time(films: Films, out: Path) -> None:
    made = burn(films("uneven.mp4"), out)
    times = []
    for path in (films("uneven.mp4"), out):
        with av.open(str(path)) as film:
            times.append(sorted(packet.pts * packet.time_base for packet in film.demux(video=0) if packet.pts is not None))
    assert times[0] == times[1] and len(times[0]) == 12
    assert "render.variable_rate" in codes(made)


def test_the_timecode_is_kept(films: Films, tmp_path: Path) -> None:
    made = burn(films("timecode.mov"), tmp_path / "made.mov")
    assert probe_media(made.path).start_timecode == "01:00:00:00"


def test_fields_are_joined(films: Films, out: Path) -> None:
    made = burn(films("interlaced.mp4"), out)
    assert look_at(films("interlaced.mp4")).interlaced and not look_at(out).interlaced
    assert "render.deinterlaced" in codes(made)


def test_a_size_that_was_asked_for(films: Films, out: Path) -> None:
    made = burn(films("grey.mp4"), out, Wish(quality="draft", size="200x200"))
    assert (look_at(out).width, look_at(out).height) == (200, 112)
    assert "The picture was scaled from 320x180 to 200x112." in [reason.text() for reason in made.reasons]


@pytest.mark.parametrize(
    ("size", "width", "height"), [("720p", 1280, 720), ("4K", 3840, 2160), ("1920x1080", 1920, 1080), ("100×1000", 100, 56), ("20x20", 20, 12)]
)
def test_sizes_keep_the_shape(films: Films, size: str, width: int, height: int) -> None:
    picture = plan_render(look_at(films("mute.mp4")), Wish(size=size)).picture
    assert (picture.width, picture.height) == (width, height)


def test_eight_thousand_pixels(films: Films, out: Path) -> None:
    made = burn(films("8k.mp4"), out, DRAFT, (0, 1, "喺"))
    facts = look_at(out)
    assert (facts.width, facts.height, made.frames) == (7680, 4320, 1)
    assert facts.tagged and not look_at(films("8k.mp4")).tagged  # Rec. 709, which players assume


def test_sound_that_the_container_cannot_carry_becomes_aac(films: Films, out: Path) -> None:
    made = burn(films("two_sounds.mkv"), out)
    assert [sound.codec for sound in look_at(out).sounds] == ["aac", "aac"]
    assert ".mp4 cannot carry pcm_s16le sound: it was encoded as AAC." in [reason.text() for reason in made.reasons]


def test_cues_after_the_end_are_left_out_and_named(films: Films, out: Path) -> None:
    made = burn(films("grey.mp4"), out, DRAFT, LINE, (500, 520, "太遲"))
    assert [(finding.code, finding.cue_id) for finding in made.findings] == [("render.past_end", "c2")]


@pytest.mark.parametrize(
    ("name", "rows", "wish", "code"),
    [
        pytest.param("grey.mp4", (), DRAFT, "render.no_cues", id="zero cues"),
        pytest.param("grey.mp4", ((90_000, 90_025, "喺"),), DRAFT, "render.all_past_end", id="all cues past the end"),
        pytest.param("song.m4a", (LINE,), DRAFT, "render.no_picture", id="no picture"),
        pytest.param("grey.mp4", (LINE, (9, 10, "好😀𠮷好")), DRAFT, "fonts.missing_glyphs", id="missing glyphs"),
        pytest.param("grey.mp4", (LINE,), Wish(size="big"), "render.bad_size", id="no size"),
        pytest.param("grey.mp4", (LINE,), Wish("prores"), "render.container", id="ProRes in MP4"),
        pytest.param("grey.mp4", (LINE,), Wish("av1"), "encoders.unknown_codec", id="no such codec"),
    ],
)
def test_refused_before_anything_is_written(
    films: Films, out: Path, name: str, rows: tuple[tuple[int, int, str], ...], wish: Wish, code: str
) -> None:
    request = RenderRequest(films(name), Subtitles(cues(*rows)), Wish(wish.codec, wish.quality, wish.size, out))
    with pytest.raises(InputError) as caught:
        render(request, no_report, CancelToken())
    assert caught.value.code == code
    assert caught.value.hint("en") and caught.value.hint("zh") and not list(out.parent.iterdir())


def test_missing_characters_are_named_with_the_font_and_the_cue(films: Films, out: Path) -> None:
    with pytest.raises(InputError) as caught:
        burn(films("grey.mp4"), out, DRAFT, LINE, (9, 10, "好😀好"))
    assert caught.value.message() == ("The font Canto-Beats Sans HK cannot draw 😀 (first in cue 2): there would be empty boxes in the picture.")
    assert caught.value.detail == "U+1F600"


def test_a_disk_without_room_is_refused_first(films: Films, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_module.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(SetupError) as caught:
        burn(films("grey.mp4"), out)
    assert caught.value.code == "render.no_room" and not list(out.parent.iterdir())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 16 KiB; needs root, as on a build machine's container."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_disk_that_fills_up_half_way(films: Films, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_module, "check_room", lambda folder, needed: None)
    with pytest.raises(EngineError) as caught:
        burn(films("plain.mp4"), small_disk / "made.mp4", Wish(quality="high"))
    assert caught.value.code in ("ffmpeg.disk_full", "files.disk_full") and not list(small_disk.iterdir())


def test_an_encoder_that_dies_half_way(films: Films, out: Path) -> None:
    """A software encoder has no twin to go on with."""

    def kill(progress: Progress) -> None:
        for child in psutil.Process().children():
            child.kill()

    with pytest.raises(StageError) as caught:
        render(RenderRequest(films("plain.mp4"), Subtitles(cues(LINE)), Wish(size="1440p", out=out)), kill, CancelToken())
    assert caught.value.code == "ffmpeg.failed" and not list(out.parent.iterdir())


def test_a_file_that_cannot_be_read_is_not_kept(films: Films, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        render_run, "render_arguments", lambda *given: (*render_arguments(*given)[:-1], "-bsf:v", "noise=drop=-1", str(out) + ".part")
    )
    with pytest.raises(StageError) as caught:
        burn(films("grey.mp4"), out)
    assert caught.value.code == "render.check_unreadable" and not list(out.parent.iterdir())


@pytest.mark.parametrize("change", ["moved", "touched"])
def test_a_source_that_changes_meanwhile(films: Films, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    source = tmp_path / "source" / "film.mp4"
    source.parent.mkdir()
    source.write_bytes(films("grey.mp4").read_bytes())

    def news(progress: Progress) -> None:
        if change == "moved" and source.exists():
            source.rename(source.with_name("elsewhere.mp4"))
        elif change == "touched":
            os.utime(source, (1, 1))

    with pytest.raises(StageError) as caught:
        render(RenderRequest(source, Subtitles(cues(LINE)), Wish(quality="draft", out=out)), news, CancelToken())
    assert caught.value.code == "render.source_changed" and [path.name for path in out.parent.iterdir()] == ["source"]


def test_cancel_leaves_nothing(films: Films, out: Path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        render(RenderRequest(films("plain.mp4"), Subtitles(cues(LINE)), Wish(out=out)), lambda progress: cancel.cancel(), cancel)
    assert not list(out.parent.iterdir())


def test_cancel_before_the_first_news(films: Films, out: Path) -> None:
    cancel = CancelToken()
    threading.Timer(0.0, cancel.cancel).start()
    with pytest.raises(Cancelled):
        render(RenderRequest(films("plain.mp4"), Subtitles(cues(LINE)), Wish(size="2160p", out=out)), no_report, cancel)
    assert not list(out.parent.iterdir())


def test_a_render_without_its_subtitles_is_not_kept(films: Films, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_plan, "burn_filters", lambda plan: "null")
    with pytest.raises(StageError) as caught:
        burn(films("plain.mp4"), out)
    assert caught.value.code == "render.check_no_subtitles" and not list(out.parent.iterdir())


def test_a_render_that_ends_early_is_not_kept(films: Films, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_run, "render_arguments", lambda *given: (*render_arguments(*given)[:-1], "-t", "0.2", str(out) + ".part"))
    with pytest.raises(StageError) as caught:
        burn(films("plain.mp4"), out)
    assert caught.value.code == "render.check_length" and not list(out.parent.iterdir())


def test_a_picture_that_is_another_is_not_kept(films: Films, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_check, "_STRANGE", 0.0)
    with pytest.raises(StageError) as caught:
        burn(films("plain.mp4"), out)
    assert caught.value.code == "render.check_picture" and not list(out.parent.iterdir())
