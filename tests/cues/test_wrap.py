"""Two lines: even, rather heavier below, between words, no one or two characters alone."""

import pytest

from core.cues.presets import load_preset
from core.cues.wrap import wrap

NETFLIX = load_preset("netflix_zh_hant")


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        ("我哋今日去飲茶", "我哋今日去飲茶"),
        ("今日天氣好好我哋一齊去海邊行下", "今日天氣好好我哋一齊去海邊行下"),
        ("今日天氣好好，我哋決定一齊去海邊食海鮮", "今日天氣好好，\n我哋決定一齊去海邊食海鮮"),
        ("我哋今日去咗一間新開嘅餐廳食飯佢哋啲嘢", "我哋今日去咗\n一間新開嘅餐廳食飯佢哋啲嘢"),
        ("第一行\n第二行已經有自己嘅分行所以唔會再分", "第一行\n第二行已經有自己嘅分行所以唔會再分"),
        ("Supercalifragilisticexpialidocious", "Supercalifragilisticexpialidocious"),
    ],
)
def test_wrap(text: str, wrapped: str) -> None:
    assert wrap(text, NETFLIX) == wrapped


def test_one_line_stays_one_line() -> None:
    text = "今日天氣好好所以我哋決定一齊去海邊食海鮮"
    assert wrap(text, load_preset("hk_broadcast")) == text


def test_a_name_is_not_broken() -> None:
    assert "龜波氣功" in wrap("佢哋兩個今日一齊練習龜波氣功練到好夜先至返屋企", NETFLIX, frozenset({"龜波氣功"})).replace("\n", "|")
