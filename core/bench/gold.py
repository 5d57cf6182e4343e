"""The gold set in `tests/gold/`: spoken lines, how they read in written Chinese, and what must come through.

`set` is 'open' for lines that rules are written with and 'held' for those that are only scored. In `protected`, '¬' stands for any word
that denies. A new line is one more row of a topic's file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import SetupError

FOLDER = Path(__file__).parents[2] / "tests" / "gold"
_DENIES = "不沒未無別"


@dataclass(frozen=True, slots=True)
class GoldLine:
    """One pair. `half` is '' where nobody wrote one."""

    id: str
    held: bool
    spoken: str
    written: str
    half: str
    protected: tuple[str, ...]


def gold_lines() -> tuple[GoldLine, ...]:
    """All lines by topic. Raises SetupError `passes.gold_missing` outside a clone of the project."""
    files = sorted(FOLDER.glob("*.tsv"))
    if not files:
        raise SetupError("passes.gold_missing", folder=FOLDER)
    rows = (row.split("\t") for file in files for row in file.read_text("utf-8").splitlines()[1:])
    return tuple(
        GoldLine(name, group == "held", spoken, written, half, tuple(filter(None, facts.split("|"))))
        for name, group, spoken, written, half, facts in rows
    )


def kept(text: str, line: GoldLine) -> bool:
    """True when every protected fact of `line` is in `text`."""
    return all(any(word in text for word in _DENIES) if fact == "¬" else fact in text for fact in line.protected)
