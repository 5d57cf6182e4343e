"""The plans of machines that we do not have: `python -m core.bench.plans` prints `docs/plans.md`, which a test compares.

To add a machine, add a line to `machines`. Simulated machines are idle but for the system: 3 GiB in use up to 16 GiB of memory, 4 GiB beyond,
DaVinci Resolve not open yet; Metal recommends two thirds of up to 36 GiB and three quarters of more, as it did before newer, more generous macOS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from ..engine_plan import EnginePlan, ModelPlan, plan_engine, resolve_share_bytes
from ..hardware import Device, DeviceState, Reason
from ..profile import HardwareProfile
from ..settings import Settings

GIB = 2**30

_APPLE = (
    ("M1", 4, 8, (8, 16)),
    ("M2 (Air)", 4, 10, (8, 16, 24)),
    ("M1 Pro", 8, 16, (16, 32)),
    ("M2 Max", 8, 38, (32, 64)),
    ("M3 Max", 12, 40, (36, 48, 128)),
    ("M4", 4, 10, (16, 24, 32)),
    ("M4 Pro", 10, 20, (24, 48)),
    ("M1 Ultra", 16, 64, (64,)),
    ("M2 Ultra", 16, 76, (192,)),
    ("M3 Ultra", 24, 80, (512,)),
)


def machines() -> Iterator[tuple[str, HardwareProfile]]:
    """Every simulated machine under its name."""
    for chip, cores, gpu_cores, sizes in _APPLE:
        for memory_gib in sizes:
            yield f"{chip} {memory_gib} GB", apple(f"Apple {chip}", memory_gib, cores, gpu_cores)
    yield "Intel Mac 32 GB", replace(_machine("Intel Core i7", 32, ()), macos="15.5", system="Darwin 24.5")
    for card_gib in (8, 12, 24, 80):
        machine = _machine("x86-64", 64, ("cuda", "cpu"))
        yield f"CUDA {card_gib} GB", replace(machine, memory="dedicated", card_bytes=card_gib * GIB, card_free_bytes=card_gib * GIB)
    for memory_gib in (8, 16, 64):
        yield f"Processor only {memory_gib} GB", _machine("x86-64", memory_gib, ("cpu",))


def apple(chip: str, memory_gib: int, cores: int, gpu_cores: int) -> HardwareProfile:
    """An idle Mac with an M-series chip."""
    machine = _machine(chip, memory_gib, ("mlx", "mps", "cpu"))
    metal = memory_gib * GIB * 2 // 3 if memory_gib <= 36 else memory_gib * GIB * 3 // 4
    return replace(
        machine,
        system="Darwin 24.5",
        macos="15.5",
        memory="unified",
        performance_cores=cores,
        gpu_cores=gpu_cores,
        metal_bytes=metal,
        videotoolbox=True,
    )


def _machine(chip: str, memory_gib: int, usable: Sequence[Device]) -> HardwareProfile:
    states = tuple(DeviceState(device, device in usable, device in usable and device != "cpu", _WHY[device]) for device in _WHY)
    machine = HardwareProfile(
        chip=chip,
        system="Linux",
        macos=None,
        performance_cores=8,
        gpu_cores=None,
        memory="system",
        total_bytes=memory_gib * GIB,
        available_bytes=memory_gib * GIB,
        devices=states,
        videotoolbox=False,
    )
    return machine.idle()


_WHY: dict[Device, Reason] = {
    "mlx": Reason("hardware.not_installed", (("package", "mlx"),)),
    "cuda": Reason("hardware.not_installed", (("package", "torch"),)),
    "mps": Reason("hardware.not_installed", (("package", "torch"),)),
    "cpu": Reason("hardware.not_installed", (("package", "torch"),)),
}

_HEAD = """# What each machine would run

Made by `python -m core.bench.plans`; a test compares it. The machines are simulated, not measured: idle but for the system, DaVinci Resolve
not open yet and its share left free. Sizes are estimates from `core/data/models.toml`, in 10^9 bytes. `canto-beats doctor` prints the plan of a real
machine with its reasons. A processor recognises two batches side by side.

| machine | tier | device | may use | for Resolve | recognition | batch | about | language model | batch | about | video | replaced or left out |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def table() -> str:
    """docs/plans.md."""
    return _HEAD + "".join(_row(name, profile) for name, profile in machines())


def _row(name: str, profile: HardwareProfile) -> str:
    plan = plan_engine(profile, Settings())
    share = f"{resolve_share_bytes(profile, plan.device) / 1e9:.1f} GB" if plan.device else "-"
    cells = [name, plan.tier, plan.device or "-", f"{plan.budget_bytes / 1e9:.1f} GB", share, *_cells(plan.asr), *_cells(plan.llm), plan.codec]
    return f"| {' | '.join([*cells, _degraded(plan)])} |\n"


def _cells(model: ModelPlan | None) -> list[str]:
    if model is None:
        return ["-", "-", "-"]
    kind = f" ({model.quantisation})" if model.quantisation != "none" else ""
    return [f"{model.model}{kind}", str(model.batch_size), f"{model.need_bytes / 1e9:.1f} GB"]


def _degraded(plan: EnginePlan) -> str:
    told = ("engine.too_big", "engine.fewer_rows", "engine.tight", "engine.llm_none", "engine.llm_cpu", "engine.no_device")
    return " ".join(reason.text() for reason in plan.reasons if reason.code in told) or "-"


@click.command()
def main() -> None:
    """Print the table."""
    click.echo(table(), nl=False)


if __name__ == "__main__":
    main()
