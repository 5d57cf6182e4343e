"""Which recogniser and device is taken on which machine, and what the user is told."""

from __future__ import annotations

import pytest

from core.asr import select
from core.asr.select import EngineChoice, choose_device
from core.errors import InputError, SetupError
from core.hardware import Device, DeviceState, Reason


def machine(monkeypatch: pytest.MonkeyPatch, *usable: Device, apple: bool = False, missing: tuple[str, ...] = ()) -> None:
    """Pretend: the usable devices, whether this is a Mac with an M chip, and backends that are not installed."""
    gone = Reason("hardware.not_installed", (("package", "torch"),))
    monkeypatch.setattr(select, "apple_silicon", lambda: apple)
    monkeypatch.setattr(select, "available", lambda kind, name: (gone,) if name in missing else ())
    monkeypatch.setattr(
        select, "device_state", lambda device: DeviceState(device, device in usable, True, Reason("hardware.cuda", (("name", device),)))
    )


def told(choice: EngineChoice) -> list[str]:
    """The reasons, a device's own as its name."""
    return [dict(reason.params).get("name", reason.code) for reason in choice.reasons]


def test_a_mac_takes_mlx_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "mlx", "mps", "cpu", apple=True)
    assert choose_device() == EngineChoice("whisper_mlx", "mlx", (Reason("hardware.cuda", (("name", "mlx"),)),))


def test_a_mac_without_mlx_takes_its_gpu_through_torch_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "mps", "cpu", apple=True, missing=("whisper_mlx",))
    choice = choose_device()
    assert (choice.backend, choice.device) == ("whisper_hf", "mps")
    assert told(choice) == ["hardware.not_installed", "cuda", "mps"]


def test_an_nvidia_machine_takes_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "mlx", "cuda", "cpu")
    choice = choose_device()
    assert (choice.backend, choice.device, told(choice)) == ("whisper_hf", "cuda", ["hardware.not_apple", "cuda"])


def test_the_processor_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "mlx", "cpu")
    choice = choose_device()
    assert (choice.backend, choice.device, told(choice)) == ("whisper_hf", "cpu", ["hardware.not_apple", "cuda", "mps", "cpu"])


def test_mlx_on_request_runs_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "mlx", "cuda", "cpu")
    assert choose_device("mlx").backend == "whisper_mlx"


def test_a_device_asked_for_is_never_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "cpu")
    with pytest.raises(SetupError) as caught:
        choose_device("cuda")
    assert caught.value.code == "asr.device_unusable"
    assert caught.value.message("en") == "The device cuda cannot be used here: torch computes on cuda (CUDA)"


def test_nothing_installed_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, missing=("whisper_mlx", "whisper_hf"))
    with pytest.raises(SetupError) as caught:
        choose_device()
    assert "torch" in caught.value.params["why"]


def test_an_unknown_device(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError) as caught:
        choose_device("tpu")
    assert caught.value.code == "asr.unknown_device"
