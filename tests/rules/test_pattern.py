"""The tables' small language: what is read and what is refused, with the line that is wrong."""

from __future__ import annotations

import pytest

from core.rules.pattern import BIT, Element, Term, parse_rule


def _row(**cells: str) -> dict[str, str]:
    return {"level": "half", "pattern": "緊", "before": "", "after": "", "replacement": "正在", "examples": ""} | cells


def test_a_whole_rule() -> None:
    rule = parse_rule(_row(pattern="V/LAT 緊 ..", before="!^ ~係", after="$/呀", replacement="正在 $1 $3", examples="甲 => 乙 ; 丙 => 丁"), "t:2")
    assert rule.pattern == (Element(mask=BIT["V"] | BIT["LAT"]), Element(frozenset("緊")), Element(many=True))
    assert (rule.anchor, rule.literals, rule.replacement, rule.to_verb, rule.plain) == (1, frozenset("緊"), ("正在", "$1", "$3"), False, None)
    assert rule.before == (Term(frozenset(), BIT["BRK"], True, 0), Term(frozenset("係"), 0, False, 1))
    assert rule.after == (Term(frozenset("呀"), BIT["BRK"], False, 0),)
    assert rule.examples == (("甲", "乙"), ("丙", "丁"))


def test_short_forms() -> None:
    assert parse_rule(_row(), "t:2").plain == "正在"
    assert parse_rule(_row(replacement="-"), "t:2").plain == ""
    assert parse_rule(_row(pattern="=D"), "t:2").literals == frozenset("D")
    assert parse_rule(_row(replacement="@verb 先"), "t:2").to_verb
    assert parse_rule(_row(pattern="甲 $1"), "t:2").pattern[1] == Element(same=1)


@pytest.mark.parametrize(
    "cells",
    [
        {"level": "formal"}, {"pattern": "V A"}, {"pattern": "XYZ"}, {"pattern": ".. 緊"}, {"replacement": ""}, {"replacement": "$2"},
        {"before": "QQ"},
        {"examples": "甲 乙"},
    ],
)  # fmt: skip
def test_a_bad_row_names_its_line(cells: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^words\.tsv:7: "):
        parse_rule(_row(**cells), "words.tsv:7")
