"""The training text and the utterances kept out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.practice.corpus import LONGEST, characters_only, choose_held_out, held_out, write_texts


def test_characters_only() -> None:
    assert characters_only("喂，OK 嗎？𡃉3。") == "喂嗎𡃉"


def test_held_out_is_three_hundred_distinct_utterances() -> None:
    texts = held_out()
    assert len(set(texts)) == len(texts) == 300
    assert all(6 <= len(text) <= 40 and characters_only(text) == text for text in texts)


def test_held_out_comes_from_the_corpus() -> None:
    pytest.importorskip("pycantonese")
    assert choose_held_out() == held_out()


def test_training_text_is_seeded_and_knows_no_held_out_utterance(tmp_path: Path) -> None:
    pytest.importorskip("pycantonese")
    first, second = tmp_path / "a", tmp_path / "b"
    write_texts(first, 3000, 1)
    write_texts(second, 3000, 1)
    lines = first.read_text("utf-8").split()
    assert first.read_bytes() == second.read_bytes()
    assert 2900 <= len(lines) <= 3000
    assert all(line[-1] in "。？" and len(line) <= LONGEST + 5 for line in lines)
    assert not {characters_only(line) for line in lines} & set(held_out())
