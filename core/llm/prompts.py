"""What a model is told for each pass: the rules of the task and a few pairs that show them, always the same, so that a backend can cache them.

The texts are in `data/prompts/`, one file a task: a first part with the instructions, then blocks of spoken lines and their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .base import Message

_FOLDER = Path(__file__).parent.parent / "data" / "prompts"


@cache
def prefix(task: str) -> tuple[Message, ...]:
    """The turns before every prompt of a task ('written', 'half', 'proofread')."""
    system, *blocks = (_FOLDER / f"{task}.txt").read_text("utf-8").strip().split("\n\n")
    messages = [Message("system", system)]
    for block in blocks:
        asked, answered = block.split("\n=>\n")
        messages += [Message("user", asked), Message("assistant", answered)]
    return tuple(messages)


def instructions(task: str) -> str:
    """All that a model is told for a task, as one text to look for leaks in."""
    return "\n".join(message.content for message in prefix(task))


def prompt(lines: str, before: Sequence[str], after: Sequence[str]) -> str:
    """One user turn: the numbered lines, with the neighbours around them that are for reading only."""
    parts = [f"前文（不用改寫）：{'／'.join(before)}"] if before else []
    parts.append(lines)
    parts += [f"後文（不用改寫）：{'／'.join(after)}"] if after else []
    return "\n".join(parts)
