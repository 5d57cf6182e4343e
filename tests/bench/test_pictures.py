"""The benchmark of pictures, run whole on seconds of film."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench import pictures


def test_the_bench_measures_time_and_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_QUICK", (8, 2)), ("_LOOP_S", 2), ("_THUMB_ROUNDS", 1), ("_DRAW_ROUNDS", 1), ("_SIZE", "320x180")):
        monkeypatch.setattr(pictures, name, value)
    result = pictures.run(quick=True, work=tmp_path)
    assert [row.name for row in result.rows] == [
        "2 thumbnails, ours",
        "2 thumbnails, an ffmpeg each, key frames",
        "2 thumbnails, an ffmpeg each, exact",
        "8 s of sound, peaks from samples",
        "8 s of sound, levels above",
        "8 s of sound, PNG 4000x200",
    ]
    assert 20 < float(result.rows[0].metrics["peak_mb"]) < 300
    assert float(result.rows[1].metrics["ours_to_this"]) > 0
    assert result.rows[3].metrics["points"] == 800
    assert len(list(tmp_path.glob("ours *.jpg"))) == len(list(tmp_path.glob("ffmpeg *.jpg"))) == 2
    assert pictures.make_film(tmp_path, 8) == tmp_path / "film 8 s.mp4"
