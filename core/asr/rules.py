"""Whisper's timestamp grammar: which tokens may come next.

    <|start|> text <|end|> <|start|> text <|end|> ... end mark

The first token is a timestamp; after a line's start comes text or the end mark; after a line's end comes the next start or the end mark;
no timestamp is earlier than one before it and no line has zero length. Beyond openai/whisper's `ApplyTimestampRules`: no timestamp lies
after the chunk's own end. (mlx-whisper 0.4.3 compares list indexes where token values are meant, so its times can run backwards.)

Whisper's list of tokens forbidden at the beginning (a space, the end mark) needs no code: the first token is always a timestamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .tokens import STAMP_MS, STAMPS

if TYPE_CHECKING:
    from ..speech.chunks import Chunk

# openai/whisper DecodingOptions.max_initial_timestamp = 1.0 s
_FIRST_STAMP_SLACK = 50


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one row may choose: text tokens, the end mark, and timestamps `first_stamp`..`last_stamp` (in steps of 20 ms; none if reversed)."""

    text: bool
    end: bool
    first_stamp: int = 0
    last_stamp: int = -1


ANYTHING_BUT_STAMPS = Allowed(text=True, end=True)


@dataclass(frozen=True, slots=True)
class StampLimits:
    """Latest timestamp of the first line's start and of any line's end, in steps of 20 ms from the chunk's start."""

    first: int
    last: int


def stamp_limits(chunk: Chunk) -> StampLimits:
    """No line ends after the chunk; the first one starts at most a second after the first speech in it."""
    last = min(STAMPS - 1, max(1, _steps(chunk.end_ms - chunk.start_ms)))
    speech_ms = chunk.regions[0].start_ms - chunk.start_ms if chunk.regions else 0
    return StampLimits(first=min(last - 1, max(0, _steps(speech_ms)) + _FIRST_STAMP_SLACK), last=last)


def allowed_next(tokens: Sequence[int], stamps: int, limits: StampLimits) -> Allowed:
    """What may follow `tokens`, which one row has written since its prompt; `stamps` is the id of <|0.00|>."""
    if not tokens:
        return Allowed(text=False, end=False, first_stamp=0, last_stamp=limits.first)
    latest = next((token - stamps for token in reversed(tokens) if token >= stamps), 0)
    if tokens[-1] < stamps:
        return Allowed(text=True, end=True, first_stamp=latest + 1, last_stamp=limits.last)
    if len(tokens) == 1 or tokens[-2] >= stamps:
        return ANYTHING_BUT_STAMPS
    return Allowed(text=False, end=True, first_stamp=latest, last_stamp=limits.last - 1)


def _steps(ms: int) -> int:
    """Steps of 20 ms that cover `ms`."""
    return -(-ms // STAMP_MS)
