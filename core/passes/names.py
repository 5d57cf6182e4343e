"""The pass over the glossary: names as they are to be written. What a glossary is stands in `glossary.py`."""

from __future__ import annotations

import re
from dataclasses import replace

from ..document import SubtitleDocument
from .base import PassContext
from .diff import Note


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
