"""Faults at chosen calls: what a call does instead of its work.

A plan maps the number of a call (1 is the first) to one of `KINDS`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

KINDS = ("none", "false", "raise", "lost_answer", "modal", "long_modal", "delay", "stale")


class FakeConnectionError(RuntimeError):
    """What a script sees when the talk with Resolve breaks."""


@dataclass
class Faults:
    """`plan` holds the faults to come; `met` the ones that happened, as (call number, kind, call)."""

    plan: dict[int, str] = field(default_factory=dict)
    met: list[tuple[int, str, str]] = field(default_factory=list)

    def at(self, number: int, call: str) -> str | None:
        """The fault of this call, if any."""
        kind = self.plan.get(number)
        if kind:
            self.met.append((number, kind, call))
        return kind


def random_faults(seed: int, calls: int, most: int = 4, first: int = 1) -> Faults:
    """One to `most` faults of random kinds among the calls from `first` to `calls`."""
    chance = random.Random(seed)
    return Faults({chance.randint(first, calls): chance.choice(KINDS) for _ in range(chance.randint(1, most))})
