"""What the doctor's report says of encoders and models, on pretended machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import doctor, weights
from core.asr import recogniser
from core.asr.recogniser import Recogniser
from core.bench.plans import apple
from core.doctor import as_json, examine
from core.hardware import Reason
from core.media import encoders
from core.media.encoders import EncoderState
from core.messages import Language
from core.profile import HardwareProfile
from core.settings import Settings

ABSENT = Reason("encoders.absent", (("encoder", "h264_videotoolbox"),))
REFUSED = Reason("encoders.refused", (("encoder", "h264_videotoolbox"), ("why", "no session")))
SOFTWARE = Reason("encoders.absent", (("encoder", "libx264"),))
USES = Reason("encoders.uses_software", (("codec", "H.264"), ("encoder", "libx264"), ("setting", "-crf 22")))


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    doctor._profile.cache_clear()
    doctor._encoder_states.cache_clear()


def _states(apple_s: Reason, works: bool) -> tuple[EncoderState, ...]:
    return EncoderState("h264", "h264_videotoolbox", "videotoolbox", works, apple_s), EncoderState("h264", "libx264", "software", True, USES)


@pytest.mark.parametrize(
    ("states", "videotoolbox", "line"),
    [
        (_states(USES, True), True, [USES]),
        (_states(REFUSED, False), False, [REFUSED, USES]),
        (_states(ABSENT, False), False, [USES]),
        ((EncoderState("h264", "libx264", "software", False, SOFTWARE),), False, []),
    ],
)
def test_encoders_are_tried_and_their_words_told(
    states: tuple[EncoderState, ...], videotoolbox: bool, line: list[Reason], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CANTO_BEATS_MODELS", str(tmp_path))
    monkeypatch.setattr(encoders, "probe_encoders", lambda binary: states)
    monkeypatch.setattr(HardwareProfile, "probe", lambda devices=(), videotoolbox=None: _mac(videotoolbox))
    report = examine(Settings())
    (video,) = (check for check in report.checks if check.name == "video h264")
    assert video.value == (" ".join(reason.text() for reason in line) or "-")
    assert report.plan.codec == ("videotoolbox" if videotoolbox else "software")
    assert json.loads(as_json(report))["profile"]["videotoolbox"] is videotoolbox


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "torch finds no Apple graphics processor; toy: batches of 2, so that 1.0 GB fit into 1.2 GB"),
        ("zh", "torch 找不到 Apple 圖像處理器；toy：減為每批 2 項，使 1.0 GB 可容納於 1.2 GB"),
    ],
)
def test_the_recogniser_is_named_with_one_reason_after_the_other(language: Language, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = Reason("engine.fewer_rows", (("model", "toy"), ("rows", "2"), ("need", "1.0"), ("budget", "1.2")))
    chosen = Recogniser("toy", Path("toy"), "whisper_hf", "cpu", (Reason("hardware.no_mps"), fewer), 2)
    monkeypatch.setattr(recogniser, "choose_recogniser", lambda settings: chosen)
    (check,) = doctor._recogniser(Settings(language_ui=language))
    assert check.value == f"toy · whisper_hf · cpu ({why})"


def test_the_recommended_model_is_the_plan_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CANTO_BEATS_MODELS", str(tmp_path))
    monkeypatch.setattr(encoders, "probe_encoders", lambda binary: ())
    monkeypatch.setattr(HardwareProfile, "probe", lambda devices=(), videotoolbox=None: _mac(videotoolbox))
    monkeypatch.setattr(weights, "this_machine", lambda: (_mac(None), "mlx"))
    report = examine(Settings())
    assert report.plan.asr
    assert [check.value for check in report.checks if check.name == "recommended model"] == [report.plan.asr.model] == ["whisper-large-v3-mlx"]


def _mac(videotoolbox: bool | None) -> HardwareProfile:
    from dataclasses import replace

    return replace(apple("Apple M1 Pro", 32, 8, 16), videotoolbox=videotoolbox)
