"""`canto-beats bench llm`: lines a second of a language model that writes many replies at once, against one line at a time, with the same weights.

Each is measured with the prefix (instructions and examples) read once and read with every prompt. Weights are random and replies have a fixed
length, so only speed and memory mean anything. `python -m core.bench.llm --size qwen2.5-7b --device cuda` makes the real size on the card; so does
`--device mlx`, with `--bits 4` as on a Mac.
Another size is one more entry of `random_lm.SIZES`, another way of writing one more row of `_plans`.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import click

from ..hardware import Device, DeviceManager, device_state, release_memory
from ..llm.prompts import prefix, prompt
from ..llm.turns import Turns
from ..passes.numbered import numbered
from .gold import gold_lines
from .random_lm import random_mlx, random_torch, write_random_lm, write_tokenizer
from .table import BenchResult, Row, describe_machine

# a line of a dozen characters is written back in about so many of Qwen's tokens, its number included
_REPLY_TOKENS = 24


@dataclass(frozen=True, slots=True)
class _Plan:
    """One row: how many prompts at once, whether the prefix is read once, and how many lines are enough to time."""

    batch_size: int
    prefix_cache: bool
    lines: int

    @property
    def name(self) -> str:
        many = "one line at a time" if self.batch_size == 1 else f"{self.batch_size} lines at once"
        return f"{many}, prefix {'read once' if self.prefix_cache else 'read every time'}"


def _plans(quick: bool) -> Iterator[_Plan]:
    few, many = (4, 16) if quick else (16, 128)
    for cached in (False, True):
        yield _Plan(1, cached, few)
        yield _Plan(8, cached, many // 2)
        if not quick:
            yield _Plan(32, cached, many)
    if not quick:
        yield _Plan(64, True, many)


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Measure the tiny model (`quick`) or the small one on the processor, through torch and, where installed, MLX. The model is made in `work`."""
    size = "tiny-qwen2" if quick else "small"
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        folder = write_random_lm(Path(scratch), size, _spoken())
        rows += _rows(f"torch {size}", _torch_writer(folder, "cpu"), quick, "cpu")
        if find_spec("mlx") and find_spec("mlx_lm"):
            rows += _rows(f"mlx {size}", _mlx_writer(folder), quick, "mlx")
    return BenchResult("llm", tuple(rows))


def run_size(size: str, device: Device, bits: int = 16, quick: bool = False) -> Iterator[Row]:
    """Measure a size whose weights are made on the device itself, a row as soon as it is measured; `bits` below 16 for MLX only.

    Half precision, unless on the processor.
    """
    with tempfile.TemporaryDirectory() as scratch:
        entries = write_tokenizer(Path(scratch), _spoken())
        turns = Turns(Path(scratch))
    turns.ends = frozenset()  # no reply is shorter than another
    if device == "mlx":
        from ..llm.lm_mlx import MlxWriter

        net = random_mlx(size, entries, bits)
        yield from _rows(f"mlx {size} {bits} bits", lambda plan: MlxWriter(net, turns, plan.batch_size, plan.prefix_cache), quick, device)
    else:
        net = random_torch(size, entries, device)
        yield from _rows(f"torch {size} {net.dtype}".replace("torch.", ""), _writer_over(net, turns, device), quick, device)


Maker = Callable[[_Plan], Any]


def _torch_writer(folder: Path, device: Device) -> Maker:
    from ..llm.lm_hf import load_net

    return _writer_over(load_net(folder, DeviceManager(device)), Turns(folder), device)


def _writer_over(net: Any, turns: Turns, device: Device) -> Maker:
    from ..llm.lm_hf import TorchWriter, WriterOptions
    from ..llm.net_torch import TorchNet

    return lambda plan: TorchWriter(TorchNet(net, device), turns, WriterOptions(plan.batch_size, plan.prefix_cache))


def _mlx_writer(folder: Path) -> Maker:
    from mlx_lm.utils import load_model

    from ..llm.lm_mlx import MlxWriter

    net, _ = load_model(folder)
    turns = Turns(folder)
    return lambda plan: MlxWriter(net, turns, plan.batch_size, plan.prefix_cache)


def _rows(name: str, make: Maker, quick: bool, device: Device) -> Iterator[Row]:
    alone: dict[bool, float] = {}
    for plan in _plans(quick):
        writer = make(plan)
        _write(writer, plan.batch_size, 2)  # kernels are built and memory is taken outside the timing
        _reset_peak(device)
        started_s = time.perf_counter()
        tokens = _write(writer, plan.lines, _REPLY_TOKENS)
        seconds = time.perf_counter() - started_s
        speed = plan.lines / seconds
        alone.setdefault(plan.prefix_cache, speed)
        metrics = {"lines": plan.lines, "tokens": tokens, "seconds": round(seconds, 3), "lines_per_s": round(speed, 2)}
        yield Row(f"{name}: {plan.name}", {**metrics, "ratio": round(speed / alone[plan.prefix_cache], 2), **_peak(device)})


def _write(writer: Any, count: int, tokens: int) -> int:
    """Ask for `count` lines, one a prompt; the tokens written."""
    asked = [prompt(numbered([line]), (), ()) for line in islice(cycle(_spoken()), count)]
    return sum(reply.tokens for reply in writer.generate(prefix("written"), asked, tokens))


def _spoken() -> Sequence[str]:
    return [line.spoken for line in gold_lines()]


def _reset_peak(device: Device) -> None:
    gc.collect()
    release_memory(device)
    if device == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats()
    elif device == "mlx":
        import mlx.core as mx

        mx.reset_peak_memory()


def _peak(device: Device) -> dict[str, float]:
    """The most that the library's allocator has given out since the reset; torch counts none on the processor, where it is left out."""
    if device == "cuda":
        import torch

        return {"peak_mb": round(torch.cuda.max_memory_allocated() / 1e6)}
    if device == "mlx":
        import mlx.core as mx

        return {"peak_mb": round(mx.get_peak_memory() / 1e6, 1)}
    return {}


@click.command()
@click.option("--size", required=True)
@click.option("--device", default="cuda", show_default=True)
@click.option("--bits", default=16, show_default=True)
@click.option("--quick", is_flag=True)
def main(size: str, device: Device, bits: int, quick: bool) -> None:
    """Measure a language model of a real size with random weights; prints a line of JSON a row as it comes, then the whole result."""
    rows = []
    for row in run_size(size, device, bits, quick):
        rows.append(row)
        click.echo(json.dumps({"name": row.name, **row.metrics}))
    result = BenchResult("llm", tuple(rows), f"{describe_machine()}; {device_state(device).reason.text()}")
    click.echo(json.dumps(result.to_json(), ensure_ascii=False))


if __name__ == "__main__":
    main()
