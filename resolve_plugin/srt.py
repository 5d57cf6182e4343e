"""The SRT that is imported: UTF-8, times counted from the timeline's first frame, one block a cue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .rates import Rate, srt_time

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\u0085\u2028\u2029]")


@dataclass(frozen=True)
class Cue:
    """A subtitle; frames count from the timeline's first frame, `end_frame` is exclusive."""

    start_frame: int
    end_frame: int
    text: str


def same_text(text: str) -> str:
    """A text as it compares: line breaks as one kind, no empty lines, no space at the ends of lines."""
    lines = (line.strip() for line in _BREAKS.sub("\n", text).split("\n"))
    return "\n".join(line for line in lines if line)


def srt_text(cues: Sequence[Cue], rate: Rate) -> str:
    """The file's text. An empty line inside a cue would end its block, so it is left out."""
    blocks = (
        f"{number}\n{srt_time(cue.start_frame, rate)} --> {srt_time(cue.end_frame, rate)}\n{same_text(cue.text)}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)
