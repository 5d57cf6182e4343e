"""The plans of simulated machines: what each tier runs, what is replaced and why, and that Resolve keeps its share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.plans import GIB, apple, machines, table
from core.engine_plan import budget_bytes, fits, need_bytes, plan_engine, plan_installed, plan_model, recommended_asr, resolve_share_bytes
from core.hardware import DeviceState, Reason
from core.models.table import model_entry
from core.profile import HardwareProfile
from core.settings import Settings

MACHINES = dict(machines())

# recognition, rows, language model, rows
PLANS = {
    "M1 8 GB": ("whisper-small-cantonese", 2, None, 0),
    "M2 (Air) 16 GB": ("whisper-turbo-cantonese", 4, "qwen3-4b", 8),
    "M2 (Air) 24 GB": ("whisper-large-v3-mlx", 8, "qwen2.5-7b", 16),
    "M1 Pro 32 GB": ("whisper-large-v3-mlx", 8, "qwen2.5-7b", 16),
    "M3 Max 36 GB": ("whisper-large-v3-mlx", 8, "qwen2.5-7b", 16),
    "M4 Pro 48 GB": ("whisper-large-v3-mlx", 8, "qwen2.5-7b", 16),
    "M2 Max 64 GB": ("whisper-large-v3-mlx", 16, "qwen3-30b-a3b", 32),
    "M3 Ultra 512 GB": ("whisper-large-v3-mlx", 16, "qwen3-30b-a3b", 32),
    "Intel Mac 32 GB": (None, 0, None, 0),
    "CUDA 8 GB": ("whisper-small-cantonese", 2, "qwen3-1.7b-hf", 4),
    "CUDA 12 GB": ("whisper-turbo-cantonese", 4, "qwen3-4b-hf", 4),
    "CUDA 24 GB": ("whisper-large-v3", 8, "qwen3-8b-hf", 16),
    "CUDA 80 GB": ("whisper-large-v3", 16, "qwen3-8b-hf", 32),
    "Processor only 8 GB": ("whisper-small-cantonese", 1, None, 0),
    "Processor only 64 GB": ("whisper-turbo-cantonese", 16, None, 0),
}


@pytest.mark.parametrize("name", PLANS)
def test_the_plan_of_a_machine(name: str) -> None:
    plan = plan_engine(MACHINES[name], Settings())
    asr = (plan.asr.model, plan.asr.batch_size) if plan.asr else (None, 0)
    llm = (plan.llm.model, plan.llm.batch_size) if plan.llm else (None, 0)
    assert (*asr, *llm) == PLANS[name]
    assert plan.codec == ("videotoolbox" if name.startswith("M") else "software")


@pytest.mark.parametrize("name", MACHINES)
def test_a_plan_fits_and_says_why_in_both_languages(name: str) -> None:
    profile = MACHINES[name]
    plan = plan_engine(profile, Settings())
    for model in (plan.asr, plan.llm):
        assert model is None or 0 < model.need_bytes <= plan.budget_bytes
    if plan.device and plan.device != "cuda":
        # beside the system and the engine there is room for Resolve
        assert profile.total_bytes - profile.in_use_bytes - plan.budget_bytes >= resolve_share_bytes(profile, plan.device)
    assert len(plan.reasons) >= 3
    assert all(reason.text("en") != reason.text("zh") for reason in plan.reasons)


def test_the_table_in_the_docs_is_what_the_command_prints() -> None:
    assert (Path(__file__).parents[1] / "docs" / "plans.md").read_text("utf-8") == table()


@pytest.mark.parametrize(("memory_gib", "share_gb"), [(8, 3.0), (16, 6.0), (24, 9.0), (32, 10.0), (512, 10.0)])
def test_resolve_s_share_of_unified_memory(memory_gib: int, share_gb: float) -> None:
    assert round(resolve_share_bytes(apple("Apple M1", memory_gib, 4, 8), "mlx") / 1e9, 1) == share_gb


def test_resolve_s_memory_is_not_counted_twice() -> None:
    closed = apple("Apple M1 Pro", 32, 8, 16)
    opened = replace(closed, available_bytes=closed.available_bytes - 8 * GIB, resolve_bytes=8 * GIB)
    assert budget_bytes(opened, "mlx") == budget_bytes(closed, "mlx")
    greedy = replace(closed, available_bytes=closed.available_bytes - 20 * GIB, resolve_bytes=20 * GIB)
    assert resolve_share_bytes(greedy, "mlx") == 20 * GIB
    assert budget_bytes(greedy, "mlx") == 8 * GIB


def test_a_fuller_machine_gets_fewer_rows_then_smaller_models_then_rules() -> None:
    idle = apple("Apple M1 Pro", 32, 8, 16)

    def with_free(free_gib: float) -> tuple[object, ...]:
        plan = plan_engine(replace(idle, available_bytes=int((free_gib + 10) * GIB)), Settings())
        codes = {reason.code for reason in plan.reasons}
        return (plan.asr and plan.asr.model, plan.asr and plan.asr.batch_size, plan.llm and plan.llm.model, sorted(codes & DEGRADED))

    assert with_free(16) == ("whisper-large-v3-mlx", 8, "qwen2.5-7b", [])
    assert with_free(9) == ("whisper-large-v3-mlx", 4, "qwen2.5-7b", ["engine.fewer_rows"])
    assert with_free(8) == ("whisper-large-v3-mlx", 2, "qwen3-4b", ["engine.fewer_rows", "engine.too_big"])
    assert with_free(4) == ("whisper-turbo-cantonese", 8, "qwen3-4b", ["engine.fewer_rows", "engine.too_big"])
    assert with_free(0.5) == ("whisper-small-cantonese", 1, None, ["engine.llm_none", "engine.tight", "engine.too_big"])


DEGRADED = {"engine.fewer_rows", "engine.too_big", "engine.tight", "engine.llm_none"}


def test_rows_are_asked_again_before_a_phase() -> None:
    idle = apple("Apple M2 Max", 64, 8, 38)
    assert plan_model(idle, "mlx", "whisper-large-v3-mlx") == (plan_engine(idle, Settings()).asr, ())
    fuller = replace(idle, available_bytes=22 * GIB)
    plan, (reason,) = plan_model(fuller, "mlx", "whisper-large-v3-mlx")
    assert plan.batch_size == 4 and reason.code == "engine.fewer_rows"
    full = replace(idle, available_bytes=10 * GIB)
    plan, (reason,) = plan_model(full, "mlx", "whisper-large-v3-mlx")
    assert plan.batch_size == 1 and reason.code == "engine.tight"
    assert plan_model(full, "mlx", "/models/mine")[0].batch_size == 16


LARGE, TURBO, SMALL, OTHER = "whisper-large-v3", "whisper-turbo-cantonese", "whisper-small-cantonese", "whisper-large-v3-cantonese"


@pytest.mark.parametrize(
    ("name", "installed", "model", "codes"),
    [
        ("Processor only 64 GB", (LARGE, TURBO, SMALL), TURBO, []),
        ("Processor only 64 GB", (LARGE, OTHER), LARGE, []),
        ("Processor only 64 GB", (LARGE, SMALL), SMALL, []),
        ("CUDA 24 GB", (LARGE, TURBO), LARGE, []),
        ("CUDA 24 GB", (OTHER, SMALL), OTHER, []),
        ("CUDA 8 GB", (LARGE, SMALL), SMALL, []),
        ("Processor only 8 GB", (LARGE, OTHER), LARGE, ["engine.tight"]),
    ],
)
def test_which_of_the_installed_recognisers_runs(name: str, installed: tuple[str, ...], model: str, codes: list[str]) -> None:
    device = plan_engine(MACHINES[name], Settings()).device
    assert device
    plan, reasons = plan_installed(MACHINES[name], device, [model_entry(one) for one in installed])
    assert (plan.model, [reason.code for reason in reasons]) == (model, codes)


def test_an_installed_model_that_does_not_fit_now_is_passed_over_with_a_reason() -> None:
    full = replace(apple("Apple M1 Pro", 32, 8, 16), available_bytes=14 * GIB)
    plan, reasons = plan_installed(full, "mlx", [model_entry("whisper-large-v3-mlx"), model_entry(TURBO)])
    assert (plan.model, next(reason.code for reason in reasons)) == (TURBO, "engine.too_big")


def test_a_recommendation_does_not_depend_on_what_is_open_now() -> None:
    mac = apple("Apple M1 Pro", 32, 8, 16)
    assert recommended_asr(replace(mac, available_bytes=GIB), "mlx").id == "whisper-large-v3-mlx"
    assert [fits(model_entry(name), replace(mac, available_bytes=GIB), "mlx") for name in (LARGE, "qwen3-30b-a3b")] == [True, False]


def test_what_the_user_asks_for_stays_with_a_warning() -> None:
    small = apple("Apple M1", 8, 4, 8)
    plan = plan_engine(small, Settings(asr_model="whisper-large-v3-mlx", batch_size=2))
    assert plan.asr and (plan.asr.model, plan.asr.batch_size) == ("whisper-large-v3-mlx", 1)
    assert {"engine.asr_asked", "engine.too_big"} <= {reason.code for reason in plan.reasons}
    assert plan_engine(small, Settings(asr_model="/models/mine")).reasons[2] == Reason("engine.asr_folder", (("model", "/models/mine"),))
    assert plan_engine(small, Settings(device="cpu")).device == "cpu"
    assert plan_engine(small, Settings(device="cuda")).device is None


def test_an_unprobed_encoder_is_not_assumed() -> None:
    plan = plan_engine(replace(MACHINES["M1 16 GB"], videotoolbox=None), Settings())
    assert plan.codec == "software" and Reason("engine.codec_unprobed") in plan.reasons


@pytest.mark.parametrize(
    ("model", "device", "rows", "need_gb"),
    [
        ("whisper-large-v3-mlx", "mlx", 8, 6.38),
        ("whisper-large-v3-mlx", "mlx", 1, 4.14),
        ("whisper-large-v3", "cpu", 4, 11.76),
        ("qwen2.5-7b", "mlx", 16, 5.844),
    ],
)
def test_an_estimate_of_need(model: str, device: str, rows: int, need_gb: float) -> None:
    assert need_bytes(model_entry(model), device, rows) == pytest.approx(need_gb * 1e9, abs=2)  # type: ignore[arg-type]


def test_effective_memory() -> None:
    mac = apple("Apple M1", 16, 4, 8)
    # Metal's two thirds are the tighter limit: 0.85 x 10.67 GiB - 3 GiB in use
    assert mac.effective_bytes("mlx") == mac.effective_bytes("mps") == int(0.85 * (16 * GIB * 2 // 3)) - 3 * GIB
    assert replace(mac, metal_bytes=None).effective_bytes("mps") == int(0.70 * 16 * GIB) - 3 * GIB
    assert replace(mac, available_bytes=2 * GIB).effective_bytes("mlx") == GIB // 2
    assert MACHINES["CUDA 24 GB"].effective_bytes("cuda") == 24 * GIB


def test_probing_this_machine() -> None:
    profile = HardwareProfile.probe(("cpu",))
    assert profile.chip and profile.performance_cores >= 1
    assert 0 < profile.effective_bytes("cpu") < profile.total_bytes
    assert [state.device for state in profile.devices] == ["cpu"]
    assert isinstance(profile.devices[0], DeviceState)
    assert profile.videotoolbox is None
