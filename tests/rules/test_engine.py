"""The rule engine: every example of every table, what it never touches, and that many lines are each line."""

from __future__ import annotations

import pytest

from core.rules.engine import engine, repairs
from core.rules.pattern import BIT, Rule
from core.rules.tables import classes, rules_of

TABLES = ("structure.tsv", "words.tsv", "repairs.tsv", "slips.tsv")
EXAMPLES = [(table, rule, pair) for table in TABLES for rule in rules_of(table) for pair in rule.examples]


@pytest.mark.parametrize(("table", "rule", "pair"), EXAMPLES, ids=[f"{rule.source} {pair[0]}" for _, rule, pair in EXAMPLES])
def test_examples(table: str, rule: Rule, pair: tuple[str, str]) -> None:
    used = engine("written") if table in ("structure.tsv", "words.tsv") else repairs(table)
    assert used.line(pair[0]) == pair[1]


def test_there_are_examples_enough() -> None:
    assert len(EXAMPLES) >= 150


TRAPS = [
    ("打電話畀我", "打電話給我"),
    ("佢唔識講說話", "他不會說說話"),
    ("呢個人係邊個呢？", "這個人是誰呢？"),
    ("坐喺旁邊嗰個", "坐在旁邊那個"),
    ("你去邊度？", "你去哪裏？"),
    ("銀行喺邊？", "銀行在哪裏？"),
    ("行去山邊行山", "走去山邊行山"),
    ("食飯先", "先吃飯"),
    ("我先走", "我先走"),
    ("佢食緊飯，好緊張", "他正在吃飯，很緊張"),
    ("最要緊係開心", "最要緊是開心"),
    ("我畀人呃咗", "我被人騙了"),
    ("佢送俾我", "他送給我"),
    ("唔畀佢去", "不讓他去"),
    ("你去唔去？", "你去不去？"),
    ("有冇食飯？", "有沒有吃飯？"),
    ("唔好意思，唔該借借", "不好意思，麻煩讓一讓"),
    ("而家幾點？三點半", "現在幾點？三點半"),
    ("點解咁貴？", "為甚麼這麼貴？"),
    ("呢度好平", "這裏很便宜"),
    ("公平同平安", "公平和平安"),
    ("我仲未放工返屋企", "我還未下班回家"),
    ("廿蚊同卅歲", "二十元和三十歲"),
    ("阿媽話佢唔嚟", "媽媽說她不來"),
    ("佢哋成日傾偈", "他們常常聊天"),
]


@pytest.mark.parametrize(("spoken", "written"), TRAPS)
def test_words_that_look_alike(spoken: str, written: str) -> None:
    assert engine("written").line(spoken) == written


@pytest.mark.parametrize("text", ["佢話「我唔會走」", "睇《喺度》", "『佢哋』"])
def test_quotations_and_titles_stay(text: str) -> None:
    inside = text[text.index(next(mark for mark in "「《『" if mark in text)) :]
    assert engine("written").line(text).endswith(inside)
    assert engine("half").line(text).endswith(inside)


def test_names_stay_against_every_rule() -> None:
    assert engine("written", frozenset({"佢哋樂隊"})).line("我鍾意佢哋樂隊") == "我喜歡佢哋樂隊"


def test_a_cue_break_stays_a_break_and_cuts_no_word() -> None:
    rules = engine("written")
    assert rules.rewrite([("佢打電", "話俾我"), ("冇問題",), ("好靚", "呢個", "位")]) == [("他打電話", "給我"), ("沒問題",), ("很漂亮", "這個", "位")]


def test_line_breaks_stay() -> None:
    assert engine("written").line("佢唔喺度\n我都唔喺度") == "他不在這裏\n我也不在這裏"


def test_any_character_is_survived() -> None:
    odd = "".join(map(chr, range(1, 0x250))) + "\u2028\ufeff\U0001f600👨‍👩‍👧唔"
    assert len(engine("written").rewrite([(odd,), ("\x1e", "\x0b"), ("",)])[1]) == 2


def test_lines_together_are_the_lines_alone() -> None:
    rules, lines = engine("written"), [pair[0] for _, _, pair in EXAMPLES]
    assert [one[0] for one in rules.rewrite((line,) for line in lines)] == [rules.line(line) for line in lines]


def test_half_keeps_the_words_and_changes_the_grammar() -> None:
    assert engine("half").line("佢哋唔鍾意食呢啲餸") == "他們不鍾意食這些餸"


def test_every_class_word_with_a_spoken_character_has_a_rule() -> None:
    """A word the segmenter keeps whole that no rule knows would keep its spoken characters for ever."""
    known = {word for table in ("structure.tsv", "words.tsv") for rule in rules_of(table) for word in rule.words()}
    split = {word for word in classes() if classes()[word] & BIT["SPLIT"]}
    assert [word for word in classes() if len(word) > 1 and set(word) & set("嘅係咗喺唔冇嗰㗎佢哋嘢嚟畀俾啲") and word not in known | split] == []
