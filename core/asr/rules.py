"""Whisper's timestamp grammar: which tokens may come next.

    <|start|> text <|end|> <|start|> text <|end|> ... end mark

The first token is a timestamp; after a line's start comes text or the end mark; after a line's end comes the next start or the end mark;
no timestamp is earlier than one before it and no line has zero length. Beyond openai/whisper's `ApplyTimestampRules`: no timestamp lies
after the chunk's own end. (mlx-whisper 0.4.3 compares list indexes where token values are meant, so its times can run backwards.)

Whisper's list of tokens forbidden at the beginning (a space, the end mark) needs no code: the first token is always a timestamp.

The state of all rows lives on the device: asking the host about every row costs more than the network itself at 32 rows. A row is in one of
four phases; another rule is another column of `_PHASES` or another term in `Grammar.stamps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arrays import Arrays
from .tokens import STAMP_MS, STAMPS, SpecialTokens

if TYPE_CHECKING:
    from ..speech.chunks import Chunk

# openai/whisper DecodingOptions.max_initial_timestamp = 1.0 s
_FIRST_STAMP_SLACK = 50

BEGIN, STARTED, TEXT, ENDED = range(4)
# phase -> text allowed, end mark allowed, timestamps allowed, steps after the latest timestamp for the earliest one allowed
_PHASES = {
    BEGIN: (False, False, True, 0),
    STARTED: (True, True, False, 0),
    TEXT: (True, True, True, 1),
    ENDED: (False, True, True, 0),
}


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


def _steps(ms: int) -> int:
    """Steps of 20 ms that cover `ms`."""
    return -(-ms // STAMP_MS)


class Grammar:
    """Where every row of a batch is in the grammar, on the device; all arrays have the shape (rows,)."""

    def __init__(self, arrays: Arrays, special: SpecialTokens, limits: Sequence[StampLimits]) -> None:
        self._arrays, self._special = arrays, special
        new, phases = arrays.new, [_PHASES[phase] for phase in range(4)]
        self.phase, self._latest = new([BEGIN] * len(limits)), new([0] * len(limits))
        self._first, self._last = new([limit.first for limit in limits]), new([limit.last for limit in limits])
        self._after = new([phase[3] for phase in phases])
        self._stamped = new([phase[2] for phase in phases])
        self._masks = mask_table(arrays, special)

    def masks(self) -> Any:
        """What is added to the logits of text and end mark, shape (rows, end + 1): 0 where a token may come next, else minus infinity."""
        return self._arrays.rows(self._masks, self.phase)

    def stamps(self) -> tuple[Any, Any]:
        """First and last timestamp that may come next, in steps; none where the first is above the last."""
        xp, rows = self._arrays.xp, self._arrays.rows
        first = self._latest + rows(self._after, self.phase)
        last = xp.where(self.phase == BEGIN, self._first, self._last - (self.phase == ENDED) * 1)
        return first, xp.where(rows(self._stamped, self.phase), last, -1)

    def read(self, tokens: Any) -> None:
        """Move every row on by the token it wrote."""
        xp = self._arrays.xp
        is_stamp = tokens >= self._special.stamps
        self._latest = xp.where(is_stamp, tokens - self._special.stamps, self._latest)
        self.phase = xp.where(is_stamp, xp.where(self.phase == TEXT, ENDED, STARTED), TEXT)

    def keep(self, numbers: Any) -> None:
        """Go on with some of the rows."""
        rows = self._arrays.rows
        self.phase, self._latest = rows(self.phase, numbers), rows(self._latest, numbers)
        self._first, self._last = rows(self._first, numbers), rows(self._last, numbers)


def mask_table(arrays: Arrays, special: SpecialTokens) -> Any:
    """Shape (phases, end + 1), float32: what each phase adds to the logits of text tokens and, last, of the end mark."""
    import numpy as np

    table = np.zeros((4, special.end + 1), dtype=np.float32)
    table[:, list(special.suppressed)] = -np.inf
    for phase, (text, end, _, _) in _PHASES.items():
        if not text:
            table[phase, : special.end] = -np.inf
        if not end:
            table[phase, special.end] = -np.inf
    return arrays.new(table)
