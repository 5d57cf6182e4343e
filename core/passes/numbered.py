"""Numbered lines, out to a model and back: '1. text', one line each, and nothing else.

Reading is strict: a reply with anything besides the asked numbers in order is refused whole; a missing number only costs its own line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_LINE = re.compile(r"\s*(\d{1,3})\s*[.．、:：]\s*(.*)")


class NotNumberedError(ValueError):
    """The reply is not the numbered lines that were asked for."""


def numbered(lines: Sequence[str]) -> str:
    """'1. first\\n2. second'; a line's own breaks become spaces."""
    return "\n".join(f"{number}. {' '.join(line.split())}" for number, line in enumerate(lines, 1))


def parse(reply: str, count: int) -> Mapping[int, str]:
    """Text by number, 1 to `count`; numbers the model left out, or left empty, are missing.

    Raises NotNumberedError for a line without a number, a number out of order, twice or never asked for.
    """
    found: dict[int, str] = {}
    last = 0
    for line in reply.strip().splitlines():
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if not match:
            raise NotNumberedError(line[:80])
        number, text = int(match[1]), match[2].strip()
        if not last < number <= count:
            raise NotNumberedError(line[:80])
        last = number
        if text:
            found[number] = text
    return found
