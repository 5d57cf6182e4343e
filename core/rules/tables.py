"""Reading the linguist's tables in `data/written/`.

Tab-separated, first line the column names, `#` starts a remark. `classes.tsv` gives words their classes; `structure.tsv` reorders a clause;
`words.tsv` then puts one token for another. A new table of either shape is one more name in `rules_of`'s callers.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .pattern import BIT, Rule, parse_rule

FOLDER = Path(__file__).parent.parent / "data" / "written"


def rows(name: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with their line numbers; missing cells are ''."""
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    columns = lines[0].split("\t")
    found = []
    for number, line in enumerate(lines[1:], 2):
        if line.strip() and not line.startswith("#"):
            cells = line.split("\t")
            found.append((number, dict(zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=True))))
    return found


@cache
def rules_of(name: str) -> tuple[Rule, ...]:
    """The rules of a table, in its order. Raises ValueError that names the file and line of a bad one."""
    return tuple(parse_rule(row, f"{name}:{number}") for number, row in rows(name))


@cache
def classes() -> dict[str, int]:
    """The class mask of every word in `classes.tsv`. Raises ValueError for an unknown class."""
    masks: dict[str, int] = {}
    for number, row in rows("classes.tsv"):
        if row["class"] not in BIT:
            raise ValueError(f"classes.tsv:{number}: no class {row['class']!r}")
        for word in row["words"].split():
            masks[word] = masks.get(word, 0) | BIT[row["class"]]
    return masks
