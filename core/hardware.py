"""What this machine computes with. The only module that asks torch or MLX about hardware.

A device is 'mlx', 'cuda', 'mps' or 'cpu'. To add one: a branch in `_state`, its number format in `number_format`, its texts in
`data/messages/hardware.json`. How much memory there is, and what fits in it: `profile.py` and `engine_plan.py`.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from .messages import Language, text

Device = Literal["mlx", "cuda", "mps", "cpu"]
NumberFormat = Literal["float16", "bfloat16", "float32"]
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


@dataclass(frozen=True, slots=True)
class DeviceManager:
    """Everything that a model's loader must know about the device it loads onto."""

    device: Device

    @property
    def number_format(self) -> NumberFormat:
        """What a language model computes in: float32 on the processor, bfloat16 where the graphics processor has it, else float16.

        bfloat16 has the range of float32, so that nothing overflows. An M1 only imitates it and gets float16.
        """
        half = number_format(self.device)
        if half == "float32" or self.device == "mlx":
            return half
        return "bfloat16" if _has_bfloat16(self.device) else "float16"

    def format_for(self, stored: NumberFormat) -> NumberFormat:
        """What a recogniser whose weights are `stored` so computes in: float32 on the processor, else half precision.

        float16, as Whisper's makers use it, is the more exact one; weights made in bfloat16 may hold numbers that it has no room for, so they
        stay what they are where the graphics processor has it.
        """
        half = number_format(self.device)
        return "bfloat16" if half == "float16" and stored == "bfloat16" and _has_bfloat16(self.device) else half

    @property
    def device_map(self) -> str:
        """The device as transformers wants it: a string, since it asserts on torch.device("mps", 0) (huggingface/transformers#41908)."""
        return "cpu" if self.device == "mlx" else self.device

    @property
    def attention(self) -> Literal["sdpa", "eager"]:
        """Torch's fused attention; on mps, where it is composed of the same steps anyway, the plain ones."""
        return "eager" if self.device == "mps" else "sdpa"

    @property
    def bits(self) -> int:
        """Bits a weight that a language model may be quantised to while loading; 16 where the library has no kernels for fewer.

        MLX brings its own. Torch would need bitsandbytes, which is CUDA's only and never assumed.
        """
        return 4 if self.device == "mlx" else 16

    def release(self) -> None:
        """See `release_memory`."""
        release_memory(self.device)


def mps_environment(current: Mapping[str, str]) -> dict[str, str]:
    """The variables to add to `current` before torch is imported on a Mac; what the user has set stays.

    Torch's own watermarks, 1.7 and 1.4 times Metal's recommended working set, exceed the memory there is, so that too big a model swaps in place of
    failing; the low one must not exceed the high one. Operators that Metal lacks fall back to the processor. The threaded loader of
    transformers crashes when it converts numbers on mps (huggingface/transformers#48029).
    """
    high = _ratio(current, "HIGH")
    if high is None:
        high = max(0.9, _ratio(current, "LOW") or 0.0)
    wanted = {
        "PYTORCH_MPS_HIGH_WATERMARK_RATIO": f"{high:g}",
        # 0 as the high one means no limit at all
        "PYTORCH_MPS_LOW_WATERMARK_RATIO": f"{min(0.8, high) if high else 0.8:g}",
        "PYTORCH_ENABLE_MPS_FALLBACK": "1",
        "HF_DEACTIVATE_ASYNC_LOAD": "1",
    }
    return {name: value for name, value in wanted.items() if not current.get(name)}


def _ratio(environment: Mapping[str, str], which: str) -> float | None:
    """A watermark as the user set it; None where unset or no number."""
    try:
        return float(environment[f"PYTORCH_MPS_{which}_WATERMARK_RATIO"])
    except (KeyError, ValueError):
        return None


def sync_steps(device: Device) -> int:
    """Steps of decoding between two looks of the host: a graphics processor must not wait for it, a processor would only work for nothing."""
    return 8 if device_state(device).gpu else 1


def lanes(device: Device) -> int:
    """Batches that a recogniser hears side by side.

    Each step of one batch is too little work for a processor's threads: two batches at a time took 15 to 40 % less time on two cores, with decoders
    192 to 768 wide. A graphics processor does one step after the other anyhow.
    """
    return 2 if device == "cpu" else 1


def release_memory(device: Device) -> None:
    """Give memory that a library keeps for reuse back to the system, after the last reference to a model is gone."""
    gc.collect()
    if device == "mlx":
        import mlx.core as mx

        mx.clear_cache()
    elif device != "cpu":
        import torch

        (torch.cuda if device == "cuda" else torch.mps).empty_cache()
    else:
        # glibc keeps the freed middle of its heap, a third of what a small recogniser took; other systems have no such function
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


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
    if sys.platform == "darwin":
        os.environ.update(mps_environment(os.environ))
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


def _has_bfloat16(device: Device) -> bool:
    if device == "cuda":
        import torch

        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device in ("mps", "mlx") and "M1" not in chip_name()


@cache
def chip_name() -> str:
    """The processor as its maker calls it ('Apple M2 Max'), or the architecture where nobody says."""
    if sys.platform == "darwin":
        return command_line("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def command_line(*words: str) -> str:
    """What a system tool prints, or '' when it is not there or fails."""
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _unusable(device: Device, code: str, **params: str) -> DeviceState:
    return DeviceState(device, False, False, _reason(code, **params))


def _reason(code: str, **params: str) -> Reason:
    return Reason(code, tuple(params.items()))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
