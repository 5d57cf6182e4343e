"""What counts as a fact, and what only looks like one."""

from __future__ import annotations

from collections import Counter

import pytest

from core.passes.facts import changed, digits, latin, names, negations, numerals, quotations


def test_digits_are_folded_and_lose_their_thousands_commas() -> None:
    assert digits("共1,234人，３點半，2.5公里，9:30") == Counter(["1234", "3", "2.5", "9:30"])


def test_latin_words_keep_their_case_and_inner_marks() -> None:
    assert latin("用USB-C同don't，AT&T Wi-Fi6") == Counter(["USB-C", "don't", "AT&T", "Wi-Fi"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("廿八號", ["二十八"]),
        ("三百八十蚊", ["三百八十"]),
        ("一齊去", []),
        ("千萬唔好", []),
        ("萬一", []),
        ("十分鐘", ["十"]),
        ("十分開心", []),
        ("第三次", ["三"]),
    ],
)
def test_numerals(text: str, found: list[str]) -> None:
    assert numerals(text) == Counter(found)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("我唔去", 1), ("我唔係唔去", 2), ("你去唔去？", 0), ("有冇？", 0), ("係咪真㗎？", 0), ("食咗未呀？", 0), ("我未食", 1), ("不過我去", 0),
        ("唔該", 0), ("差唔多", 0), ("沒有人", 1), ("我忘記了", 1), ("我唔記得", 1), ("無論如何", 0), ("他說「不」", 0), ("梗係唔係啦", 1),
        ("你看了沒有？", 0), ("錢都沒有", 1), ("太難忘了", 0), ("冇冇冇", 3), ("沒有沒有", 2), ("漂亮不漂亮", 0),
    ],
)  # fmt: skip
def test_negations(text: str, count: int) -> None:
    assert negations(text).total() == count


def test_quotations_and_names() -> None:
    assert quotations("佢話「唔好」同《喺度》") == Counter(["「唔好」", "《喺度》"])
    assert names("陳大文同陳大文", ("陳大文", "阿詩")) == Counter({"陳大文": 2})


def test_changed_names_the_kinds_in_order() -> None:
    assert changed("3個人唔去Paris", "5個人去Rome") == ("digits", "latin", "negation")
    assert changed("佢唔去", "他不去", ("陳大文",)) == ()
