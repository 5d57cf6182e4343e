"""The built-in font and the user's: what they can draw, what libass takes, and what is drawn in the end."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTCollection, TTFont

from core.errors import InputError, StageError
from core.media import fonts
from core.media.burn_subs import Canvas, Subtitles, burnable
from core.media.ffmpeg import find_ffmpeg
from core.media.fonts import BUNDLED, FAMILY, bundled_font, check_drawn, user_font
from core.media.make_font import repertoire
from core.media.render import stage
from fakes.films import cues, run

CANTONESE = "嘅咗哋啲喺冇㗎嚟攞瞓揾𨋢"


def font_file(path: Path, family: str, text: str, style: str = "Regular") -> Path:
    """A font whose every character is half an em of nothing."""
    builder = FontBuilder(1000)
    names = [".notdef", *(f"u{ord(char):X}" for char in text)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): f"u{ord(char):X}" for char in text})
    builder.setupGlyf({name: _empty() for name in names})
    builder.setupHorizontalMetrics({name: (500, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2(usWinAscent=800, usWinDescent=200)
    builder.setupNameTable(
        {"familyName": family, "styleName": style, "fullName": f"{family} {style}", "psName": f"{family}-{style}".replace(" ", "")}
    )
    builder.setupPost()
    builder.save(str(path))
    return path


def _empty() -> object:
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    return TTGlyphPen(None).glyph()


def test_the_built_in_font_draws_what_hong_kong_writes() -> None:
    font = bundled_font()
    assert font.missing(CANTONESE + "𠺢㩒嗌噉喎𢫏𥄫躝㧡𧨾𠝹 ABC àéü，。！？「」『』…—") == ""
    big5 = [code for code in repertoire() if 0x3400 <= code < 0x9FF0 or code > 0x20000]
    assert len(big5) > 22_000 and [chr(code) for code in big5 if code not in font.widths] == []
    assert BUNDLED.stat().st_size < 11_000_000


def test_it_has_a_name_of_its_own_and_its_licence() -> None:
    names = TTFont(str(BUNDLED), lazy=False)["name"]
    assert [names.getDebugName(number) for number in (1, 2, 4, 6)] == [FAMILY, "Regular", f"{FAMILY} Medium", "CantoBeatsSansHK-Medium"]
    assert "Adobe" in names.getDebugName(0) and "SIL Open Font License" in names.getDebugName(13)
    licence = BUNDLED.with_name("OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Copyright 2014-2021 Adobe" in licence


def test_a_chinese_character_is_two_thirds_of_the_font_size_wide() -> None:
    """libass scales ascent plus descent (1160 + 288 of 1000) to the font size: 1 / 1.448."""
    assert bundled_font().width("嘅") == pytest.approx(1 / 1.448, abs=1e-4)
    assert bundled_font().width("嘅咗") == pytest.approx(2 / 1.448, abs=1e-4)


@pytest.mark.parametrize(("text", "missing"), [("飲茶", ""), ("飲😀茶😀𠮷", "😀𠮷"), (" \u3000\u200b\ufeff\ufe0f\U000e0101\n", "")])
def test_what_is_missing(text: str, missing: str) -> None:
    assert bundled_font().missing(text) == missing


def test_each_cantonese_character_is_drawn_and_none_as_a_box() -> None:
    """One character a frame, drawn by libass: every picture has ink, and no two are alike, an unknown character's box included."""
    known = cues(*((number, number + 1, char) for number, char in enumerate(CANTONESE)))
    burn = burnable(Subtitles(known), "hk_broadcast", None, Canvas(192, 108), "en")
    ass = burn.ass + f"Dialogue: 0,0:00:00.{len(CANTONESE) * 4:02},0:00:01.00,Main,,0,0,0,,\ue000\n"
    count = len(CANTONESE) + 1
    with stage(burn, find_ffmpeg()) as place:
        assert place.folder is not None
        (place.folder / "big.ass").write_text(ass.replace(",9,&H", ",60,&H"), "utf-8")
        chain = f"subtitles=f={place.folder}/big.ass:fontsdir={place.folder}/fonts"
        source = f"color=black:s=192x108:r=25:d={count / 25}"
        data = run("-f", "lavfi", "-i", source, "-vf", chain, "-f", "rawvideo", "-pix_fmt", "gray", "-")
    pictures = np.frombuffer(data, np.uint8).reshape(count, 108, 192).astype(int)
    ink = [int((picture > 128).sum()) for picture in pictures]
    assert min(ink[:-1]) > 200
    alike = [(a, b) for a, b in combinations(range(count), 2) if (abs(pictures[a] - pictures[b]) > 128).sum() < 100]
    assert alike == []


def test_libass_took_our_file() -> None:
    good = "[Parsed_subtitles_0 @ 0x7f] fontselect: (Canto-Beats Sans HK, 700, 0) -> CantoBeatsSansHK-Medium, 0, CantoBeatsSansHK-Medium\n"
    check_drawn(good, bundled_font())
    foreign = "fontselect: (Canto-Beats Sans HK, 400, 0) -> /System/Library/Fonts/PingFang.ttc, -1, PingFangHK-Regular\n"
    for log, taken in ((good + foreign, "PingFangHK-Regular"), ("", "-")):
        with pytest.raises(StageError) as caught:
            check_drawn(log, bundled_font())
        assert caught.value.code == "fonts.not_taken" and caught.value.params["taken"] == taken


def test_a_file_of_the_user(tmp_path: Path) -> None:
    font = user_font(font_file(tmp_path / "a.ttf", "My Kai", "飲茶"), "Noto Sans HK")
    assert (font.family, font.postscript, font.missing("飲茶啦")) == ("My Kai", frozenset({"MyKai-Regular"}), "啦")
    assert font.width("飲茶") == 1.0


def test_a_folder_of_the_user(tmp_path: Path) -> None:
    font_file(tmp_path / "regular.ttf", "My Kai", "飲")
    font_file(tmp_path / "bold.ttf", "My Kai", "飲", "Bold")
    assert [file.name for file in user_font(tmp_path, "Noto Sans HK").files] == ["bold.ttf", "regular.ttf"]
    font_file(tmp_path / "other.otf", "LXGW WenKai HK", "飲")
    assert user_font(tmp_path, "LXGW WenKai HK").files == (tmp_path / "other.otf",)
    with pytest.raises(InputError) as caught:
        user_font(tmp_path, "Noto Sans HK")
    assert caught.value.code == "fonts.which" and "My Kai" in caught.value.message()


def test_hong_kongs_face_of_a_collection(tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(str(font_file(tmp_path / f"{place}.ttf", f"Sans {place}", "飲"))) for place in ("JP", "HK", "TC")]
    collection.save(str(tmp_path / "all.ttc"))
    for font in collection.fonts:
        font.close()
    assert user_font(tmp_path / "all.ttc", "Noto Sans HK").family == "Sans HK"


@pytest.mark.parametrize(("name", "content", "code"), [("gone.ttf", None, "fonts.missing"), ("bad.ttf", b"no font", "fonts.unreadable")])
def test_no_font(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        user_font(tmp_path / name, FAMILY)
    assert caught.value.code == code


def test_an_empty_folder_has_no_font(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        user_font(tmp_path, FAMILY)
    assert caught.value.code == "fonts.missing"


def test_the_bundled_font_is_packaged() -> None:
    assert BUNDLED.is_file() and BUNDLED.parent == Path(fonts.__file__).parent.parent / "data" / "fonts"
