"""How the practice model is measured."""

from __future__ import annotations

import pytest

from core.practice import evaluate
from core.practice.evaluate import Said, character_error_rate, edge_hits, segments_of


def test_error_rate_counts_characters_only() -> None:
    assert character_error_rate(["今日天氣好好", "唔該"], ["今日，天氣好。", "唔該晒！"]) == pytest.approx(2 / 8)


def test_segments_are_read_from_marks() -> None:
    assert segments_of("<|0.34|>乜嘢？<|0.84|><|1.72|>搞乜啊。<|2.20|><|9.00|>") == (Said("乜嘢", 0.34, 0.84), Said("搞乜啊", 1.72, 2.2))


def test_both_edges_must_fit() -> None:
    truth = [Said("一", 1.0, 2.0), Said("二", 3.0, 4.0), Said("三", 9.0, 10.0)]
    heard = [Said("一", 1.2, 1.8), Said("二", 3.0, 4.3)]
    assert list(edge_hits(truth, heard)) == [True, False, False]
    assert list(edge_hits(truth[:1], [])) == [False]


def test_windows_hold_every_utterance_once_and_in_time() -> None:
    texts = ["今日天氣好好呀", "你食咗飯未呀", "我哋聽日去邊度玩", "佢話冇問題"]
    windows = list(evaluate.test_windows(texts))
    assert [said.text for window in windows for said in window.said] == texts
    for window in windows:
        assert len(window.samples) <= 480_000
        assert all(0.1 <= said.start_s < said.end_s <= len(window.samples) / 16_000 for said in window.said)
