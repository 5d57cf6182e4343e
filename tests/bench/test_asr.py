"""`bench asr`: what it counts, who takes part, and what becomes of those who cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.audio.wav import Audio
from core.bench import asr
from core.bench.asr import Shape, Spoken, metrics_of, speak, with_ratios
from core.bench.asr_peers import CONTESTANTS, convert_weights
from core.bench.table import Row
from core.practice.corpus import characters_only, held_out

from ..fakes.whisper_model import PRACTICE

TRUTH = ((1000, 2000, "今日好天"), (4000, 6000, "你食咗飯未"))
TOLD = {"load_s": 1.234, "start_s": 2.345, "seconds": 2.0, "cpu_s": 3.0, "peak_mb": 321.04}
ON_TORCH_OR_C = ["ours-hf", "transformers", "faster-whisper", "faster-whisper-batched", "whisper.cpp"]


def told(*lines: tuple[int, int, str]) -> dict[str, Any]:
    return {**TOLD, "lines": [list(line) for line in lines]}


def test_a_row_has_the_numbers_of_what_was_heard() -> None:
    lines = told((1000, 2100, "今日好天。"), (2500, 3500, "字幕由"), (4100, 6000, "你食左飯未？"))
    assert metrics_of(lines, TRUTH, 10_000) == {
        "audio_s": 10.0,
        "seconds": 2.0,
        "x_realtime": 5.0,
        "cpu_s": 3.0,
        "cer": 0.4444,
        "invented": 3,
        "boundary_ms": 50.0,
        "peak_mb": 321.0,
        "load_s": 1.23,
        "start_s": 2.35,
    }


def test_nothing_heard_is_all_wrong_and_nothing_invented() -> None:
    metrics = metrics_of(told(), TRUTH, 10_000)
    assert (metrics["cer"], metrics["invented"]) == (1.0, 0)


def test_times_are_compared_over_equal_stretches_with_our_faster_backend() -> None:
    rows = [
        Row("ours-mlx", {"audio_s": 60.0, "seconds": 8.0}),
        Row("ours-hf, first part", {"audio_s": 60.0, "seconds": 4.0}),
        Row("mlx_whisper", {"audio_s": 60.0, "seconds": 20.0}),
        Row("ours-hf", {"audio_s": 600.0, "seconds": 30.0}),
        Row("transformers", {"audio_s": 600.0, "seconds": 75.0}),
        Row("whisper.cpp", {"reason": "not installed: pywhispercpp"}),
    ]
    assert [row.metrics.get("times_ours") for row in with_ratios(rows)] == [2.0, 1.0, 5.0, 1.0, 2.5, None]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    return speak(tmp_path_factory.mktemp("audio") / "spoken.wav", Shape(seconds=16, tail_s=5, part_s=5))


def test_the_audio_is_what_the_model_was_not_taught_and_ends_in_silence(spoken: Spoken) -> None:
    assert tuple(text for _, _, text in spoken.truth) == held_out()[: len(spoken.truth)]
    assert spoken.audio.duration_ms - spoken.truth[-1][1] == 5000
    assert spoken.truth[0][1] < spoken.first_ms(1) < spoken.truth[1][0]
    assert spoken.said(spoken.first_ms(1)) == spoken.truth[:1]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    scratch = tmp_path_factory.mktemp("weights")
    return lambda kind: convert_weights(kind, PRACTICE, scratch)


@pytest.mark.parametrize("name", ON_TORCH_OR_C)
def test_contestants_hear_the_same_sentence(name: str, spoken: Spoken, weights: Callable[[str], Path]) -> None:
    contestant = CONTESTANTS[name]
    for package in contestant.packages:
        pytest.importorskip(package)
    hear = contestant.load(weights(contestant.weights), 1)
    length_ms = spoken.first_ms(1)
    lines = hear(Audio(spoken.audio.path, length_ms * 16))
    assert characters_only("".join(text for _, _, text in lines)) == held_out()[0]
    start_ms, end_ms, _ = spoken.truth[0]
    # Whisper's rules let no first line begin later than a second into a window
    assert 0 <= lines[0][0] <= start_ms + 300 and abs(lines[-1][1] - end_ms) <= 300


def test_mlx_whisper_is_asked_for_single_precision_and_cantonese(spoken: Spoken, monkeypatch: pytest.MonkeyPatch) -> None:
    mx = pytest.importorskip("mlx.core")
    loaded: list[object] = []

    def transcribe(samples: np.ndarray[Any, Any], **options: object) -> dict[str, object]:
        assert options == {"path_or_hf_repo": "folder", "language": "yue", "fp16": False, "condition_on_previous_text": False}
        return {"segments": [{"start": 0.5, "end": len(samples) / 16_000, "text": "好"}]}

    module = ModuleType("mlx_whisper.transcribe")
    vars(module).update(transcribe=transcribe, ModelHolder=SimpleNamespace(get_model=lambda *wanted: loaded.append(wanted)))
    monkeypatch.setitem(sys.modules, "mlx_whisper", ModuleType("mlx_whisper"))
    monkeypatch.setitem(sys.modules, "mlx_whisper.transcribe", module)
    assert CONTESTANTS["mlx_whisper"].load(Path("folder"), 1)(Audio(spoken.audio.path, 32_000)) == [(500, 2000, "好")]
    assert loaded == [("folder", mx.float32)]


def test_weights_are_converted_once(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = convert_weights("ggml", PRACTICE, tmp_path)
    (folder / "model.bin").write_bytes(b"mine")
    assert convert_weights("ggml", PRACTICE, tmp_path) == folder
    assert (folder / "model.bin").read_bytes() == b"mine"


def test_a_peer_that_is_not_installed_or_fails_is_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if "transformers" in command:
            raise subprocess.CalledProcessError(1, command, "", "Traceback\nValueError: no such layer\n")
        if "ours-hf" in command and asr.QUICK.part_s == 3:
            raise subprocess.TimeoutExpired(command, 1200)
        return subprocess.CompletedProcess(command, 0, "noise\n" + json.dumps(told()) + "\n", "")

    monkeypatch.setattr(asr, "QUICK", Shape(seconds=8, tail_s=2, part_s=3))
    monkeypatch.setattr(asr, "find_spec", lambda name: None if name in ("pywhispercpp", "mlx", "faster_whisper") else object())
    monkeypatch.setattr(asr.subprocess, "run", run)
    monkeypatch.setattr(asr, "speak", lambda path, shape: Spoken(Audio(path, 160_000), TRUTH))
    result = asr.run(quick=True, work=tmp_path)
    assert {row.name: row.metrics.get("reason") for row in result.rows} == {
        "ours-mlx": "not installed: mlx",
        "ours-hf, first part": "gave up after 1200 s",
        "mlx_whisper": "not installed: mlx",
        "ours-hf": "gave up after 1200 s",
        "transformers": "ValueError: no such layer",
        "faster-whisper": "not installed: faster_whisper",
        "faster-whisper-batched": "not installed: faster_whisper",
        "whisper.cpp": "not installed: pywhispercpp",
    }
    assert "threads; load before the first row" in result.machine
    assert list(tmp_path.iterdir()) == []
