"""The language models' benches in small: every row is there and the numbers belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench import llm, memory


def test_batches_against_one_line_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "_REPLY_TOKENS", 4)
    result = llm.run(quick=True, work=tmp_path)
    assert [row.name for row in result.rows] == [
        f"{backend} tiny-qwen2: {how}, prefix {cached}"
        for backend in ("torch", "mlx")
        for cached in ("read every time", "read once")
        for how in ("one line at a time", "8 lines at once")
    ]
    for row in result.rows:
        assert row.metrics["tokens"] == 4 * int(row.metrics["lines"])
        assert float(row.metrics["lines_per_s"]) > 0
    assert list(tmp_path.iterdir()) == []


def test_the_peak_of_recognition_and_rewriting_is_the_larger_of_the_two(tmp_path: Path) -> None:
    """Far from the sum: what is left of the first is the libraries' code that it was the first to run."""
    rows = {row.name: row.metrics for row in memory.run(quick=False, work=tmp_path).rows}
    asr, text, both = (float(rows[name]["over_libraries_mb"]) for name in ("recognition", "language model", "one after the other"))
    assert asr > 80 and text > 250
    assert both <= max(asr, text) + 0.5 * min(asr, text)
