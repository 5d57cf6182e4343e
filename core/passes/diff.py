"""What the passes did to each cue and why, kept for the person who reviews it.

A pass leaves notes while it works; `run_passes` turns them into one Change for each cue and pass that differs or had a reply refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Source = Literal["model", "rules", "spoken", "kept"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply that a guard turned down, kept whole. `reasons` are catalogue keys."""

    reply: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Where a cue's text came from, why, and what was refused on the way. `reasons` are catalogue keys."""

    source: Source
    reasons: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One pass on one cue. `before` and `after` are its text."""

    cue_id: str
    pass_name: str
    before: str
    after: str
    note: Note


def diff_json(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Plain values for JSON: {"cue", "pass", "before", "after", "source", "reasons", "refused": [{"reply", "reasons"}]}."""
    return [
        {
            "cue": change.cue_id,
            "pass": change.pass_name,
            "before": change.before,
            "after": change.after,
            "source": change.note.source,
            "reasons": list(change.note.reasons),
            "refused": [{"reply": refusal.reply, "reasons": list(refusal.reasons)} for refusal in change.note.refused],
        }
        for change in changes
    ]
