"""What the machine has, asked of the real libraries and of pretended ones."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import hardware
from core.hardware import DEVICES, DeviceManager, DeviceState, Reason, device_state, is_out_of_memory, mps_environment, number_format


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    device_state.cache_clear()
    yield
    device_state.cache_clear()


@pytest.mark.parametrize("device", DEVICES)
def test_every_device_has_a_reason_in_both_languages(device: hardware.Device) -> None:
    state = device_state(device)
    assert state.device == device
    assert state.reason.text("en") != state.reason.text("zh")
    assert not state.gpu or state.usable


def test_the_processor_computes_in_single_precision() -> None:
    assert device_state("cpu").usable
    assert number_format("cpu") == "float32"


@pytest.mark.parametrize("device", DEVICES)
def test_graphics_processors_compute_in_half_precision(device: hardware.Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "device_state", lambda device: DeviceState(device, True, True, Reason("hardware.mps")))
    assert number_format(device) == "float16"


@pytest.mark.parametrize(("device", "package"), [("mlx", "mlx"), ("cuda", "torch"), ("mps", "torch"), ("cpu", "torch")])
def test_a_missing_library_is_named(device: hardware.Device, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(hardware, "find_spec", lambda name: None if name in ("mlx", "torch") else find(name))
    state = device_state(device)
    assert (state.usable, state.reason) == (False, Reason("hardware.not_installed", (("package", package),)))


def test_an_nvidia_card_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H100")
    assert device_state("cuda") == DeviceState("cuda", True, True, Reason("hardware.cuda", (("name", "NVIDIA H100"),)))


@pytest.mark.parametrize(("system", "machine", "expected"), [("darwin", "arm64", True), ("darwin", "x86_64", False), ("linux", "aarch64", False)])
def test_apple_silicon(system: str, machine: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware.sys, "platform", system)
    monkeypatch.setattr(hardware.platform, "machine", lambda: machine)
    assert hardware.apple_silicon() is expected


def test_full_memory_is_told_from_other_trouble() -> None:
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("memory format is not supported"))


@pytest.mark.parametrize(
    ("device", "chip", "expected"),
    [
        ("cpu", "", ("float32", "cpu", "sdpa", 16)),
        ("cuda", "", ("bfloat16", "cuda", "sdpa", 16)),
        ("mps", "Apple M1 Max", ("float16", "mps", "eager", 16)),
        ("mps", "Apple M3", ("bfloat16", "mps", "eager", 16)),
        ("mlx", "Apple M1", ("float16", "cpu", "sdpa", 4)),
    ],
)
def test_what_a_loader_must_know(device: hardware.Device, chip: str, expected: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(hardware, "device_state", lambda device: DeviceState(device, True, device != "cpu", Reason("hardware.mps")))
    monkeypatch.setattr(hardware, "chip_name", lambda: chip)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    manager = DeviceManager(device)
    assert (manager.number_format, manager.device_map, manager.attention, manager.bits) == expected


@pytest.mark.parametrize(
    ("device", "chip", "stored", "expected"),
    [
        ("cpu", "", "bfloat16", "float32"),
        ("cuda", "", "float16", "float16"),
        ("cuda", "", "float32", "float16"),
        ("cuda", "", "bfloat16", "bfloat16"),
        ("mps", "Apple M1 Max", "bfloat16", "float16"),
        ("mlx", "Apple M1", "bfloat16", "float16"),
        ("mlx", "Apple M4", "bfloat16", "bfloat16"),
        ("mlx", "Apple M4", "float16", "float16"),
    ],
)
def test_a_recogniser_s_number_format(
    device: hardware.Device, chip: str, stored: hardware.NumberFormat, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(hardware, "device_state", lambda device: DeviceState(device, True, device != "cpu", Reason("hardware.mps")))
    monkeypatch.setattr(hardware, "chip_name", lambda: chip)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert DeviceManager(device).format_for(stored) == expected


@pytest.mark.parametrize(
    ("user", "high", "low"),
    [
        ({}, "0.9", "0.8"),
        ({"HIGH": "0.7"}, None, "0.7"),
        ({"HIGH": "0.0"}, None, "0.8"),
        ({"LOW": "1.2"}, "1.2", None),
        ({"LOW": "0.5"}, "0.9", None),
        ({"HIGH": "1.5", "LOW": "1.0"}, None, None),
        ({"LOW": "much"}, "0.9", None),
    ],
)
def test_both_watermarks_of_mps_are_set_and_the_low_one_is_not_above_the_high(user: dict[str, str], high: str | None, low: str | None) -> None:
    added = mps_environment({f"PYTORCH_MPS_{which}_WATERMARK_RATIO": value for which, value in user.items()})
    assert added.pop("PYTORCH_MPS_HIGH_WATERMARK_RATIO", None) == high
    assert added.pop("PYTORCH_MPS_LOW_WATERMARK_RATIO", None) == low
    assert added == {"PYTORCH_ENABLE_MPS_FALLBACK": "1", "HF_DEACTIVATE_ASYNC_LOAD": "1"}


def test_the_variables_are_there_before_torch_is_imported() -> None:
    code = """
import builtins, os, sys
from core import hardware
hardware.sys = type("System", (), {"platform": "darwin"})
seen, real = [], builtins.__import__
def watch(name, *rest, **more):
    if name == "torch" and not seen:
        seen.append(os.environ.get("PYTORCH_MPS_LOW_WATERMARK_RATIO"))
    return real(name, *rest, **more)
builtins.__import__ = watch
hardware.device_state("cpu")
assert seen == ["0.8"], seen
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTORCH_MPS")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


CORE = Path(__file__).parents[1] / "core"
# what tells a program which processors and how much of their memory there are
_ASKS = re.compile(
    r"cuda\.(is_available|device_count|get_device|mem_get_info|is_bf16)|backends\.(mps|cuda)\.is_|mps\.(is_available|recommended|current_alloc|driver_alloc)"
    r"|mx\.(metal|device_info|default_device|set_default_device|cpu\b|gpu\b)|bitsandbytes|is_bf16_supported|virtual_memory\(|xpu\."
)
_MAY_ASK = {
    "hardware.py": "the place for it",
    "profile.py": "the place for it",
    "practice/train.py": "trains the practice model on its maker's machine; no part of a user's run",
    "doctor.py": "names the machine's whole memory in its first line",
}


def test_no_other_module_asks_about_hardware() -> None:
    asking = {file.relative_to(CORE).as_posix() for file in CORE.rglob("*.py") if _ASKS.search(_code(file))}
    # benches measure a device that their caller names, and say which
    assert {name for name in asking if not name.startswith("bench/")} == set(_MAY_ASK)


def _code(file: Path) -> str:
    """A module without its strings and comments."""
    import io
    import tokenize

    words = tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline)
    return "".join(word.string for word in words if word.type not in (tokenize.STRING, tokenize.COMMENT))
