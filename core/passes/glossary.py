"""Names that must come out right: kept whole by every pass, and put right by `names.py` where a known slip of them was heard.

A glossary file has one entry a line: a name, or `slip => name`. `#` starts a remark.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Glossary:
    """`names` as they are to be written; `slips` are (heard, name) pairs."""

    names: tuple[str, ...] = ()
    slips: tuple[tuple[str, str], ...] = ()


def read_glossary(path: Path) -> Glossary:
    """A glossary from a UTF-8 text file. Raises InputError `passes.glossary_unreadable`."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("passes.glossary_unreadable", file=path, detail=repr(error)) from error
    names: list[str] = []
    slips: list[tuple[str, str]] = []
    for line in (line.partition("#")[0].strip() for line in lines):
        slip, arrow, name = (part.strip() for part in line.partition("=>"))
        name = name if arrow else slip
        if name:
            names.append(name)
            slips += [(slip, name)] if arrow and slip else []
    return Glossary(tuple(dict.fromkeys(names)), tuple(slips))
