"""Which models a machine should run, how many rows at once, and why: pure arithmetic over a HardwareProfile.

A tier, by total memory, says what to try first; what does not fit is replaced by the next smaller with a reason, down to the rules alone. ASR and
the language model are never loaded together, so each may use the whole budget. A new model is an entry of `data/models.toml` and a place in a
ladder; a new tier a line of `TIERS`. The plans of many machines: `docs/plans.md`, made by `python -m core.bench.plans`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .hardware import Device, Reason, lanes
from .models.table import ModelEntry, model_entry, model_table
from .profile import HardwareProfile
from .settings import Settings

Quantisation = Literal["4bit", "8bit", "none"]


@dataclass(frozen=True, slots=True)
class Tier:
    """Machines with less than `below_gb` of memory: where each ladder is entered, and how many rows are tried at once."""

    name: str
    below_gb: float
    asr: int
    llm: int
    asr_batch: int
    llm_batch: int


# Rungs and batches: Whisper's cross-attention and the models' published sizes; see the ladders below
TIERS = (
    Tier("light", 12, asr=2, llm=4, asr_batch=2, llm_batch=4),
    Tier("standard", 22, asr=1, llm=3, asr_batch=4, llm_batch=8),
    Tier("large", 60, asr=0, llm=2, asr_batch=8, llm_batch=16),
    Tier("studio", float("inf"), asr=0, llm=0, asr_batch=16, llm_batch=32),
)

_ASR_MLX = ("whisper-large-v3-mlx", "whisper-turbo-cantonese", "whisper-small-cantonese")
_ASR_TORCH = ("whisper-large-v3", "whisper-turbo-cantonese", "whisper-small-cantonese")
_LLM_MLX = ("qwen3-30b-a3b", "qwen3-8b", "qwen2.5-7b", "qwen3-4b", "qwen3-1.7b")
_LLM_TORCH = ("qwen3-8b-hf", "qwen3-8b-hf", "qwen2.5-7b-hf", "qwen3-4b-hf", "qwen3-1.7b-hf")

# What is left to DaVinci Resolve, which shares the memory: 10 GB, or 35 % where that is less (3 GB of 8, 6 of 16); a quarter of a card, at most 6 GB
_RESOLVE_SHARE, _RESOLVE_MOST = 0.35, 10e9
_CARD_SHARE, _CARD_MOST = 0.25, 6e9
# rows that `memory_gb` of a recogniser counts already
_ROWS_COUNTED = 4
_WORKING_GB = 1.0  # of `memory_gb`, what does not depend on the width of the numbers
_BATCHES = (32, 16, 8, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A model with the rows it works on at once. `need_bytes` is an estimate, 0 for a model that is in no table."""

    model: str
    quantisation: Quantisation
    batch_size: int
    need_bytes: int


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What to run on a machine. `device` and `asr` are None where nothing can run, `llm` where the rules rewrite alone. Reasons are for the user."""

    tier: str
    device: Device | None
    budget_bytes: int
    asr: ModelPlan | None
    llm: ModelPlan | None
    codec: Literal["videotoolbox", "software"]
    reasons: tuple[Reason, ...]


def plan_engine(profile: HardwareProfile, settings: Settings) -> EnginePlan:
    """The plan for a machine under the user's settings. Raises nothing: what cannot run is None, with a reason."""
    device = _device(profile, settings.device)
    codec: Literal["videotoolbox", "software"] = "videotoolbox" if profile.videotoolbox else "software"
    codec_reason = _reason({True: "codec_videotoolbox", False: "codec_none", None: "codec_unprobed"}[profile.videotoolbox])
    tier = tier_of(profile, device)
    if device is None:
        return EnginePlan(tier.name, None, 0, None, None, codec, (_reason("no_device"), *_states(profile), codec_reason))
    budget = budget_bytes(profile, device)
    about = _reason("tier", tier=tier.name, memory=_gb(_model_memory(profile, device)), kind=profile.memory)
    share = _reason("budget", budget=_gb(budget), share=_gb(resolve_share_bytes(profile, device)))
    asr, asr_reasons = _asr(tier, device, budget, settings)
    llm, llm_reasons = _llm(tier, device, budget)
    return EnginePlan(tier.name, device, budget, asr, llm, codec, (about, share, *asr_reasons, *llm_reasons, codec_reason))


def plan_model(profile: HardwareProfile, device: Device, name: str) -> tuple[ModelPlan, tuple[Reason, ...]]:
    """The rows that a model which is settled already works on at once, and the reasons where that is fewer than the tier's.

    Asked again with a fresh profile just before each phase loads its model, since memory may be fuller than when the job began. `name` may be a
    folder, whose need nobody has written down: it gets the tier's rows.
    """
    entry = next((entry for entry in model_table() if entry.id == name), None)
    tier, budget = tier_of(profile, device), budget_bytes(profile, device)
    rows = tier.llm_batch if entry and entry.kind == "llm" else tier.asr_batch
    if entry is None:
        return ModelPlan(name, "none", rows, 0), ()
    fitting = _fitted(entry, device, budget, rows)
    settled = fitting or _model_plan(entry, device, 1)
    if settled.batch_size == rows:
        return settled, ()
    code = "fewer_rows" if fitting else "tight"
    return settled, (_reason(code, model=entry.id, rows=str(settled.batch_size), need=_gb(settled.need_bytes), budget=_gb(budget)),)


def recommended_asr(profile: HardwareProfile, device: Device) -> ModelEntry:
    """The recogniser that the plan of this machine names when nothing else runs."""
    idle = profile.idle()
    plan, _ = _asr(tier_of(idle, device), device, budget_bytes(idle, device), Settings())
    return model_entry(plan.model)


def plan_installed(profile: HardwareProfile, device: Device, installed: Sequence[ModelEntry]) -> tuple[ModelPlan, tuple[Reason, ...]]:
    """The first of the recognisers that are here, at least one, which fits now, and why those before it were passed over.

    They are tried in the table's order, those larger than the tier's own first choice last. Where none fits it is the smallest, with a warning.
    """
    tier, budget = tier_of(profile, device), budget_bytes(profile, device)
    most = need_bytes(_asr_ladder(tier, device)[0], device, 1)

    def size(entry: ModelEntry) -> int:
        return need_bytes(entry, device, 1)

    order = [entry for entry in installed if size(entry) <= most] + sorted((entry for entry in installed if size(entry) > most), key=size)
    plan, reasons = _first_fit(order, device, budget, tier.asr_batch)
    return (plan, reasons) if plan else _tight(min(order, key=size), device, budget)


def fits(entry: ModelEntry, profile: HardwareProfile, device: Device) -> bool:
    """True when the engine may take what the model needs with one row while nothing else runs."""
    idle = profile.idle()
    return need_bytes(entry, device, 1) <= budget_bytes(idle, device)


def tier_of(profile: HardwareProfile, device: Device | None) -> Tier:
    """The tier of the memory that models live in."""
    memory_gb = _model_memory(profile, device) / 1e9
    return next(tier for tier in TIERS if memory_gb < tier.below_gb)


def resolve_share_bytes(profile: HardwareProfile, device: Device) -> int:
    """What stays free for DaVinci Resolve: its share of the memory, or what it holds already where that is more."""
    if device == "cuda":
        return int(min(_CARD_SHARE * profile.card_bytes, _CARD_MOST))
    return max(int(min(_RESOLVE_SHARE * profile.total_bytes, _RESOLVE_MOST)), profile.resolve_bytes)


def budget_bytes(profile: HardwareProfile, device: Device) -> int:
    """What the engine may take: the effective memory, but never what Resolve needs beside what else is in use.

    What Resolve holds already counts as part of its share, not a second time as memory in use.
    """
    share = resolve_share_bytes(profile, device)
    if device == "cuda":
        # what is in use on the card may be Resolve's own: its share is then spent already
        return max(0, min(profile.card_free_bytes, profile.card_bytes - share))
    others = max(0, profile.in_use_bytes - profile.resolve_bytes)
    free_of_share = profile.total_bytes - others - share
    within_limit = max(profile.limit_bytes(device) - others, profile.available_bytes // 4)
    return max(0, min(within_limit, free_of_share))


def need_bytes(entry: ModelEntry, device: Device, rows: int) -> int:
    """An estimate of what a model takes while it works on so many rows a batch.

    The processor computes in single precision, twice as wide as the table's, and hears several batches at a time.
    """
    need_gb = entry.memory_gb
    if entry.kind == "asr":
        rows = rows * lanes(device) - _ROWS_COUNTED
    need_gb += rows * (entry.row_mb or 0) / 1000
    wide = 2 if device == "cpu" else 1
    return int(((need_gb - _WORKING_GB) * wide + _WORKING_GB) * 1e9)


def _device(profile: HardwareProfile, asked: str) -> Device | None:
    """The device asked for, or the first of MLX on Apple Silicon, CUDA, mps and the processor that can be used."""
    for state in profile.devices:
        wanted = state.device == asked or (asked == "auto" and (state.device != "mlx" or profile.memory == "unified"))
        if wanted and state.usable:
            return state.device
    return None


def _asr_ladder(tier: Tier, device: Device) -> tuple[ModelEntry, ...]:
    """The tier's recognisers, the largest first; a large model on the processor costs several times the length of the film."""
    start = max(tier.asr, 1) if device == "cpu" else tier.asr
    return tuple(model_entry(name) for name in (_ASR_MLX if device == "mlx" else _ASR_TORCH)[start:])


def _tight(entry: ModelEntry, device: Device, budget: int) -> tuple[ModelPlan, tuple[Reason, ...]]:
    """A model that does not fit, one row at a time, with the warning."""
    plan = _model_plan(entry, device, 1)
    return plan, (_reason("tight", model=plan.model, rows="1", need=_gb(plan.need_bytes), budget=_gb(budget)),)


def _asr(tier: Tier, device: Device, budget: int, settings: Settings) -> tuple[ModelPlan, tuple[Reason, ...]]:
    rows = settings.batch_size or tier.asr_batch
    if settings.asr_model:
        entry = next((entry for entry in model_table() if entry.id == settings.asr_model), None)
        if entry is None:
            return ModelPlan(settings.asr_model, "none", rows, 0), (_reason("asr_folder", model=settings.asr_model),)
        plan, reasons = _first_fit((entry,), device, budget, rows)
        if entry.engine == "qwen3_asr" and device != "mlx":
            reasons += (Reason("hardware.only_mlx"),)
        return plan or _model_plan(entry, device, 1), (_reason("asr_asked", model=entry.id), *reasons)
    ladder = _asr_ladder(tier, device)
    plan, reasons = _first_fit(ladder, device, budget, rows)
    if plan is None:
        plan, warning = _tight(ladder[-1], device, budget)
        reasons += warning
    return plan, (*reasons, _reason("asr", model=plan.model, rows=str(plan.batch_size), need=_gb(plan.need_bytes)))


def _llm(tier: Tier, device: Device, budget: int) -> tuple[ModelPlan | None, tuple[Reason, ...]]:
    if device == "cpu":
        return None, (_reason("llm_cpu"),)
    # on a card the ladder is entered at the top: what is unquantised is large anyway, and the budget decides
    start = 0 if device == "cuda" else tier.llm
    ladder = dict.fromkeys((_LLM_MLX if device == "mlx" else _LLM_TORCH)[start:])
    plan, reasons = _first_fit([model_entry(name) for name in ladder], device, budget, tier.llm_batch)
    if plan is None:
        return None, (*reasons, _reason("llm_none"))
    return plan, (*reasons, _reason("llm", model=plan.model, rows=str(plan.batch_size), need=_gb(plan.need_bytes)))


def _first_fit(entries: Sequence[ModelEntry], device: Device, budget: int, rows: int) -> tuple[ModelPlan | None, tuple[Reason, ...]]:
    """The first model that fits, with as many of `rows` as fit, and why those before it do not."""
    passed: tuple[Reason, ...] = ()
    for entry in entries:
        if plan := _fitted(entry, device, budget, rows):
            if plan.batch_size < rows:
                passed += (_reason("fewer_rows", model=entry.id, rows=str(plan.batch_size), need=_gb(plan.need_bytes), budget=_gb(budget)),)
            return plan, passed
        passed += (_reason("too_big", model=entry.id, need=_gb(need_bytes(entry, device, 1)), budget=_gb(budget)),)
    return None, passed


def _fitted(entry: ModelEntry, device: Device, budget: int, rows: int) -> ModelPlan | None:
    for batch_size in (rows, *(batch for batch in _BATCHES if batch < rows)):
        if need_bytes(entry, device, batch_size) <= budget:
            return _model_plan(entry, device, batch_size)
    return None


def _model_plan(entry: ModelEntry, device: Device, rows: int) -> ModelPlan:
    quantisation: Quantisation = "4bit" if entry.kind == "llm" and entry.layout == "mlx" else "8bit" if entry.id.endswith("8bit") else "none"
    return ModelPlan(entry.id, quantisation, rows, need_bytes(entry, device, rows))


def _model_memory(profile: HardwareProfile, device: Device | None) -> int:
    return profile.card_bytes if device == "cuda" else profile.total_bytes


def _states(profile: HardwareProfile) -> tuple[Reason, ...]:
    return tuple(state.reason for state in profile.devices)


def _reason(code: str, **params: str) -> Reason:
    return Reason(f"engine.{code}", tuple(params.items()))


def _gb(amount: int) -> str:
    return f"{amount / 1e9:.1f}"
