"""Subtitles made ready for libass: the look, the family, what fits, what is left out, and colours in high dynamic range."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.media.burn_subs import Burnable, Canvas, Subtitles, burnable, within
from core.media.ffmpeg import find_ffmpeg
from core.media.hdr import text_colour
from core.media.render import stage
from fakes.films import cues, run

HD = Canvas(1920, 1080)
LONG = "Supercalifragilisticexpialidocious internationalisation of the MTR Island Line"


def styles(burn: Burnable) -> dict[str, list[str]]:
    rows = (line.removeprefix("Style: ").split(",") for line in burn.ass.splitlines() if line.startswith("Style: "))
    return {row[0]: row for row in rows}


def events(burn: Burnable) -> list[str]:
    return [line.split(",", 9)[9] for line in burn.ass.splitlines() if line.startswith("Dialogue: ")]


def made(canvas: Canvas, *texts: str, style: str | None = None, second: bool = False) -> Burnable:
    rows = cues(*((10 * number, 10 * number + 10, one) for number, one in enumerate(texts)))
    return burnable(Subtitles(rows, rows if second else None), style, None, canvas, "en")


@pytest.mark.parametrize(
    ("canvas", "second", "size", "colour"),
    [(HD, False, "90", "&H00FFFFFF"), (Canvas(1080, 1920), False, "124", "&H0080E6FF"), (HD, True, "86", "&H00FFFFFF")],
)
def test_the_usual_look_follows_the_pictures_shape(canvas: Canvas, second: bool, size: str, colour: str) -> None:
    main = styles(made(canvas, "飲茶", second=second))["Main"]
    assert (main[1], main[2], main[3]) == ("Canto-Beats Sans HK", size, colour)


def test_two_registers_are_two_styles() -> None:
    burn = made(HD, "飲茶", style="bilingual", second=True)
    assert list(styles(burn)) == ["Main", "Second"] and events(burn) == ["飲茶", "飲茶"]


def test_a_family_that_is_not_ours_is_named() -> None:
    assert [reason.text() for reason in made(HD, "飲茶", style="kai_drama").reasons] == [
        "The look asks for the font LXGW WenKai HK, which is not part of this program; Canto-Beats Sans HK is used. --font takes another."
    ]
    assert made(HD, "飲茶", style="hk_box").reasons == ()


def test_a_line_too_wide_is_drawn_smaller_and_said() -> None:
    burn = made(HD, "飲茶", LONG)
    assert events(burn) == ["飲茶", f"{{\\fs68.99}}{LONG}"]
    assert [finding.message for finding in burn.findings] == ["Subtitle 2 was too wide for the picture and is drawn at 77 % of its size."]


def test_a_line_far_too_wide_is_broken_but_no_word_leaves_the_picture() -> None:
    text = events(made(Canvas(1080, 1920), LONG, style="hk_broadcast"))[0]
    assert text == f"{{\\fs75.60\\q0}}{LONG}"
    assert events(made(Canvas(1080, 1920), "我" * 40))[0].startswith("{\\fs74.40\\q0}")


@pytest.mark.parametrize(
    ("canvas", "style", "line"),
    [
        (HD, "hk_broadcast", LONG),
        (HD, "hk_broadcast", "我" * 32),
        (Canvas(1080, 1920), "hk_broadcast", LONG),
        (Canvas(1080, 1920), "social_9x16", LONG),
        (Canvas(1080, 1920), "social_9x16", "我" * 30),
    ],
)
def test_no_ink_leaves_the_picture(canvas: Canvas, style: str, line: str) -> None:
    burn = made(canvas, line, style=style)
    with stage(burn, find_ffmpeg()) as place:
        chain = f"subtitles=f={place.folder}/subs.ass:fontsdir={place.folder}/fonts:wrap_unicode=1"
        source = f"color=black:s={canvas.width // 4}x{canvas.height // 4}:r=25:d=0.04"
        data = run("-f", "lavfi", "-i", source, "-vf", chain, "-f", "rawvideo", "-pix_fmt", "gray", "-")
    columns = np.where(np.frombuffer(data, np.uint8).reshape(canvas.height // 4, canvas.width // 4).max(axis=0) > 100)[0]
    assert columns.min() > 4 and columns.max() < canvas.width // 4 - 5
    assert np.ptp(columns) > 0.6 * canvas.width / 4


def test_a_users_own_ass_keeps_its_styles_but_for_the_family(tmp_path: Path) -> None:
    own = tmp_path / "own.ass"
    rows = "Style: Mine,PingFang HK,33,&H000000FF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,0,2,10,10,10,1"
    head = "[Script Info]\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour,"
    head += " OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow,"
    head += f" Alignment, MarginL, MarginR, MarginV, Encoding\n{rows}\n\n[Events]\n"
    head += "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    own.write_text(head + "Dialogue: 0,0:00:00.00,0:00:01.00,Mine,,0,0,0,,{\\fnHeiti TC}飲茶\n", "utf-8")
    burn = burnable(Subtitles(cues((0, 25, "飲茶")), ass=own), None, None, HD, "en")
    assert styles(burn)["Mine"][1:4] == ["Canto-Beats Sans HK", "33", "&H000000FF"]
    assert events(burn) == ["{\\fnCanto-Beats Sans HK}飲茶"]
    assert [dict(reason.params)["wanted"] for reason in burn.reasons] == ["Heiti TC", "PingFang HK"]
    restyled = burnable(Subtitles(cues((0, 25, "飲茶")), ass=own), "hk_box", None, HD, "en")
    assert list(styles(restyled)) == ["Main"]


def test_only_the_first_missing_characters_are_shown_and_all_are_in_the_detail() -> None:
    with pytest.raises(InputError) as caught:
        made(HD, "好", "".join(chr(0x1F600 + number) for number in range(20)))
    assert caught.value.params["characters"].endswith("…") and caught.value.params["cue"] == "2"
    assert len(caught.value.detail.split()) == 20


def test_what_lies_in_the_film() -> None:
    rows = Subtitles(cues((0, 10, "一"), (40, 60, "二"), (50 + 25, 90, "三")))
    kept, findings = within(rows, Fraction(2), "zh")
    assert [cue.text for cue in kept.document.cues] == ["一", "二"]
    assert [finding.message for finding in findings] == ["字幕 c3 在影片結尾之後，已略去。"]


def test_an_offset_moves_everything() -> None:
    assert Subtitles(cues((0, 10, "一")), offset_frames=25).spans_s() == ((Fraction(1), Fraction(7, 5)),)
    burn = burnable(Subtitles(cues((0, 10, "一")), offset_frames=25), None, None, HD, "en")
    assert "Dialogue: 0,0:00:01.00,0:00:01.40,Main" in burn.ass


@pytest.mark.parametrize(
    ("light", "rgb", "code"),
    [
        ("sdr", (255, 230, 128), (255, 230, 128)),
        ("pq", (255, 255, 255), (148, 148, 148)),
        ("hlg", (255, 255, 255), (191, 191, 191)),
        ("pq", (0, 0, 0), (0, 0, 0)),
        ("hlg", (0, 0, 0), (0, 0, 0)),
    ],
)
def test_graphics_white_in_each_light(light: str, rgb: tuple[int, int, int], code: tuple[int, int, int]) -> None:
    """ITU-R BT.2408: 58 % of PQ (148 of 255) and 75 % of HLG (191 of 255)."""
    assert text_colour(rgb, light) == code  # type: ignore[arg-type]


def test_colours_of_a_look_are_converted() -> None:
    main = styles(made(Canvas(1920, 1080, "pq"), "飲茶"))["Main"]
    assert main[3] == "&H00949494"
