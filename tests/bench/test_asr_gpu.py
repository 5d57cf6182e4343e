"""The bench of decoding, run whole on toys: what it measures must have been written."""

from __future__ import annotations

import pytest

from core.bench import asr_gpu


def test_every_contestant_has_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asr_gpu, "TOKENS", 4)
    rows = {row.name: row.metrics for row in asr_gpu.run(asr_gpu.TOY, (1, 2))}
    assert list(rows) == [
        "toy: mlx_whisper, one window at a time",
        "toy: mlx_whisper, batch 2",
        "toy: ours-mlx, batch 1",
        "toy: ours-mlx, batch 2",
        "toy: ours-hf, batch 1",
        "toy: ours-hf, batch 2",
        "toy: transformers generate, batch 1",
    ]
    assert rows["toy: mlx_whisper, one window at a time"]["x_stock"] == 1.0
    ours = rows["toy: ours-hf, batch 2"]
    assert float(ours["total_ms"]) == pytest.approx(float(ours["encode_ms"]) + float(ours["decode_ms"]), abs=0.02)
    assert float(ours["align_ms"]) > 0
