"""Which recogniser runs where, and why: the reasons are shown to the user, nothing is replaced silently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..backends import available
from ..errors import InputError, SetupError
from ..hardware import DEVICES, Device, Reason, apple_silicon, device_state
from ..messages import language_from_environment

AsrKind = Literal["asr", "qwen3_asr"]
Kind = AsrKind | Literal["llm"]
# on MLX, on torch ('': nothing runs it there)
_BACKENDS = {"asr": ("whisper_mlx", "whisper_hf"), "qwen3_asr": ("qwen_mlx", ""), "llm": ("lm_mlx", "lm_hf")}


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """A backend's name in `backends.py` and its device. `reasons` tell why each better device was passed over, the last one why this."""

    backend: str
    device: Device
    reasons: tuple[Reason, ...]


def choose_device(asked: str = "auto", kind: Kind = "asr") -> EngineChoice:
    """The backend of a kind with its device: a device's name takes that one anywhere. 'asr' is Whisper.

    'auto' takes MLX on Apple Silicon, else torch on CUDA, on a Mac's GPU, on the processor.

    Raises InputError `asr.unknown_device`, and SetupError `asr.device_unusable` when the device asked for, or every one, is out.
    """
    if asked != "auto" and asked not in DEVICES:
        raise InputError("asr.unknown_device", device=asked)
    passed: tuple[Reason, ...] = ()
    for device in DEVICES if asked == "auto" else (d for d in DEVICES if d == asked):
        if asked == "auto" and device == "mlx" and not apple_silicon():
            passed += (Reason("hardware.not_apple"),)
            continue
        backend, reasons = _judge(device, kind)
        if backend:
            return EngineChoice(backend, device, (*passed, *reasons))
        passed += tuple(reason for reason in reasons if reason not in passed)
    language = language_from_environment()
    raise SetupError("asr.device_unusable", device=asked, why="; ".join(reason.text(language) for reason in passed))


def _judge(device: Device, kind: Kind) -> tuple[str, tuple[Reason, ...]]:
    """The backend for a device with the reason for it, or '' with the reasons against."""
    on_mlx, on_torch = _BACKENDS[kind]
    backend = on_mlx if device == "mlx" else on_torch
    if not backend:
        return "", (Reason("hardware.only_mlx"),)
    if missing := available("llm" if kind == "llm" else "asr", backend):
        return "", missing
    state = device_state(device)
    return (backend if state.usable else ""), (state.reason,)
