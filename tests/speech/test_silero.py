"""Silero without torch, and bit for bit the wheel's own frame-by-frame model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.audio.wav import Audio
from core.errors import SetupError, StageError
from core.speech import silero
from core.speech.silero import SileroDetector, frames_with_context, model_file, open_session


def test_it_equals_the_frame_by_frame_model(spoken: tuple[Audio, object]) -> None:
    audio = spoken[0]
    session = open_session(model_file("silero_vad.onnx"), threads=1)
    state, rate, expected = np.zeros((2, 1, 128), np.float32), np.array(16000, np.int64), []
    for frames in frames_with_context(audio, 256):
        for frame in frames:
            value, state = session.run(None, {"input": frame[None], "state": state, "sr": rate})
            expected.append(value[0, 0])
    with SileroDetector(block_frames=100) as detector:
        heard = np.concatenate(list(detector.probabilities(audio)))
    assert heard.max() > 0.9 and heard.min() < 0.1
    np.testing.assert_array_equal(heard, np.array(expected, np.float32))


def test_frames_carry_the_last_64_samples_of_the_one_before(write_audio: object) -> None:
    samples = np.arange(1100) / 32767
    audio = write_audio(samples)  # type: ignore[operator]
    first, second = list(frames_with_context(audio, 2))
    whole = np.concatenate((np.zeros(64), np.arange(1100), np.zeros(1536 - 1100)))
    assert (first.shape, second.shape) == ((2, 576), (1, 576))
    np.testing.assert_array_equal(np.rint(first[0] * 32768), whole[:576])
    np.testing.assert_array_equal(np.rint(first[1] * 32768), whole[512:1088])
    np.testing.assert_array_equal(np.rint(second[0] * 32768), whole[1024:1600])


def test_torch_is_not_loaded() -> None:
    code = (
        "import sys; from core.speech.silero import SileroDetector\n"
        "with SileroDetector(): pass\n"
        "print(sorted({'torch', 'silero_vad'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def test_a_missing_wheel_names_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero, "find_spec", lambda name: None)
    with pytest.raises(SetupError) as caught, SileroDetector():
        pass
    assert caught.value.code == "speech.no_silero"
    assert "install.py" in caught.value.hint()


def test_a_missing_onnxruntime_names_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SetupError, match="onnxruntime"), SileroDetector():
        pass


def test_a_broken_file_names_the_repair(tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(SetupError) as caught:
        open_session(broken, threads=1)
    assert caught.value.detail


def test_a_failing_run_is_a_stage_error(spoken: tuple[Audio, object], monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def run(self, *_: object) -> None:
            raise RuntimeError("no")

    monkeypatch.setattr(silero, "open_session", lambda file, threads: Broken())
    with SileroDetector() as detector, pytest.raises(StageError, match="silero"):
        next(detector.probabilities(spoken[0]))
