"""Who gets Qwen3-ASR, what the user is told of it, and what becomes of the simplified text that it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import backends
from core.asr import recogniser as recogniser_module
from core.asr import select
from core.asr.base import SHARED_TIMES, ChunkResult, TranscribeOptions
from core.asr.recogniser import Recogniser, choose_recogniser, engine_of, transcribe
from core.asr.select import choose_device
from core.audio.wav import Audio
from core.bench.plans import machines
from core.cues.split import CueOptions, document_of, make_cues
from core.doctor import Check, _recogniser
from core.document import Segment, SpeechRegion
from core.engine_plan import plan_engine
from core.errors import SetupError
from core.hardware import DeviceState, Reason
from core.passes.base import PassContext
from core.passes.hk_script import hk_script
from core.settings import Settings
from core.speech.chunks import Chunk
from core.timing import FrameRate

from ..fakes.models import pretend, set_home
from ..fakes.whisper_model import write_wav

QWEN, ALIGNER = "qwen3-asr-1.7b-8bit", "qwen3-forced-aligner-8bit"
REGION = SpeechRegion(500, 3_500)
CHUNKS = (Chunk(0, 4_000, (REGION,)),)
ASKED = Settings(device="mlx", asr_model=QWEN)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return set_home(tmp_path, monkeypatch)


def machine(monkeypatch: pytest.MonkeyPatch, *, apple: bool, missing: str = "") -> None:
    gone = (Reason("hardware.not_installed", (("package", missing),)),)
    monkeypatch.setattr(select, "apple_silicon", lambda: apple)
    monkeypatch.setattr(select, "available", lambda kind, name: gone if missing and name == "qwen_mlx" else ())
    monkeypatch.setattr(select, "device_state", lambda device: DeviceState(device, True, True, Reason("hardware.mlx_gpu", (("name", "M9"),))))


def test_a_mac_takes_it_by_mlx(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, apple=True)
    choice = choose_device(kind="qwen3_asr")
    assert (choice.backend, choice.device) == ("qwen_mlx", "mlx")
    # the default is what it was
    assert choose_device().backend == "whisper_mlx"


def test_elsewhere_mlx_is_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, apple=False)
    assert choose_device("mlx", "qwen3_asr").backend == "qwen_mlx"
    for asked in ("auto", "cuda"):
        with pytest.raises(SetupError) as caught:
            choose_device(asked, "qwen3_asr")
        assert str(caught.value.params["why"]).count("Qwen3-ASR runs on MLX only (--device mlx)") == 1


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, apple=True, missing="mlx_audio")
    with pytest.raises(SetupError) as caught:
        choose_device("mlx", "qwen3_asr")
    assert caught.value.params["why"] == "the package mlx_audio is not installed"


@pytest.mark.parametrize(("kind", "engine"), [("qwen3_asr", "qwen3_asr"), ("whisper", "asr")])
def test_a_folder_is_known_by_its_config(tmp_path: Path, kind: str, engine: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}), "utf-8")
    assert engine_of(str(tmp_path), tmp_path) == engine


def test_a_model_of_the_table_is_known_by_its_name(tmp_path: Path) -> None:
    assert [engine_of(name, tmp_path) for name in (QWEN, "whisper-small-cantonese")] == ["qwen3_asr", "asr"]


def test_the_aligner_is_found_and_belongs_to_the_transcript(home: Path) -> None:
    pretend(home, QWEN)
    alone = choose_recogniser(ASKED)
    assert (alone.backend, alone.device, alone.aligner) == ("qwen_mlx", "mlx", None)
    pretend(home, ALIGNER)
    together = choose_recogniser(ASKED)
    assert together.aligner == home / ALIGNER
    assert together.fingerprint() != alone.fingerprint()


def test_whisper_needs_no_aligner(home: Path) -> None:
    pretend(home, "whisper-large-v3-mlx", ALIGNER)
    chosen = choose_recogniser(Settings(device="mlx", asr_model="whisper-large-v3-mlx"))
    assert (chosen.backend, chosen.aligner) == ("whisper_mlx", None)


def test_the_doctor_names_backend_and_aligner(home: Path) -> None:
    pretend(home, QWEN)
    (without,) = _recogniser(ASKED)
    pretend(home, ALIGNER)
    (check,) = _recogniser(ASKED)
    assert isinstance(check, Check) and check.ok
    assert check.value.startswith(f"{QWEN} · qwen_mlx · mlx (")
    assert check.value.endswith(f"; {ALIGNER} finds the characters' times)")
    assert f"canto-beats models get {ALIGNER}" in without.value


def test_the_plan_takes_what_was_asked_for() -> None:
    asked = Settings(asr_model=QWEN)
    plan = plan_engine(dict(machines())["M1 Pro 32 GB"], asked)
    assert plan.asr and (plan.asr.model, plan.asr.quantisation, plan.asr.batch_size) == (QWEN, "8bit", 8)
    assert "hardware.only_mlx" not in {reason.code for reason in plan.reasons}
    assert "hardware.only_mlx" in {reason.code for reason in plan_engine(dict(machines())["CUDA 24 GB"], asked).reasons}


class Scripted:
    """Says simplified sentences whose times are shared out."""

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *error: object) -> None: ...

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        lines = (
            Segment(500, 1_800, "佢只系谂住一次过。", flags=(SHARED_TIMES,)),
            Segment(1_800, 2_600, "字幕由Amara.org社区提供。", flags=(SHARED_TIMES,)),
            Segment(2_600, 3_500, "边个话过OK㗎？", flags=(SHARED_TIMES,)),
        )
        yield ChunkResult(0, lines)


def test_simplified_lines_end_as_hong_kong_cues(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made: list[Any] = []
    monkeypatch.setattr(backends, "create_transcriber", lambda *arguments: made.append(arguments) or Scripted())
    monkeypatch.setattr(recogniser_module, "_rows", lambda model, device: (8, ()))
    audio = write_wav(tmp_path / "audio.wav", np.zeros(4 * 16_000))
    chosen = Recogniser(QWEN, tmp_path, "qwen_mlx", "mlx", (), 8, tmp_path / "aligner")
    transcript = transcribe(audio, CHUNKS, chosen, Settings(), lambda *count, **note: None)
    assert made == [("qwen_mlx", tmp_path, "mlx", {"aligner": tmp_path / "aligner"})]
    # what nobody said is filtered whatever script it comes in
    assert [finding.code for finding in transcript.findings] == ["asr.dropped", "asr.shared_times"]
    rate = FrameRate(25)
    cues = make_cues(transcript, (REGION,), rate, 100, CueOptions())
    texts = [cue.text for cue in hk_script(document_of(cues, rate, 0, transcript), PassContext()).cues]
    assert texts == ["佢只係諗住一次過。", "邊個話過OK㗎？"]
