"""What `bench speech` counts, and one short run of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench import speech
from core.bench.speech import Score, score
from core.document import SpeechRegion

TRUTH = ((1000, 2000), (4000, 6000))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([(1000, 2000), (4000, 6000)], Score(2, 0, 0, 0.0, 0), id="exact"),
        pytest.param([(990, 2050), (4000, 5900)], Score(2, 0, 0, 40.0, 100), id="edges off"),
        pytest.param([], Score(0, 2, 0, 0.0, 0), id="nothing"),
        pytest.param([(1000, 1499), (4000, 6000)], Score(1, 1, 0, 0.0, 0), id="less than half of one"),
        pytest.param([(1000, 2000), (2500, 3000), (4000, 6000)], Score(2, 0, 1, 0.0, 0), id="one that is no speech"),
        pytest.param([(1000, 2000), (4000, 4900), (5100, 6000)], Score(2, 0, 0, 0.0, 0), id="one in two parts"),
        pytest.param([(1000, 6000)], Score(2, 0, 0, 1750.0, 4000), id="two in one"),
    ],
)
def test_score(spans: list[tuple[int, int]], expected: Score) -> None:
    assert score([SpeechRegion(start, end) for start, end in spans], TRUTH) == expected


def test_a_run_measures_ours_and_the_peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(speech, "_QUICK_SECONDS", 20)
    monkeypatch.setattr(speech, "find_spec", lambda name: None)
    result = speech.run(quick=True, work=tmp_path / "work")
    assert [row.name for row in result.rows] == ["silero (ours)", "energy (ours)", "silero ONNX, frame by frame"]
    for row in result.rows:
        assert list(row.metrics) == ["seconds", "x_realtime", "found", "missed", "false", "boundary_ms", "worst_ms"]
        assert row.metrics["missed"] == row.metrics["false"] == 0
        assert isinstance(row.metrics["worst_ms"], int) and row.metrics["worst_ms"] <= 150
    assert list((tmp_path / "work").iterdir()) == []
