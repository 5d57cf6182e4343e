"""The self-test's probes of the machine: run here for real where this machine can, and judged with Apple's libraries played by others."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audio import accelerate, desamp
from core.errors import EngineError, SetupError
from core.hardware import Reason
from core.media import thumbs_apple, thumbs_av, waveform_draw, waveform_quartz
from core.media.encoders import EncoderState
from core.media.thumbs_base import Shot
from core.selftest import computing, encoding, machine, pictures, sound
from core.selftest.machine import MachineProbe, run_machine
from core.selftest.report import as_text, write_report
from core.selftest.run import Answer, Outcome, joined
from core.selftest.verdict import Verdict, not_here, passed

POWERMETRICS = """*** Sampled system activity (Sun Nov 22 16:40:31 2026 +0000) (1002.47ms elapsed) ***
CPU Power: 1200 mW
GPU Power: 3100 mW
ANE Power: 0 mW
Combined Power (CPU + GPU + ANE): 4300 mW
CPU Power: 1400 mW
GPU Power: 2900 mW
ANE Power: 0 mW
Combined Power (CPU + GPU + ANE): 4300 mW
"""


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes take this for a Mac."""
    monkeypatch.setattr(sys, "platform", "darwin")


def breaks(error: BaseException) -> Callable[[Path], Verdict]:
    def probe(folder: Path) -> Verdict:
        raise error

    return probe


def run_of(monkeypatch: pytest.MonkeyPatch, folder: Path, *probes: MachineProbe) -> Outcome:
    monkeypatch.setattr(machine, "PROBES", probes)
    return run_machine(folder)


def test_every_probe_is_judged_and_one_that_breaks_has_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    outcome = run_of(
        monkeypatch,
        tmp_path,
        MachineProbe("mlx", lambda folder: passed("selftest.says", {"gflops": 3}, why="fine")),
        MachineProbe("render", breaks(SetupError("encoders.none", codec="H.264", names="a", ffmpeg="b", detail="no session"))),
        MachineProbe("waveform", breaks(ZeroDivisionError("by zero"))),
        MachineProbe("power", lambda folder: not_here("selftest.power_needs_root")),
    )
    assert [(answer.name, answer.verdict) for answer in outcome.answers] == [
        ("mlx", "pass"), ("render", "fail"), ("waveform", "fail"), ("power", "not_here"),
    ]  # fmt: skip
    assert outcome.answers[1].data == {"code": "encoders.none", "detail": "no session"}
    assert "ZeroDivisionError: by zero" in outcome.answers[2].error
    assert not outcome.ok
    assert list((tmp_path / "machine").iterdir()) == []


def test_one_report_tells_verdicts_and_reasons_in_both_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    of_machine = run_of(monkeypatch, tmp_path, MachineProbe("power", lambda folder: not_here("selftest.power_needs_root")))
    outcome = joined(Outcome((Answer("build", 0.1, {"a": 1}, "", []),), {"project": True}, ("about",), False, ("build", "markers")), of_machine)
    files = write_report(outcome, tmp_path, "zh")
    report = json.loads(files[0].read_text("utf-8"))
    assert [(probe["name"], probe["verdict"]) for probe in report["probes"]] == [("build", ""), ("power", "not_here")]
    assert report["probes"][1]["reason"]["en"] == "Only root may read powermetrics, and nothing here asks for a password."
    assert report["probes"][1]["reason"]["zh"] == "只有 root 可以讀取 powermetrics，而這裏不會要求密碼。"
    words = files[1].read_text("utf-8")
    assert "– power: 本機沒有。 只有 root 可以讀取 powermetrics" in words
    assert "- 未執行: markers" in words
    assert "運算耗電多少？" in words
    assert "– power: not here. Only root may read" in as_text(outcome, files, "en")
    assert outcome.ok


def test_ctrl_c_keeps_what_was_answered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fine = MachineProbe("mlx", lambda folder: passed("selftest.says", {}, why="fine"))
    outcome = run_of(monkeypatch, tmp_path, fine, MachineProbe("render", breaks(KeyboardInterrupt())), fine)
    assert ([answer.name for answer in outcome.answers], outcome.stopped, outcome.ok) == (["mlx"], True, False)


def state(codec: str, works: bool, family: str = "videotoolbox") -> EncoderState:
    return EncoderState(codec, f"{codec}_{family}", family, works, Reason("encoders.absent", (("encoder", codec),)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "verdict", "words"),
    [
        ([state("h264", True), state("hevc", True), state("prores", False)], "pass", "2 encoders of VideoToolbox work."),
        ([state("h264", True), state("hevc", False)], "fail", "VideoToolbox refused hevc: There is no hevc here."),
    ],
)
def test_a_mac_must_have_videotoolbox(
    mac: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, states: list[EncoderState], verdict: str, words: str
) -> None:
    monkeypatch.setattr(encoding, "probe_encoders", lambda binary: tuple(states))
    answer = encoding.encoders(tmp_path)
    assert (answer.name, answer.reason.text("en")) == (verdict, words)


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    chosen = {name: encoding.codecs()[name] for name in names}
    monkeypatch.setattr(encoding, "codecs", lambda: chosen)


def test_a_real_render_names_its_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, "h264")
    monkeypatch.setattr(encoding, "SIZE", "320x180")
    answer = encoding.render_each_codec(tmp_path)
    assert answer.name == "pass"
    assert answer.data["h264"]["frames"] == 125
    assert answer.reason.text("en") == f"{answer.data['h264']['encoder']} {answer.data['h264']['fps']} fps."
    assert (tmp_path / "h264.mp4").stat().st_size == answer.data["h264"]["bytes"]


@pytest.mark.parametrize(
    ("error", "verdict", "words"),
    [
        (SetupError("encoders.none", codec="ProRes", names="prores_ks", ffmpeg="ffmpeg"), "pass", "h264_videotoolbox 300 fps."),
        (SetupError("render.no_room", folder="/", needed="1", free="0"), "fail", "The render of prores broke: "),
    ],
)
def test_a_codec_that_this_machine_has_not_is_no_failure(
    mac: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: EngineError, verdict: str, words: str
) -> None:
    only(monkeypatch, "h264", "prores")

    def fake(request: object, *rest: object) -> object:
        if request.wish.codec == "prores":  # type: ignore[attr-defined]
            raise error
        request.wish.out.touch()  # type: ignore[attr-defined]
        return encoding_rendered(request.wish.out)  # type: ignore[attr-defined]

    monkeypatch.setattr(encoding, "render", fake)
    monkeypatch.setattr(encoding, "_source", lambda folder: folder / "source.mp4")
    answer = encoding.render_each_codec(tmp_path)
    assert (answer.name, answer.reason.text("en").startswith(words)) == (verdict, True)


def encoding_rendered(path: Path, encoder: str = "h264_videotoolbox") -> object:
    from core.media.render import Rendered

    return Rendered(path, "burn", encoder, 125, 125 / 300)


def test_a_mac_that_renders_by_its_processor_is_told(mac: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, "h264")
    (tmp_path / "h264.mp4").touch()
    monkeypatch.setattr(encoding, "render", lambda *asked: encoding_rendered(tmp_path / "h264.mp4", "libx264"))
    monkeypatch.setattr(encoding, "_source", lambda folder: folder / "source.mp4")
    assert encoding.render_each_codec(tmp_path).reason.text("en") == "h264 rendered, but by the processor in place of VideoToolbox."


def as_apple(change: Callable[[Shot], Shot]) -> Callable[..., Iterator[Shot]]:
    return lambda film, ask, cancel: (change(shot) for shot in thumbs_av.take(film, ask, cancel))


def inverted(shot: Shot) -> Shot:
    assert shot.pixels is not None
    return replace(shot, pixels=np.asarray(255 - shot.pixels, np.uint8))


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        (lambda shot: shot, "pass", "selftest.pictures_differ"),
        (inverted, "fail", "selftest.pictures_differ"),
        (lambda shot: replace(shot, pixels=None), "fail", "selftest.pictures_missing"),
    ],
)
def test_avfoundation_is_held_to_pyav(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Callable[[Shot], Shot], verdict: str, reason: str
) -> None:
    monkeypatch.setattr(thumbs_apple, "available", lambda: True)
    monkeypatch.setattr(thumbs_apple, "take", as_apple(change))
    answer = pictures.thumbnails(tmp_path)
    assert (answer.name, answer.reason.code) == (verdict, reason)
    assert len(list(tmp_path.glob("pyav-*.png"))) == 8


def blank(scene: object, path: Path) -> None:
    waveform_draw.write_png(replace(scene, shapes=()), path)  # type: ignore[type-var]


@pytest.mark.parametrize(("draw", "verdict"), [(waveform_draw.write_png, "pass"), (blank, "fail")])
def test_core_graphics_is_held_to_pillow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, draw: Callable[..., None], verdict: str) -> None:
    monkeypatch.setattr(waveform_quartz, "available", lambda: True)
    monkeypatch.setattr(waveform_quartz, "write_png", draw)
    answer = pictures.waveform(tmp_path)
    assert answer.name == verdict
    assert {file.name for file in tmp_path.iterdir()} == {"pillow.png", "quartz.png"}


def test_pictures_without_apple_are_made_by_the_twins(tmp_path: Path) -> None:
    if thumbs_apple.available():
        pytest.skip("here Apple's libraries are")
    for probe, library in ((pictures.thumbnails, "AVFoundation"), (pictures.waveform, "Core Graphics")):
        answer = probe(tmp_path)
        assert (answer.name, answer.reason.text("en")) == ("not_here", f"{library} belongs to macOS.")
    assert len(list(tmp_path.glob("*.png"))) == 9


def test_a_mac_without_pyobjc_has_failed(mac: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(waveform_quartz, "available", lambda: False)
    answer = pictures.waveform(tmp_path)
    assert (answer.name, answer.reason.code) == ("fail", "selftest.no_pyobjc")


def unfiltered(signal: np.ndarray, factor: int, taps: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(signal[len(taps) // 2 :: factor][:count], np.float32)


@pytest.mark.parametrize(("kernel", "verdict"), [(None, "not_here"), (desamp.desamp, "pass"), (unfiltered, "fail")])
def test_accelerate_is_held_to_numpy_and_soxr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kernel: desamp.Kernel | None, verdict: str) -> None:
    monkeypatch.setattr(sound, "_SECONDS", 2)
    monkeypatch.setattr(accelerate, "available", lambda: kernel is not None)
    monkeypatch.setattr(accelerate, "desamp", kernel)
    answer = sound.resampling(tmp_path)
    assert answer.name == verdict
    assert set(answer.data["difference_to_numpy"]) == {"32 kHz", "48 kHz", "96 kHz"}
    assert (answer.data["alias_db"] < -100) == (verdict != "fail")


def test_names_are_asked_of_a_mac_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if sys.platform != "darwin":
        assert computing.apple_names(tmp_path).name == "not_here"
    monkeypatch.setattr(sys, "platform", "darwin")
    name = computing.table_of_names()[0]
    monkeypatch.setattr(computing, "missing_names", lambda: iter([(name, "ModuleNotFoundError: objc")]))
    answer = computing.apple_names(tmp_path)
    assert (answer.name, answer.reason.text("en")) == ("fail", "1 names of Apple's are missing: objc autorelease_pool")
    monkeypatch.setattr(computing, "missing_names", lambda: iter([]))
    assert computing.apple_names(tmp_path).name == "pass"


def test_matrices_are_multiplied_right() -> None:
    for multiply in (computing.multiply_by_mlx, computing.multiplier_by_torch("cpu")):
        seconds, off = multiply(64, 0.0)
        assert seconds > 0
        assert off < 1e-4


@pytest.mark.parametrize(("off", "errors", "verdict"), [(0.001, 0.0, "pass"), (0.5, 0.0, "fail"), (0.001, 0.4, "fail")])
def test_wrong_numbers_and_wrong_words_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, off: float, errors: float, verdict: str) -> None:
    facts = {"matmul_gflops": 900.0, "matmul_off": off, "demo_seconds": 3.2, "error_rate": errors, "worst_edge_ms": 40}
    monkeypatch.setattr(computing, "_measured", lambda *asked: facts)
    answer = computing.mlx(tmp_path)
    assert answer.name == verdict
    assert answer.reason.text("en") == (f"900.0 Gflop/s in matrices ({off} off); the demo took 3.2 s with {100 * errors:.1f} % of characters wrong.")


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has mps")
def test_torch_elsewhere_says_nothing_about_a_mac(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(computing, "_TORCH", ("cpu",))
    monkeypatch.setattr(computing, "_measured", lambda device, multiply, folder: {"device": device})
    answer = computing.mps(tmp_path)
    assert (answer.name, answer.data) == ("not_here", {"cpu": {"device": "cpu"}})


def test_power_is_read_by_root_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert computing.power(tmp_path).reason.text("en") == "powermetrics belongs to macOS."
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/powermetrics")
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    assert computing.power(tmp_path).reason.code == "selftest.power_needs_root"


def test_power_is_read_while_matrices_are_multiplied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "powermetrics"
    tool.write_text(f"#!/bin/sh\nsleep 0.1\ncat <<'END'\n{POWERMETRICS}END\n", "utf-8")
    tool.chmod(0o755)
    products: list[int] = []
    monkeypatch.setattr(shutil, "which", lambda name: str(tool))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(computing, "device_state", lambda device: type("State", (), {"usable": True}))
    monkeypatch.setattr(computing, "multiply_by_mlx", lambda size, least_s: products.append(size))
    answer = computing.power(tmp_path)
    assert answer.data == {"milliwatts": {"CPU": 1300, "GPU": 3000, "ANE": 0, "Combined": 4300}}
    assert answer.reason.text("en") == "While multiplying matrices: CPU 1.3 W, GPU 3.0 W, ANE 0.0 W, Combined 4.3 W."
    assert products
    tool.write_text("#!/bin/sh\necho 'no such sampler' >&2\n", "utf-8")
    assert computing.power(tmp_path).reason.text("en") == "powermetrics told no power: no such sampler"
