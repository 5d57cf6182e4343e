"""Where a text model runs: what fits, what is quantised to fit, what the machine's plan names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.hardware import DeviceState, Reason
from core.llm import select
from core.llm.select import choose_text_model, planned_model


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The bytes that the engine may take, for the test to set."""
    room = {"budget": 10**12}
    monkeypatch.setattr("core.engine_plan.budget_bytes", lambda profile, device: room["budget"])
    return room


def test_a_folder_on_the_processor_as_it_is(tiny_models: dict[str, Path], memory: dict[str, int]) -> None:
    choice = choose_text_model(str(tiny_models["qwen2"]), "cpu")
    assert (choice.backend, choice.device, choice.bits, choice.fits, choice.reasons) == ("lm_hf", "cpu", 16, True, ())


def test_mlx_quantises_what_does_not_fit(tiny_models: dict[str, Path], memory: dict[str, int]) -> None:
    # a gigabyte to work with and the 0.9 MB of the weights, or at 4 bits an eighth of them
    memory["budget"] = 10**9 + 400_000
    choice = choose_text_model(str(tiny_models["qwen2"]), "mlx")
    assert (choice.backend, choice.bits, choice.fits) == ("lm_mlx", 4, True)
    assert choice.reasons == (Reason("llm.quantised", (("model", "qwen2"), ("bits", "4"))),)
    assert not choose_text_model(str(tiny_models["qwen2"]), "cpu").fits


def test_what_fits_nowhere_is_told(tiny_models: dict[str, Path], memory: dict[str, int]) -> None:
    memory["budget"] = 10**8
    choice = choose_text_model(str(tiny_models["qwen3"]), "mlx")
    assert not choice.fits
    assert [reason.code for reason in choice.reasons] == ["engine.llm_dropped"]


def test_the_plan_s_model_is_taken_when_it_is_installed(memory: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.hardware.device_state", lambda device: DeviceState(device, True, True, Reason("hardware.mps")))
    monkeypatch.setattr("core.profile.device_state", lambda device: DeviceState(device, True, True, Reason("hardware.mps")))
    monkeypatch.setattr("core.asr.select.device_state", lambda device: DeviceState(device, True, True, Reason("hardware.mps")))
    monkeypatch.setattr("core.engine_plan._model_memory", lambda profile, device: 16 * 2**30)
    name, (reason,) = planned_model("mlx")
    assert name is None and reason == Reason("llm.not_fetched", (("model", "qwen3-4b"),))
    monkeypatch.setattr("core.weights.is_installed", lambda entry: True)
    assert planned_model("mlx") == ("qwen3-4b", ())
    assert planned_model("cpu") == (None, (Reason("engine.llm_cpu"),))


def test_none_loads_nothing() -> None:
    with select.open_text_model("none") as model:
        assert model is None
