"""Every way of drawing a waveform against one reference: the columns' ink."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from core.document import Cue, SpeechRegion
from core.errors import StageError
from core.media import waveform_draw, waveform_quartz
from core.media.picture_text import fitted
from core.media.waveform import Peaks, peaks_of
from core.media.waveform_scene import LOOKS, View, build_scene
from core.media.waveform_shapes import Bars, Box, Label, Scene, columns, rows
from core.media.waveform_svg import write_svg
from core.timing import FrameRate
from fakes import quartz
from fakes.footage import sound

Ink = list[tuple[int, int] | None]
"""First and last inked row of each column."""
WAVE = "#ff0000"
LOOK = replace(LOOKS["dark"], wave=WAVE, body=WAVE, quiet=WAVE, quiet_body=WAVE)


def view(**changes: object) -> View:
    made = View(peaks_of(sound(8)), Fraction(0), Fraction(8), FrameRate(25), 90000)
    return replace(made, **changes)  # type: ignore[arg-type]


def speaking() -> View:
    cues = (Cue("c1", 25, 50, "你今晚去邊度食飯？"), Cue("c2", 75, 77, "冇"), Cue("c3", 125, 150, "OK 八點見啦好冇 OK 八點見啦好冇"))
    return view(regions=(SpeechRegion(1000, 2000), SpeechRegion(3000, 4000)), cues=cues)


def ink_of_pixels(path: Path) -> Ink:
    red = (np.asarray(Image.open(path).convert("RGB")) == (255, 0, 0)).all(axis=2)
    return [(int(np.flatnonzero(column)[0]), int(np.flatnonzero(column)[-1])) if column.any() else None for column in red.T]


def by_pillow(scene: Scene, folder: Path) -> Ink:
    waveform_draw.write_png(scene, folder / "a.png")
    return ink_of_pixels(folder / "a.png")


def by_quartz(scene: Scene, folder: Path) -> Ink:
    with pytest.MonkeyPatch.context() as patch:
        quartz.install(patch)
        assert waveform_quartz.available()
        waveform_quartz.write_png(scene, folder / "a.png")
    return ink_of_pixels(folder / "a.png")


def by_svg(scene: Scene, folder: Path) -> Ink:
    write_svg(scene, folder / "a.svg")
    found: Ink = [None] * scene.width
    for path in ElementTree.parse(folder / "a.svg").iter("{http://www.w3.org/2000/svg}path"):
        for x, top, end in re.findall(r"M(\d+)\.5 (\d+)V(\d+)", path.attrib["d"]):
            before = found[int(x)] or (int(top), int(end) - 1)
            found[int(x)] = (min(before[0], int(top)), max(before[1], int(end) - 1))
    return found


DRAWERS: dict[str, Callable[[Scene, Path], Ink]] = {"Pillow": by_pillow, "Core Graphics": by_quartz, "SVG": by_svg}


@pytest.mark.parametrize("draw", DRAWERS.values(), ids=DRAWERS)
@pytest.mark.parametrize("size", [(400, 200), (1333, 90), (64, 32)])
def test_every_drawer_inks_the_reference_columns(tmp_path: Path, draw: Callable[[Scene, Path], Ink], size: tuple[int, int]) -> None:
    shown = view(regions=(SpeechRegion(1000, 2000),))
    width, height = size
    ruler = round(22 * min(3.0, max(0.75, height / 200))) if height >= 80 else 0
    heard = columns(peaks_of(sound(8)), 0, 800, width)
    middle, half = ruler + (height - ruler) // 2, round((height - ruler) * 0.46)
    loudest = int(max(-heard.low.min(), heard.high.max()))
    expected = list(zip(rows(heard.high, middle, half, loudest).tolist(), rows(heard.low, middle, half, loudest).tolist(), strict=True))
    assert draw(build_scene(shown, size, LOOK, fitted), tmp_path) == expected


@pytest.mark.parametrize("draw", DRAWERS.values(), ids=DRAWERS)
def test_bars_are_where_they_are_said_to_be(tmp_path: Path, draw: Callable[[Scene, Path], Ink]) -> None:
    bars = Bars(np.array([0, 2, 3], np.int32), np.array([1, 4, 0], np.int32), np.array([3, 4, 7], np.int32), WAVE)
    assert draw(Scene(5, 8, "#000000", (bars,)), tmp_path) == [(1, 3), None, (4, 4), (0, 7), None]


def test_columns_are_the_least_and_most_of_their_pixels() -> None:
    peaks = Peaks(np.array([[-1, 2], [-5, 3], [0, 9], [-2, 1], [-7, 0], [4, 6]], np.int8))
    found = columns(peaks, 0, 6, 3)
    assert (found.low.tolist(), found.high.tolist()) == ([-5, -2, -7], [3, 9, 6])
    assert (found.mean_low.tolist(), found.mean_high.tolist()) == ([-3, -1, -1.5], [2.5, 5, 3])


def test_columns_narrower_than_a_pixel_repeat_it_and_beyond_the_end_is_silence() -> None:
    peaks = Peaks(np.array([[-1, 2], [-5, 3]], np.int8))
    assert columns(peaks, 0, 3, 6).high.tolist() == [2, 2, 3, 3, 0, 0]
    assert columns(peaks, 1, 2, 2).low.tolist() == [-5, -5]


def test_rows_of_values() -> None:
    assert rows(np.array([-128, -64, 0, 64, 127], np.int8), 50, 40, 128).tolist() == [90, 70, 50, 30, 10]


def test_quiet_sound_is_drawn_at_up_to_eight_times_its_level() -> None:
    def tallest(peaks: Peaks) -> int:
        scene = build_scene(view(peaks=peaks), (100, 200), LOOK, fitted)
        return max(int((bars.bottoms - bars.tops).max()) for bars in scene.shapes if isinstance(bars, Bars) and len(bars.xs))

    whisper, noise = (Peaks(np.full((800, 2), (-level, level), np.int8)) for level in (16, 2))
    assert (tallest(whisper), tallest(noise)) == (164, 20)


def test_speech_and_cues_are_boxes_with_their_texts() -> None:
    scene = build_scene(speaking(), (800, 200), LOOKS["light"], fitted)
    look = LOOKS["light"]
    boxes = [shape for shape in scene.shapes if isinstance(shape, Box)]
    assert [(box.x, box.width) for box in boxes if box.color == look.speech] == [(100, 100), (300, 100)]
    assert [(box.x, box.width) for box in boxes if box.color == look.cue] == [(100, 99), (300, 7), (500, 99)]
    texts = [label.text for label in scene.labels if label.color == look.cue_text]
    assert texts[0].startswith("你今晚") and texts[-1].startswith("OK 八") and texts[-1].endswith("…")
    assert len(texts) == 2
    for label in scene.labels:
        assert label.x >= 0 and label.x < scene.width


def test_sound_is_colored_by_speech() -> None:
    scene = build_scene(speaking(), (800, 200), LOOKS["dark"], fitted)
    outer = [bars for bars in scene.shapes if isinstance(bars, Bars)]
    spoken = [bars.xs.tolist() for bars in outer if bars.color == LOOKS["dark"].wave]
    assert spoken == [[*range(100, 200), *range(300, 400)]]
    unheard = build_scene(view(), (800, 200), LOOKS["dark"], fitted)
    assert [len(bars.xs) for bars in unheard.shapes if isinstance(bars, Bars)] == [0, 800, 0, 800]


def test_a_low_picture_has_sound_alone() -> None:
    scene = build_scene(speaking(), (400, 60), LOOKS["dark"], fitted)
    assert scene.labels == ()
    assert not [shape for shape in scene.shapes if isinstance(shape, Box) and shape.color == LOOKS["dark"].cue]


def test_text_is_cut_where_it_does_not_fit() -> None:
    text = "呢間茶餐廳好多人食嘢"
    assert fitted(text, 16, 200) == text
    assert fitted(text, 16, 100) == "呢間茶餐廳…"
    assert fitted(text, 16, 50) == ""


def test_letters_reach_the_picture(tmp_path: Path) -> None:
    scene = Scene(200, 40, "#000000", (Label(4, 20, 20, "嘅咗哋啲喺冇㗎嚟", "#ffffff"), Label(190, 2, 20, "切", "#ffffff")))
    waveform_draw.write_png(scene, tmp_path / "a.png")
    grey = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    eight = [grey[10:32, 4 + 20 * index : 24 + 20 * index] for index in range(8)]
    assert all(0.1 < (glyph > 128).mean() < 0.7 for glyph in eight)
    assert len({glyph.tobytes() for glyph in eight}) == 8  # no two are the same empty box


def test_core_graphics_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quartz.install(monkeypatch).CIContext.fails = True
    with pytest.raises(StageError) as caught:
        waveform_quartz.write_png(Scene(10, 10, "#000000", ()), tmp_path / "a.png")
    assert caught.value.code == "waveform.quartz_failed"
    assert "no space left" in caught.value.message()


def test_both_twins_draw_the_same_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build_scene(speaking(), (800, 200), LOOKS["dark"], fitted)
    waveform_draw.write_png(scene, tmp_path / "pillow.png")
    quartz.install(monkeypatch)
    waveform_quartz.write_png(scene, tmp_path / "quartz.png")
    one, two = (np.asarray(Image.open(tmp_path / f"{name}.png").convert("RGB")).astype(int) for name in ("pillow", "quartz"))
    assert np.abs(one - two).max() <= 16  # letters' edges have 16 levels in a palette
