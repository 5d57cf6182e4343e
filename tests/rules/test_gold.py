"""The rule engine on the gold set and on real speech: the bars it must keep."""

from __future__ import annotations

import pytest

from core.bench.gold import GoldLine, gold_lines, kept
from core.bench.rules import hkcancor_lines
from core.bench.text_metrics import chrf2, markers_per_100
from core.document import Cue, SubtitleDocument
from core.passes.base import PassContext, run_passes
from core.passes.facts import changed
from core.passes.guards import outside, visible_length
from core.passes.written import written
from core.rules.engine import engine
from core.timing import FrameRate

GOLD = gold_lines()


def test_the_gold_set_is_what_it_says() -> None:
    assert (len(GOLD), sum(line.held for line in GOLD), len({line.id for line in GOLD})) == (200, 64, 200)
    assert [line.id for line in GOLD if not kept(line.written, line)] == []


@pytest.mark.parametrize(("held", "bar"), [(False, 88), (True, 80)])
def test_chrf2_in_written_chinese(held: bool, bar: float) -> None:
    lines = [line for line in GOLD if line.held == held]
    assert chrf2([engine("written").line(line.spoken) for line in lines], [line.written for line in lines]) >= bar


def test_chrf2_in_half_written_chinese() -> None:
    lines = [line for line in GOLD if line.half]
    assert chrf2([engine("half").line(line.spoken) for line in lines], [line.half for line in lines]) >= 90


def test_markers_left_in_written_chinese() -> None:
    assert markers_per_100([engine("written").line(line.spoken) for line in GOLD]) <= 0.8


@pytest.mark.parametrize("line", GOLD, ids=lambda line: line.id)
def test_protected_facts_survive(line: GoldLine) -> None:
    text = engine("written").line(line.spoken)
    assert kept(text, line), text
    assert changed(line.spoken, text) == (), text


def test_no_line_changes_its_length_much_without_a_finding() -> None:
    cues = tuple(Cue(line.id, n * 100, n * 100 + 50, line.spoken) for n, line in enumerate(GOLD))
    done, _ = run_passes(SubtitleDocument(cues, FrameRate(25)), (written,), PassContext())
    noted = {finding.cue_id for finding in done.findings}
    lengths = {cue.id: (visible_length(cue.text), visible_length(new.text)) for cue, new in zip(cues, done.cues, strict=True)}
    assert [name for name, pair in lengths.items() if outside(*pair) and name not in noted] == []
    assert len(noted) <= 10


def test_real_speech() -> None:
    lines = hkcancor_lines()
    rules = engine("written")
    made = [texts[0] for texts in rules.rewrite((line,) for line in lines)]
    assert len(made) > 16_000
    assert markers_per_100(lines) > 17
    assert markers_per_100(made) <= 0.5
    assert 0.9 <= sum(map(len, made)) / sum(map(len, lines)) <= 1.1
    assert made == [texts[0] for texts in rules.rewrite((line,) for line in lines)]
    assert sum(changed(line, text) != () for line, text in zip(lines, made, strict=True)) <= 0.005 * len(lines)
