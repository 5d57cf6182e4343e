"""Numbered lines: what is written, what is read, what is refused whole."""

from __future__ import annotations

import pytest

from core.passes.numbered import NotNumberedError, numbered, parse


def test_lines_get_numbers_and_lose_their_breaks() -> None:
    assert numbered(["你好", "第一行\n第二行"]) == "1. 你好\n2. 第一行 第二行"


@pytest.mark.parametrize("reply", ["1. 甲\n2. 乙", "\n 1．甲 \n\n2、乙\n", "1: 甲\r\n2：乙"])
def test_numbers_are_read_in_any_dress(reply: str) -> None:
    assert parse(reply, 2) == {1: "甲", 2: "乙"}


def test_a_missing_or_empty_line_is_only_missing() -> None:
    assert parse("1. 甲\n3. 丙", 3) == {1: "甲", 3: "丙"}
    assert parse("1. 甲\n2.\n3. 丙", 3) == {1: "甲", 3: "丙"}
    assert parse("", 2) == {}


@pytest.mark.parametrize(
    "reply", ["Sure!\n1. 甲\n2. 乙", "1. 甲\n2. 乙\n3. 丙", "2. 乙\n1. 甲", "1. 甲\n1. 乙", "0. 甲", "甲\n乙", "1. 甲\n2. 乙\n完成"]
)
def test_anything_else_is_refused_whole(reply: str) -> None:
    with pytest.raises(NotNumberedError):
        parse(reply, 2)
