"""One short run of `bench rules`: ours beats blind replacement."""

from __future__ import annotations

import pytest

from core.bench import rules


def test_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "find_spec", lambda name: None)
    spoken, blind, ours = rules.run(quick=True).rows
    assert [spoken.name, blind.name, ours.name] == ["as spoken", "blind replacement", "rules (ours)"]
    assert list(ours.metrics) == ["chrf2_open", "chrf2_held", "markers_per_100", "facts_kept_pct", "lines_per_s"]
    for score in ("chrf2_open", "chrf2_held"):
        assert float(spoken.metrics[score]) < float(blind.metrics[score]) < 60 < float(ours.metrics[score])
    assert ours.metrics["facts_kept_pct"] == 100.0
