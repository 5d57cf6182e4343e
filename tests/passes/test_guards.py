"""Each guard refuses what it is there for and lets a faithful rewrite pass."""

from __future__ import annotations

import pytest

from core.passes.guards import Candidate, reasons

GOOD = [
    ("佢琴日喺中環食咗兩碗雲吞麵", "他昨天在中環吃了兩碗雲吞麵"),
    ("你使唔使我幫手㗎？", "你要不要我幫忙？"),
    ("係呀", "是的"),
    ("我send咗email俾你，你睇咗未？", "我把email send了給你，你看了沒有？"),
    ("廿八號先出糧", "二十八號才發薪水"),
    ("佢話「我唔會走」", "他說「我唔會走」"),
    ("識唔識去尖沙咀？", "你懂得去尖沙咀嗎？"),
]


@pytest.mark.parametrize(("before", "after"), GOOD)
def test_a_faithful_rewrite_passes(before: str, after: str) -> None:
    assert reasons(Candidate(before, after, rules=after)) == ()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("我唔去", "。", "empty"),
        ("我唔去旺角", "我不去\ufffd旺角", "garbled"),
        ("我唔去旺角", "我不去旺角\n", "garbled"),
        ("我唔去旺角", "改寫：我不去旺角", "chatter"),
        ("我唔去旺角", "1. 我不去旺角", "chatter"),
        ("我想去旺角食飯同睇戲", "我想去旺角吃飯吃飯吃飯吃飯", "repetition"),
        ("我想去旺角食飯", "我想去", "length"),
        ("我想去旺角食飯", "我想和大家一起去旺角吃一頓晚飯", "length"),
        ("我想去旺角食飯", "我想去旺角吃飯" * 20, "length"),
        ("我想去旺角食飯", "本人茲往旺角用膳", "formal"),
        ("嗰度有3個人", "那裏有5個人", "digits"),
        ("呢件衫三百八十蚊", "這件衣服三百元", "numerals"),
        ("好多人參加", "有三百人參加", "numerals"),
        ("用MacBook做嘢", "用macbook工作", "latin"),
        ("部電腦好快", "computer很快", "latin"),
        ("佢話「我唔會走」", "他說「我不會走」", "quotations"),
        ("我唔想去旺角", "我想去旺角", "negation"),
        ("我想去旺角", "我不想去旺角", "negation"),
        ("冇人唔知", "沒有人知道", "negation"),
    ],
)
def test_what_each_guard_refuses(before: str, after: str, reason: str) -> None:
    assert f"passes.guard_{reason}" in reasons(Candidate(before, after, rules=after))


def test_a_name_of_the_glossary_must_stay() -> None:
    one = Candidate("陳大文喺度", "陳大民在這裏", "陳大文在這裏", names=("陳大文",))
    assert reasons(one) == ("passes.guard_names",)


def test_text_of_the_instructions_is_a_leak_unless_it_was_said() -> None:
    told = "助語詞可以刪去，看不懂的字照抄。"
    assert "passes.guard_leak" in reasons(Candidate("我唔明助語詞係乜嘢嚟", "助語詞可以刪去看不懂的", "我不明白助語詞是甚麼", instructions=told))
    said = Candidate("佢話助語詞可以刪去看不懂的", "他說助語詞可以刪去看不懂的", "他說助語詞可以刪去看不懂的", instructions=told)
    assert "passes.guard_leak" not in reasons(said)


def test_the_words_of_another_line_are_refused() -> None:
    first, second = "你究竟想怎樣？", "我想跟你聊聊天"
    assert reasons(Candidate("你究竟想點？", second, first, (second,))) == ("passes.guard_elsewhere",)
    assert reasons(Candidate("你究竟想點？", "你到底想怎樣？", first, (second,))) == ()
