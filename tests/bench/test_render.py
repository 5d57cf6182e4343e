"""The benchmark of burning in, run whole on a second of a small picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench import render


def test_both_sides_are_measured_in_turn_and_leave_only_the_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_SIZE", (320, 180))
    monkeypatch.setattr(render, "_QUICK_SECONDS", 4)
    monkeypatch.setattr(render, "_ROUNDS", 1)
    ours, hand = render.run(quick=True, work=tmp_path).rows
    assert (ours.name, hand.name) == ("h264, ours, with checks", "h264, ffmpeg by hand")
    assert hand.metrics["speed_ratio"] == hand.metrics["cpu_ratio"] == 1.0
    assert 0 < float(ours.metrics["speed_ratio"]) < 2 and float(ours.metrics["cpu_s"]) > float(hand.metrics["cpu_s"])
    assert [path.name for path in tmp_path.iterdir()] == ["film-4.mp4"]
