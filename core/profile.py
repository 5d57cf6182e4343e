"""What this machine is: chip, cores, memory, devices. `HardwareProfile.probe()` looks; everything else works on what it found.

With `hardware.py` the only module that asks a library about hardware. To know one more thing: a field, a line in `probe`, a line in `doctor.py`.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from .hardware import DEVICES, Device, DeviceState, apple_silicon, chip_name, command_line, device_state

MemoryKind = Literal["unified", "dedicated", "system"]

# Of all memory, and of what Metal recommends one process to keep on the graphics processor: beyond these a Mac begins to swap
SHARE_OF_MEMORY = 0.70
SHARE_OF_METAL = 0.85
_GIB = 2**30
_RESOLVE = re.compile(r"(davinci )?resolve(\.exe)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HardwareProfile:
    """One machine at one moment.

    `memory` is where models live: 'unified' on Apple Silicon, 'dedicated' on a graphics card, 'system' otherwise. `available_bytes` can be had
    without swapping; `resolve_bytes` of what is in use are DaVinci Resolve's. `metal_bytes` is Metal's recommended working set, None where it cannot
    be read. `videotoolbox` is None until somebody has tried it. `gpu_cores` and `macos` are None where there are none.
    """

    chip: str
    system: str
    macos: str | None
    performance_cores: int
    gpu_cores: int | None
    memory: MemoryKind
    total_bytes: int
    available_bytes: int
    resolve_bytes: int = 0
    metal_bytes: int | None = None
    card_bytes: int = 0
    card_free_bytes: int = 0
    devices: tuple[DeviceState, ...] = ()
    videotoolbox: bool | None = None

    @classmethod
    def probe(cls, devices: Sequence[Device] = DEVICES, videotoolbox: bool | None = None) -> HardwareProfile:
        """Look at this machine; imports the libraries of `devices`, which takes seconds the first time."""
        import psutil

        states = tuple(device_state(device) for device in devices)
        usable = {state.device for state in states if state.usable}
        card_free, card = _card_bytes() if "cuda" in usable else (0, 0)
        memory = psutil.virtual_memory()
        return cls(
            chip=chip_name(),
            system=f"{platform.system()} {platform.release()}",
            macos=platform.mac_ver()[0] or None,
            performance_cores=_performance_cores(),
            gpu_cores=_gpu_cores(),
            memory="unified" if apple_silicon() else "dedicated" if card else "system",
            total_bytes=int(memory.total),
            available_bytes=int(memory.available),
            resolve_bytes=_resolve_bytes(),
            metal_bytes=_metal_bytes(usable),
            card_bytes=card,
            card_free_bytes=card_free,
            devices=states,
            videotoolbox=videotoolbox,
        )

    def idle(self) -> HardwareProfile:
        """The same machine with nothing but its system running: 3 GiB in use where it has up to 16 GiB of memory, 4 GiB beyond."""
        in_use = (3 if self.total_bytes <= 16 * _GIB else 4) * _GIB
        return replace(self, available_bytes=max(0, self.total_bytes - in_use), resolve_bytes=0, card_free_bytes=self.card_bytes)

    @property
    def in_use_bytes(self) -> int:
        """What all programs together hold now."""
        return max(0, self.total_bytes - self.available_bytes)

    def usable(self, device: Device) -> bool:
        """True when a device was looked at and can be used."""
        return any(state.device == device and state.usable for state in self.devices)

    def limit_bytes(self, device: Device) -> int:
        """What programs together should not exceed: 70 % of memory, and on Metal 85 % of its recommended working set; a card's whole memory."""
        if device == "cuda":
            return self.card_bytes
        limit = int(SHARE_OF_MEMORY * self.total_bytes)
        if device in ("mlx", "mps") and self.metal_bytes:
            limit = min(limit, int(SHARE_OF_METAL * self.metal_bytes))
        return limit

    def effective_bytes(self, device: Device) -> int:
        """What a model on this device may take now: the limit less what is in use, on a card what is free.

        Where more than the limit is in use already it is a quarter of what is available, so never 0 on a machine that runs.
        """
        if device == "cuda":
            return self.card_free_bytes
        return max(self.limit_bytes(device) - self.in_use_bytes, self.available_bytes // 4)


def _card_bytes() -> tuple[int, int]:
    """Free and whole memory of the first card."""
    import torch

    free, total = torch.cuda.mem_get_info()
    return int(free), int(total)


def _metal_bytes(usable: set[Device]) -> int | None:
    if sys.platform != "darwin":
        return None
    if "mlx" in usable:
        import mlx.core as mx

        # older macOS and virtual machines leave the key out
        if found := mx.device_info().get("max_recommended_working_set_size"):
            return int(found)
    if "mps" in usable:
        import torch

        return int(torch.mps.recommended_max_memory()) or None
    return None


def _performance_cores() -> int:
    import psutil

    if sys.platform == "darwin":
        with suppress(ValueError):
            return int(command_line("sysctl", "-n", "hw.perflevel0.physicalcpu"))
    return int(psutil.cpu_count(logical=False) or psutil.cpu_count() or 1)


def _gpu_cores() -> int | None:
    if not apple_silicon():
        return None
    found = re.search(r'"gpu-core-count" = (\d+)', command_line("ioreg", "-rc", "AGXAccelerator", "-d1"))
    return int(found[1]) if found else None


def _resolve_bytes() -> int:
    """The memory that DaVinci Resolve holds; 0 when it is not running, or runs for somebody else."""
    import psutil

    held = 0
    for process in psutil.process_iter(["name", "memory_info"]):
        if _RESOLVE.fullmatch(process.info["name"] or "") and process.info["memory_info"]:
            held += int(process.info["memory_info"].rss)
    return held
