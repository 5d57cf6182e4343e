"""What the machine has, asked of the real libraries and of pretended ones."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from core import hardware
from core.hardware import DEVICES, DeviceState, Reason, device_state, is_out_of_memory, number_format


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
