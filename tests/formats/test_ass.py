"""ASS: the looks, the picture's size, bilingual events, and the frame on which a renderer really shows a cue."""

from __future__ import annotations

from pathlib import Path

import pysubs2
import pytest

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats.ass import read, write
from core.formats.ass_styles import look, looks
from core.formats.base import ReadOptions, WriteOptions
from core.timing import FrameRate
from fakes.documents import RATES, two_speakers, written_twin


def text_of(tmp_path: Path, options: WriteOptions, document: SubtitleDocument | None = None) -> str:
    write(document or two_speakers(), tmp_path / "a.ass", options)
    return (tmp_path / "a.ass").read_text("utf-8")


def test_the_whole_file(tmp_path: Path) -> None:
    assert text_of(tmp_path, WriteOptions(title="第一集")).splitlines() == [
        "[Script Info]",
        "; Canto-Beats",
        "Title: 第一集",
        "PlayResX: 1920",
        "PlayResY: 1080",
        "LayoutResX: 1920",
        "LayoutResY: 1080",
        "ScaledBorderAndShadow: yes",
        "WrapStyle: 2",
        "YCbCr Matrix: TV.709",
        "ScriptType: v4.00+",
        "",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, "
        "ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding",
        "Style: Main,Noto Sans HK,90,&H00FFFFFF,&H00FFFFFF,&H00000000,&H9F000000,0,0,0,0,100,100,1,0,1,4,1,2,60,60,60,1",
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        "Dialogue: 0,0:00:00.00,0:00:02.00,Main,阿明,0,0,0,,你今晚去邊度食飯？",
        "Dialogue: 0,0:00:02.08,0:00:04.00,Main,阿欣,0,0,0,,去旺角㗎\\N食車仔麵",
        "Dialogue: 0,0:00:04.00,0:00:05.20,Main,,0,0,0,,OK，八點見",
    ]


def test_a_look_grows_with_the_picture() -> None:
    small, big = look("hk_broadcast").scaled(720), look("bilingual").scaled(2160)
    assert (small.size, small.outline, small.margin_v, small.spacing) == (60, 2.67, 40, 0.67)
    assert big.second is not None
    assert (big.size, big.second.size, big.second.margin_v, big.second.colour) == (172, 116, 88, "FFE680")


@pytest.mark.parametrize("name", sorted(looks()))
def test_every_look_is_written_and_read(name: str, tmp_path: Path) -> None:
    options = WriteOptions(style=name, second=two_speakers())
    document = written_twin()
    write(document, tmp_path / "a.ass", options)
    found = read(tmp_path / "a.ass", ReadOptions(FrameRate(25)))
    assert [cue.text for cue in found.cues] == [cue.text for cue in document.cues]
    file = pysubs2.load(str(tmp_path / "a.ass"))
    width, height = (1080, 1920) if name == "social_9x16" else (1920, 1080)
    assert (file.info["PlayResX"], file.info["PlayResY"]) == (str(width), str(height))


def test_sixteen_characters_of_every_look_fit_the_picture() -> None:
    """A character of Noto Sans CJK is 0.684 of the ASS font size wide; 9:16 holds eleven."""
    for name, made in looks().items():
        width, characters = (1080, 11) if made.portrait else (1920, 18)
        assert characters * (0.684 * made.size + made.spacing) <= width - 2 * made.margin_h, name


def test_two_languages_are_two_events_with_two_styles(tmp_path: Path) -> None:
    rows = text_of(tmp_path, WriteOptions(style="bilingual", second=two_speakers()), written_twin()).splitlines()
    assert [row for row in rows if row.startswith("Dialogue")][:2] == [
        "Dialogue: 0,0:00:00.00,0:00:02.00,Main,阿明,0,0,0,,你今晚去哪裏吃飯？",
        "Dialogue: 1,0:00:00.00,0:00:02.00,Second,阿明,0,0,0,,你今晚去邊度食飯？",
    ]


def test_a_bilingual_look_needs_both_registers(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write(two_speakers(), tmp_path / "a.ass", WriteOptions(style="bilingual"))
    assert caught.value.code == "formats.needs_second"


def test_an_unknown_look_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write(two_speakers(), tmp_path / "a.ass", WriteOptions(style="comic"))
    assert "hk_broadcast, hk_box, kai_drama, social_9x16, bilingual" in caught.value.hint()


@pytest.mark.parametrize("rate", [name for name in RATES if name != "120"])
def test_a_renderer_shows_a_cue_from_its_first_frame_to_its_last(rate: str, tmp_path: Path) -> None:
    """libass shows an event while start <= now < end, and players give it the frame's time in whole milliseconds, rounded either way."""
    fps = RATES[rate].fps
    cues = tuple(Cue(f"c{n}", 11 * n, 11 * n + 1 + n % 10, "字") for n in range(500))
    write(SubtitleDocument(cues, RATES[rate]), tmp_path / "a.ass", WriteOptions())
    for event, cue in zip(pysubs2.load(str(tmp_path / "a.ass")).events, cues, strict=True):
        for frame in (cue.start_frame - 1, cue.start_frame, cue.end_frame - 1, cue.end_frame):
            shown = cue.start_frame <= frame < cue.end_frame
            floor = 1000 * frame // fps
            assert all((event.start <= now < event.end) == shown for now in (floor, -(-1000 * frame // fps)))


def test_ten_hours_are_the_end(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write(SubtitleDocument((Cue("a", 899_950, 900_001, "字"),), FrameRate(25)), tmp_path / "a.ass", WriteOptions())
    assert caught.value.code == "formats.too_long" and list(tmp_path.iterdir()) == []


FOREIGN = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Style: Default,Arial,20
[Events]
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\an8\\i1}甲{\\i0}\\N乙\\h丙
Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,不要
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
Dialogue: 0,0:00:05.02,0:00:06.00,Default,阿明,0,0,0,,丁，a,b
"""


def test_other_programs_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.ass").write_text(FOREIGN, "utf-8")
    found = read(tmp_path / "a.ass", ReadOptions(FrameRate(25)))
    assert [(cue.start_frame, cue.end_frame, cue.text, cue.speaker) for cue in found.cues] == [
        (25, 50, "甲\n乙 丙", None),
        (126, 150, "丁，a,b", "阿明"),
    ]


def test_a_centisecond_rounded_up_by_others_is_the_same_frame(tmp_path: Path) -> None:
    (tmp_path / "a.ass").write_text(FOREIGN.replace("0:00:01.00", "0:00:01.13"), "utf-8")  # frame 27 at 23.976 begins at 1.1261 s
    assert read(tmp_path / "a.ass", ReadOptions(FrameRate(24000, 1001))).cues[0].start_frame == 27


def test_what_is_no_ass_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ass").write_text("shopping list", "utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.ass", ReadOptions())
    assert caught.value.code == "formats.not_ass"
