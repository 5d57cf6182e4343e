"""How fast this machine computes, and whether it computes right: matrices and the practice model by MLX and by torch, the power that takes.

Another device of torch is an entry of `_TORCH`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..apple import apple_names as table_of_names
from ..apple import missing_names
from ..demo import run_demo
from ..hardware import Device, device_state, number_format, release_memory
from ..profile import HardwareProfile
from ..progress import CancelToken
from ..settings import load_settings
from .verdict import Verdict, failed, not_here, passed

if TYPE_CHECKING:
    from ..demo import Outcome as DemoOutcome

_SIZE, _SMALL_SIZE = 2048, 512  # on graphics processors, and on others
_LEAST_S = 1.0  # of multiplying, so that a fast machine is timed over many products
_OFF = 0.02  # of the largest element: half precision keeps three digits
_WORST_ERROR_RATE = 0.1
_POWER = re.compile(r"^(CPU|GPU|ANE|Combined)[^:\n]*Power[^:\n]*: (\d+) mW", re.MULTILINE)
_POWERMETRICS = ("-n", "3", "-i", "1000", "--samplers", "cpu_power,gpu_power")
_TORCH: tuple[Device, ...] = ("cuda", "cpu")  # what torch computes with where there is no mps
Multiply = Callable[[int, float], tuple[float, float]]
"""(size, least seconds) -> seconds of one product of two square matrices, and how far it is from numpy's, over the largest element."""


def machine(folder: Path) -> Verdict:
    """What `canto-beats doctor` knows of the hardware."""
    profile = HardwareProfile.probe()
    data = {key: value for key, value in asdict(profile).items() if key != "devices"}
    data["devices"] = {state.device: [state.usable, state.reason.text("en")] for state in profile.devices}
    return passed("selftest.machine", data, chip=profile.chip, system=profile.macos or profile.system, memory=f"{profile.total_bytes / 1e9:.0f}")


def apple_names(folder: Path) -> Verdict:
    """Every class, selector, function and constant of Apple's that the engine uses."""
    names = table_of_names()
    if sys.platform != "darwin":
        return not_here("selftest.needs_mac", {"names": len(names)}, what="pyobjc")
    missing = {f"{name.module} {name.name}": said for name, said in missing_names()}
    if missing:
        return failed("selftest.names_missing", missing, count=len(missing), names=", ".join(list(missing)[:5]))
    return passed("selftest.names_known", {"names": len(names)}, count=len(names))


def mlx(folder: Path) -> Verdict:
    """MLX, on Metal where that is, else on its build for the processor."""
    state = device_state("mlx")
    if not state.usable:
        return (failed if sys.platform == "darwin" else not_here)("selftest.says", {}, why=state.reason.text("en"))
    return _judged({"mlx": _measured("mlx", multiply_by_mlx, folder)}, "mlx")


def mps(folder: Path) -> Verdict:
    """Torch on Metal; elsewhere torch on what there is, which says nothing about a Mac."""
    if device_state("mps").usable:
        return _judged({"mps": _measured("mps", multiplier_by_torch("mps"), folder)}, "mps")
    device = next((device for device in _TORCH if device_state(device).usable), None)
    data: dict[str, Any] = {device: _measured(device, multiplier_by_torch(device), folder)} if device else {}
    return (failed if sys.platform == "darwin" else not_here)("selftest.says", data, why=device_state("mps").reason.text("en"))


def _measured(device: Device, multiply: Multiply, folder: Path) -> dict[str, Any]:
    """Matrices, then the whole demo: extraction, speech, recognition and layout of the sample by the practice model."""
    size = _SIZE if device_state(device).gpu else _SMALL_SIZE
    seconds, off = multiply(size, _LEAST_S)
    gflops = 2 * size**3 / seconds / 1e9
    began = time.perf_counter()
    demo: DemoOutcome = run_demo(folder / device, load_settings(asr_model="practice", device=device), CancelToken())
    demo_s = time.perf_counter() - began
    release_memory(device)
    return {
        "matmul_gflops": round(gflops, 1),
        "matmul_off": round(off, 5),
        "demo_seconds": round(demo_s, 2),
        "error_rate": round(demo.error_rate, 4),
        "worst_edge_ms": demo.worst_edge_ms,
    }


def _judged(data: dict[str, Any], device: str) -> Verdict:
    facts = data[device]
    good = facts["matmul_off"] <= _OFF and facts["error_rate"] <= _WORST_ERROR_RATE
    verdict = passed if good else failed
    shown = {"gflops": facts["matmul_gflops"], "seconds": facts["demo_seconds"], "errors": f"{100 * facts['error_rate']:.1f}"}
    return verdict("selftest.computed", data, off=facts["matmul_off"], **shown)


def multiply_by_mlx(size: int, least_s: float) -> tuple[float, float]:
    """See `Multiply`; half precision on Metal and CUDA, else single."""
    import mlx.core as mx
    import numpy as np

    pair = _matrices(size)
    kind = getattr(mx, number_format("mlx"))
    left, right = (mx.array(one).astype(kind) for one in pair)

    def product() -> Any:
        found = left @ right
        mx.eval(found)
        return found

    seconds, last = _timed(product, lambda found: np.asarray(found.astype(mx.float32)), least_s)
    return seconds, _off(last, pair)


def multiplier_by_torch(device: Device) -> Multiply:
    """See `Multiply`; half precision on graphics processors, single on others."""

    def multiply(size: int, least_s: float) -> tuple[float, float]:
        import torch

        pair = _matrices(size)
        kind = getattr(torch, number_format(device))
        left, right = (torch.from_numpy(one).to(device, kind) for one in pair)

        def product() -> Any:
            found = left @ right
            found[0, 0].item()  # waits until it is computed
            return found

        seconds, last = _timed(product, lambda found: found.float().cpu().numpy(), least_s)
        return seconds, _off(last, pair)

    return multiply


def _timed(product: Callable[[], Any], to_numpy: Callable[[Any], Any], least_s: float) -> tuple[float, Any]:
    """Seconds of one product, the first one not counted, and its numbers."""
    product()
    began, times = time.perf_counter(), 0
    while not times or time.perf_counter() - began < least_s:
        last = product()
        times += 1
    return (time.perf_counter() - began) / times, to_numpy(last)


def _matrices(size: int) -> Any:
    import numpy as np

    return np.random.default_rng(8).standard_normal((2, size, size)).astype(np.float16)


def _off(product: Any, pair: Any) -> float:
    """By a few rows: the rest is computed in the same way."""
    import numpy as np

    wanted = pair[0][:8].astype(np.float32) @ pair[1].astype(np.float32)
    return float(np.abs(product[:8] - wanted).max() / np.abs(wanted).max())


def power(folder: Path) -> Verdict:
    """Milliwatts while matrices are multiplied. `powermetrics` is root's, and this never asks for a password."""
    tool = shutil.which("powermetrics")
    if tool is None:
        return not_here("selftest.needs_mac", {}, what="powermetrics")
    if os.geteuid() != 0:
        return not_here("selftest.power_needs_root")
    reader = subprocess.Popen([tool, *_POWERMETRICS], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    multiply = multiply_by_mlx if device_state("mlx").usable else multiplier_by_torch("cpu")
    while reader.poll() is None:
        multiply(_SIZE, _LEAST_S / 4)
    printed, complaint = reader.communicate()
    return _power_of(printed, complaint)


def _power_of(printed: str, complaint: str) -> Verdict:
    """The mean of each rail over the samples."""
    rails: dict[str, list[int]] = {}
    for rail, milliwatts in _POWER.findall(printed):
        rails.setdefault(rail, []).append(int(milliwatts))
    if not rails:
        return failed("selftest.power_unread", {"printed": printed, "complaint": complaint}, why=complaint.strip() or printed.strip()[:200])
    means = {rail: round(sum(values) / len(values)) for rail, values in rails.items()}
    return passed("selftest.power", {"milliwatts": means}, shown=", ".join(f"{rail} {value / 1000:.1f} W" for rail, value in means.items()))
