"""What every benchmark returns, and the one way to print it.

A benchmark is a module beside this one with `run(...) -> BenchResult`. A row's metrics are numbers with their unit in the name (`seconds`,
`peak_mb`); a metric that a row lacks is left empty in the table.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Metric = int | float | str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured, under a name unique in its result."""

    name: str
    metrics: dict[str, Metric]


def describe_machine() -> str:
    """System, processor, memory and Python on one line, for the head of a table and for `machine` in JSON."""
    import psutil

    memory_gb = round(psutil.virtual_memory().total / 1e9)
    processor = platform.processor() or platform.machine()
    return f"{platform.system()} {platform.release()}, {processor}, {os.cpu_count()} cores, {memory_gb} GB, Python {platform.python_version()}"


@dataclass(frozen=True, slots=True)
class BenchResult:
    """The rows of one benchmark and the machine they were measured on."""

    bench: str
    rows: tuple[Row, ...]
    machine: str = field(default_factory=describe_machine)

    def to_json(self) -> dict[str, object]:
        """{"bench", "machine", "rows": [{"name", ...metrics}]}."""
        return {"bench": self.bench, "machine": self.machine, "rows": [{"name": row.name, **row.metrics} for row in self.rows]}


def show(result: BenchResult, console: Console) -> None:
    """Print one table: a line a row, a column a metric in order of first appearance; turned on its side when that is wider than the screen, and
    then cut into several one below the other when it must be.
    """
    lines: Sequence[Sequence[str]] = _grid(result)
    if _width(lines) > console.width:
        lines = list(zip(*lines, strict=True))
    for part in _cut(lines, console.width):
        console.print(_table(result, [line for number, line in enumerate(part) if number == 0 or any(line[1:])]))


def _cut(lines: Sequence[Sequence[str]], width: int) -> Iterator[list[tuple[str, ...]]]:
    """The same lines in parts that fit into `width`, each with the first column and at least one more."""
    first, *others = zip(*lines, strict=True)
    part = [first]
    for column in others:
        if len(part) > 1 and _width(list(zip(*part, column, strict=True))) > width:
            yield list(zip(*part, strict=True))
            part = [first]
        part.append(column)
    yield list(zip(*part, strict=True))


def _grid(result: BenchResult) -> list[tuple[str, ...]]:
    columns = list(dict.fromkeys(name for row in result.rows for name in row.metrics))
    cells = [(row.name, *(_shown(row.metrics.get(column, "")) for column in columns)) for row in result.rows]
    return [("name", *columns), *cells]


def _width(lines: Sequence[Sequence[str]]) -> int:
    return sum(3 + max(len(cell) for cell in column) for column in zip(*lines, strict=True)) + 1


def _table(result: BenchResult, lines: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table

    table = Table(title=f"bench {result.bench}", caption=result.machine)
    for number, title in enumerate(lines[0]):
        table.add_column(title, justify="right" if number else "left")
    for line in lines[1:]:
        table.add_row(*line)
    return table


def _shown(value: Metric) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
