"""Whisper's timestamp grammar: which tokens may come next.

    <|start|> text <|end|> <|start|> text <|end|> ... end mark

The first token is a timestamp; after a line's start comes text or the end mark; after a line's end comes the next start or the end mark;
no timestamp is earlier than one before it and no line has zero length. Beyond openai/whisper's `ApplyTimestampRules`: no timestamp lies
after the chunk's own end. (mlx-whisper 0.4.3 compares list indexes where token values are meant, so its times can run backwards.)

Whisper's list of tokens forbidden at the beginning (a space, the end mark) needs no code: the first token is always a timestamp.

The state of all rows lives on the device: asking the host about every row costs more than the network itself at 32 rows. It moves by looking
things up in tables, because on a graphics processor every small operation costs as much as one on a whole vocabulary. A row is in one of five
phases; another rule is another column of `_PHASES` or another entry of `_NEXT`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..speech.clock import heard_ms
from .arrays import Arrays
from .tokens import STAMP_MS, STAMPS, SpecialTokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..speech.chunks import Chunk

# openai/whisper DecodingOptions.max_initial_timestamp = 1.0 s
_FIRST_STAMP_SLACK = 50

BEGIN, STARTED, TEXT, ENDED, DONE = range(5)
# phase -> text allowed, end mark allowed, timestamps allowed, steps after the latest timestamp for the earliest one allowed
_PHASES = (
    (False, False, True, 0),
    (True, True, False, 0),
    (True, True, True, 1),
    (False, True, True, 0),
    (False, True, False, 0),
)
# kind of token written -> the phase that follows each phase
_NEXT = {
    "text": (TEXT, TEXT, TEXT, TEXT, DONE),
    "end": (DONE, DONE, DONE, DONE, DONE),
    "stamp": (STARTED, STARTED, ENDED, STARTED, DONE),
}


@dataclass(frozen=True, slots=True)
class StampLimits:
    """Latest timestamp of the first line's start and of any line's end, in steps of 20 ms of what is heard."""

    first: int
    last: int


def stamp_limits(chunk: Chunk) -> StampLimits:
    """No line ends after what is heard of the chunk; the first one starts at most a second after the first speech in it."""
    last = min(STAMPS - 1, max(1, _steps(heard_ms(chunk))))
    speech_ms = chunk.regions[0].start_ms - chunk.start_ms if chunk.regions else 0
    return StampLimits(first=min(last - 1, max(0, _steps(speech_ms)) + _FIRST_STAMP_SLACK), last=last)


def _steps(ms: int) -> int:
    """Steps of 20 ms that cover `ms`."""
    return -(-ms // STAMP_MS)


class Grammar:
    """Where every row of a batch is in the grammar, on the device; all arrays but the tables have the shape (rows,)."""

    def __init__(self, arrays: Arrays, special: SpecialTokens, limits: Sequence[StampLimits]) -> None:
        self._arrays, new = arrays, arrays.new
        self._masks, self._kinds, self._steps = (new(table) for table in tables(special))
        self._next = new([phase for phases in _NEXT.values() for phase in phases])
        self._after = new([after for _, _, _, after in _PHASES])
        latest = ((limit.first, limit.last, limit.last, limit.last - 1, -1) for limit in limits)
        # by phase; where no timestamp is allowed the latest is before the first
        self._latest_allowed = new([[step if phase[2] else -1 for phase, step in zip(_PHASES, steps, strict=True)] for steps in latest])
        self.phase, self._latest = new([BEGIN] * len(limits)), new([0] * len(limits))

    def masks(self) -> Any:
        """What is added to the logits before the timestamps', (rows, first timestamp): 0 where a token may come next, else minus infinity."""
        return self._arrays.rows(self._masks, self.phase)

    def stamps(self) -> tuple[Any, Any]:
        """First and last timestamp that may come next, in steps; none where the first is above the last."""
        return self._latest + self._arrays.rows(self._after, self.phase), self._arrays.at(self._latest_allowed, self.phase)

    def read(self, tokens: Any) -> None:
        """Move every row on by the token it wrote; times never run backwards, so the latest timestamp is the largest."""
        rows = self._arrays.rows
        self._latest = self._arrays.xp.maximum(self._latest, rows(self._steps, tokens))
        self.phase = rows(self._next, rows(self._kinds, tokens) + self.phase)

    def keep(self, numbers: Any) -> None:
        """Go on with some of the rows."""
        rows = self._arrays.rows
        self.phase, self._latest, self._latest_allowed = (rows(one, numbers) for one in (self.phase, self._latest, self._latest_allowed))


@lru_cache(2)
def tables(special: SpecialTokens) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
    """By phase and token before the timestamps, float32: 0 or minus infinity; by token: where its kind begins in `_NEXT`, a timestamp's step or 0."""
    import numpy as np

    size, stamps = special.stamps + STAMPS, slice(special.stamps, None)
    masks = np.full((len(_PHASES), special.stamps), -np.inf, dtype=np.float32)
    for phase, (text, end, _, _) in enumerate(_PHASES):
        masks[phase, : special.end] = 0 if text else -np.inf
        masks[phase, special.end] = 0 if end else -np.inf
    masks[:, list(special.suppressed)] = -np.inf
    kinds, steps = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    kinds[special.end], kinds[stamps] = len(_PHASES), 2 * len(_PHASES)
    steps[stamps] = np.arange(STAMPS)
    return masks, kinds, steps
