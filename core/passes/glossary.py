"""Names that must come out right: kept whole by every pass, and put right where a known slip of them was heard.

A glossary file has one entry a line: a name, or `slip => name`. `#` starts a remark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .diff import Note

if TYPE_CHECKING:
    from ..document import SubtitleDocument
    from .base import PassContext


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


def glossary(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
    """The pass: each known slip becomes its name, and a Latin name gets its own capitals."""
    fixes = [(_pattern(slip), name) for slip, name in sorted(context.glossary.slips, key=lambda pair: -len(pair[0]))]
    fixes += [(_pattern(name), name) for name in context.glossary.names if name.isascii()]
    cues = []
    for cue in document.cues:
        text = cue.text
        for pattern, name in fixes:
            text = pattern.sub(name.replace("\\", r"\\"), text)
        if text != cue.text:
            context.notes[cue.id] = Note("rules", ("passes.name",))
        cues.append(replace(cue, text=text))
    return replace(document, cues=tuple(cues))


def _pattern(slip: str) -> re.Pattern[str]:
    """The slip as a whole word where it is Latin, in any case."""
    edge_before = r"(?<![A-Za-z0-9])" if slip[0].isascii() else ""
    edge_after = r"(?![A-Za-z0-9])" if slip[-1].isascii() else ""
    return re.compile(edge_before + re.escape(slip) + edge_after, re.IGNORECASE)
