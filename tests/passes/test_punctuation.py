"""Marks as Hong Kong subtitles have them."""

from __future__ import annotations

import pytest

from core.passes.base import PunctuationOptions
from core.passes.punctuation import punctuate


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我走喇，", "我走喇"),
        ("我走喇。", "我走喇"),
        ("好呀，我走喇。你呢?", "好呀 我走喇 你呢？"),
        ("真係？？！", "真係？"),
        ("好嘢！！！", "好嘢！"),
        ("等等......", "等等…"),
        ("等等。。。", "等等…"),
        ("等等⋯⋯", "等等…"),
        ("你去嗎", "你去嗎？"),
        ("佢話“唔得”", "佢話「唔得」"),
        ('佢話"唔得"', "佢話「唔得」"),
        ("共1,234人", "共1234人"),
        ("共12,345人", "共12,345人"),
        ("長2.5公里,好遠", "長2.5公里 好遠"),
        ("３點ＯＫ", "3點OK"),
        ("第一行，\n第二行。", "第一行\n第二行"),
        ("Apple, Google", "Apple, Google"),
        ("一、二、三", "一、二、三"),
    ],
)
def test_default_style(text: str, wanted: str) -> None:
    assert punctuate(text, PunctuationOptions()) == wanted


def test_commas_may_stay() -> None:
    assert punctuate("好呀，我走喇。你呢?", PunctuationOptions(commas="keep")) == "好呀，我走喇。你呢？"


@pytest.mark.parametrize(("spacing", "wanted"), [("keep", "用 Mac剪片"), ("none", "用Mac剪片"), ("space", "用 Mac 剪片")])
def test_spaces_beside_latin_words(spacing: str, wanted: str) -> None:
    assert punctuate("用 Mac剪片", PunctuationOptions(latin_spacing=spacing)) == wanted
