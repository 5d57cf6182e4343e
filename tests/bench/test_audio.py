"""The extraction benchmark, run whole on a small edit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.bench import audio
from core.bench.noise import NoiseSource, noise, write_source
from core.bench.noise_edit import EditShape, best_lag, edit_plan, edit_sources


def test_the_bench_measures_time_memory_and_lag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "QUICK", EditShape(clips=12, tracks=4, seconds=24, sources=3, source_s=12))
    monkeypatch.setattr(audio, "_ROUNDS", 1)
    result = audio.run(quick=True, work=tmp_path)
    ours, decode, mono = result.rows
    assert (ours.name, decode.name, mono.name) == ("ours", "ffmpeg decode", "ffmpeg decode to 16 kHz")
    assert (ours.metrics["clips"], ours.metrics["lag_samples_max"]) == (12, 0)
    assert float(ours.metrics["peak_mb"]) >= float(ours.metrics["engine_mb"]) > 20
    assert decode.metrics["ratio"] == 1.0
    assert len(list((tmp_path / "sources").iterdir())) == 3


def test_the_edit_is_always_the_same_and_as_large_as_said() -> None:
    shape = EditShape()
    sources = edit_sources(shape, Path("/media"))
    plan = edit_plan(shape, sources)
    assert plan == edit_plan(shape, sources)
    assert (len(plan.pieces), len({piece.file for piece in plan.pieces}), len({piece.track for piece in plan.pieces})) == (600, 10, 4)
    assert float(plan.duration_s) == pytest.approx(3000, abs=10)
    assert {source.kind for source in sources} == {"mov", "wav"}


def test_noise_is_the_same_at_every_rate_and_different_for_every_seed(tmp_path: Path) -> None:
    assert best_lag(noise(1, 100, 16100), noise(1, 90, 16090), 50) == (-10, pytest.approx(1, abs=0.01))
    assert abs(best_lag(noise(1, 0, 16000), noise(2, 0, 16000), 50)[1]) < 0.1
    assert np.array_equal(noise(1, -2, 2)[:2], [0, 0])
    assert np.array_equal(noise(1, 319_990, 320_010)[10:], noise(1, 320_000, 320_010))


def test_a_source_is_written_once(tmp_path: Path) -> None:
    source = NoiseSource(tmp_path / "a.wav", "wav", 1, 48_000, (1,))
    source.path.write_bytes(b"mine")
    write_source(source)
    assert source.path.read_bytes() == b"mine"
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]
