"""The text model that a user names, ready for its `with`: none, a model id, a folder, or auto for what this machine has room for.

Asked just before the rewriting begins, when recognition has given its memory back: what does not fit then is left out and the rules rewrite.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from ..hardware import Device, DeviceManager, Reason
from ..profile import HardwareProfile
from ..settings import Settings
from .base import TextModel
from .folder import is_half, is_quantised, need_bytes

RULES_ONLY = "none"
AUTO = "auto"
# 4 bits and a scale and a bias of 16 each for every 64 weights
_QUANTISED = 4.5 / 16


@dataclass(frozen=True, slots=True)
class TextModelChoice:
    """A model folder with what will run it, how many prompts at once, to how many bits it is quantised, whether it fits now, and why."""

    folder: Path
    backend: str
    device: Device
    batch_size: int
    bits: int
    fits: bool
    reasons: tuple[Reason, ...]


def open_text_model(name: str, device: str = "auto", tell: Callable[[Reason], None] | None = None) -> AbstractContextManager[TextModel | None]:
    """A context that gives the model, or None for 'none' and where memory has no room for it; nothing is loaded before it is entered.

    `tell` hears the reasons. Raises SetupError `weights.not_installed` and `backends.unavailable`, InputError `weights.*` and `backends.unknown`.
    """
    from ..backends import create_text_model

    if name == RULES_ONLY:
        return nullcontext()
    reasons: tuple[Reason, ...] = ()
    if name == AUTO:
        found, reasons = planned_model(device)
        choice = choose_text_model(found, device) if found else None
    else:
        choice = choose_text_model(name, device)
    for reason in (*reasons, *(choice.reasons if choice else ())):
        (tell or _nobody)(reason)
    if choice is None or not choice.fits:
        return nullcontext()
    return create_text_model(choice.backend, choice.folder, choice.device, {"batch_size": choice.batch_size, "bits": choice.bits})


def planned_model(device: str = "auto") -> tuple[str | None, tuple[Reason, ...]]:
    """The installed language model that the machine's plan names, else none, with the reasons."""
    from ..asr.select import choose_device
    from ..engine_plan import plan_engine
    from ..models.table import model_entry
    from ..weights import is_installed

    chosen = choose_device(device, "llm").device
    plan = plan_engine(HardwareProfile.probe((chosen,)), Settings(device=chosen))
    if plan.llm is None:
        return None, tuple(reason for reason in plan.reasons if reason.code in ("engine.llm_none", "engine.llm_cpu"))
    if not is_installed(model_entry(plan.llm.model)):
        return None, (Reason("llm.not_fetched", (("model", plan.llm.model),)),)
    return plan.llm.model, ()


def choose_text_model(name: str, device: str = "auto") -> TextModelChoice:
    """Where a named model runs and how. Raises what `open_text_model` raises but `backends.*`."""
    from ..asr.select import choose_device
    from ..engine_plan import budget_bytes, plan_model
    from ..weights import locate

    folder = locate(name)
    choice = choose_device(device, "llm")
    profile = HardwareProfile.probe((choice.device,))
    rows, reasons = plan_model(profile, choice.device, name)
    budget = budget_bytes(profile, choice.device)
    manager = DeviceManager(choice.device)
    need = need_bytes(folder, 2 if manager.number_format == "float32" and is_half(folder) else 1)
    bits = 16
    if need > budget and manager.bits < 16 and not is_quantised(folder):
        bits, need = manager.bits, need_bytes(folder, _QUANTISED if is_half(folder) else _QUANTISED / 2)
        reasons = (*reasons, Reason("llm.quantised", (("model", folder.name), ("bits", str(bits)))))
    if need > budget:
        sizes = (("model", folder.name), ("need", f"{need / 1e9:.1f}"), ("budget", f"{budget / 1e9:.1f}"))
        reasons = (Reason("engine.llm_dropped", sizes),)
    return TextModelChoice(folder, choice.backend, choice.device, rows.batch_size, bits, need <= budget, reasons)


def _nobody(reason: Reason) -> None:
    """Nobody listens."""
