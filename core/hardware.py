"""What this machine computes with. The only module that asks torch or MLX about hardware.

A device is 'mlx', 'cuda', 'mps' or 'cpu'. To add one: a branch in `_state`, its number format in `number_format`, its texts in
`data/messages/hardware.json`.
"""

from __future__ import annotations

import gc
import platform
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Literal

from .messages import Language, text

Device = Literal["mlx", "cuda", "mps", "cpu"]
NumberFormat = Literal["float16", "float32"]
DEVICES: tuple[Device, ...] = ("mlx", "cuda", "mps", "cpu")

# what the libraries say when memory is full: torch's allocators, MLX's on Metal, CUDA and the CPU
_FULL = ("out of memory", "outofmemory", "can't allocate memory", "unable to allocate", "failed to allocate", "insufficient memory")


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence for the user: a catalogue key and what fills its placeholders."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    def text(self, language: Language = "en") -> str:
        """The sentence in the language asked for."""
        return text(self.code, language, **dict(self.params))


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Whether a device can be used here, whether it is a graphics processor, and why."""

    device: Device
    usable: bool
    gpu: bool
    reason: Reason


def apple_silicon() -> bool:
    """True on a Mac with an M-series chip and a Python built for it."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


@cache
def device_state(device: Device) -> DeviceState:
    """Look at one device; imports torch or MLX the first time."""
    return _mlx_state() if device == "mlx" else _torch_state(device)


def number_format(device: Device) -> NumberFormat:
    """float16 on graphics processors, float32 where the processor computes: half precision is slow and inexact there."""
    return "float16" if device_state(device).gpu else "float32"


def release_memory(device: Device) -> None:
    """Give memory that a library keeps for reuse back to the system, after the last reference to a model is gone."""
    gc.collect()
    if device == "mlx":
        import mlx.core as mx

        mx.clear_cache()
    elif device != "cpu":
        import torch

        (torch.cuda if device == "cuda" else torch.mps).empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """True when an exception of torch, MLX or Python says that memory is full."""
    words = f"{type(error).__name__} {error}".lower()
    return isinstance(error, MemoryError) or any(word in words for word in _FULL)


def _mlx_state() -> DeviceState:
    if find_spec("mlx") is None:
        return _unusable("mlx", "hardware.not_installed", package="mlx")
    try:
        import mlx.core as mx

        on_gpu = mx.default_device() == mx.Device(mx.gpu)
        name = str(mx.device_info().get("device_name", "CPU"))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return _unusable("mlx", "hardware.broken", package="mlx", detail=_one_line(error))
    return DeviceState("mlx", True, on_gpu, _reason("hardware.mlx_gpu" if on_gpu else "hardware.mlx_cpu", name=name))


def _torch_state(device: Device) -> DeviceState:
    if find_spec("torch") is None:
        return _unusable(device, "hardware.not_installed", package="torch")
    try:
        import torch

        if device == "cpu":
            return DeviceState("cpu", True, False, _reason("hardware.cpu", threads=str(torch.get_num_threads())))
        if device == "mps":
            usable = torch.backends.mps.is_available()
            return DeviceState("mps", usable, usable, _reason("hardware.mps" if usable else "hardware.no_mps"))
        if not torch.cuda.is_available():
            return _unusable("cuda", "hardware.no_cuda")
        return DeviceState("cuda", True, True, _reason("hardware.cuda", name=torch.cuda.get_device_name()))
    except (ImportError, OSError, RuntimeError) as error:
        return _unusable(device, "hardware.broken", package="torch", detail=_one_line(error))


def _unusable(device: Device, code: str, **params: str) -> DeviceState:
    return DeviceState(device, False, False, _reason(code, **params))


def _reason(code: str, **params: str) -> Reason:
    return Reason(code, tuple(params.items()))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
