"""When each character was said, from what the decoder looked at while it wrote it.

One more pass of the decoder over the finished text, reusing the encoder's features; the heads that follow the speech are in the model's
`alignment_heads`. Scores become probabilities over the chunk's frames, are normalised over tokens, smoothed, averaged over heads, and dynamic
time warping finds the path (openai/whisper `timing.py`; the path here goes row by row in numpy, so nothing has to be compiled).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from .arrays import Arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_MS = 20
_ROWS_AT_ONCE = 4
# attention is in standard deviations: nothing that it says outweighs a timestamp that is this many frames off
_OUTSIDE, _SLACK = 10.0, 8
# sorting network for the median of seven (Devillard, "Fast median search", 1998)
_MEDIAN_OF_7 = ((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6), (2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4))


class Looker(Protocol):
    """What alignment needs of a model."""

    @property
    def arrays(self) -> Arrays: ...

    def looks(self, features: Any, tokens: Sequence[Sequence[int]]) -> Any:
        """Float32 scores (rows, heads, positions, 1500) of the alignment heads while they read each row's tokens."""


@dataclass(frozen=True, slots=True)
class Written:
    """A row's text tokens, the frames of its chunk, and for each token the frames [first, last) that its line's timestamps leave to it."""

    tokens: tuple[int, ...]
    frames: int
    windows: tuple[tuple[int, int], ...]


def token_onsets(model: Looker, features: Any, texts: Sequence[Written], task: tuple[Sequence[int], int]) -> list[list[int]]:
    """For each row the frame on which each of its tokens begins, and as the last value the frame after its last token.

    `task` is what comes before the text (start ... no timestamps) and the end mark. Frames are 20 ms.
    """
    prefix, end = task
    onsets: list[list[int]] = []
    for first in range(0, len(texts), _ROWS_AT_ONCE):
        rows = range(first, min(first + _ROWS_AT_ONCE, len(texts)))
        sequences = [[*prefix, *texts[row].tokens, end] for row in rows]
        longest = max(map(len, sequences))
        padded = [sequence + [end] * (longest - len(sequence)) for sequence in sequences]
        scores = model.looks(model.arrays.rows(features, model.arrays.new(list(rows))), padded)
        for number, (row, sequence) in enumerate(zip(rows, sequences, strict=True)):
            attention = clean(model.arrays, scores[number, :, : len(sequence), : max(1, texts[row].frames)])
            # the position before a token is the one that chose it
            onsets.append([int(value) for value in warp(_outside(texts[row], attention.shape[1]) - attention[len(prefix) - 1 : -1])])
    return onsets


def _outside(text: Written, frames: int) -> NDArray[np.float64]:
    """What it costs to hear a token outside its line, shape (tokens + 1, frames)."""
    import numpy as np

    cost = np.zeros((len(text.tokens) + 1, frames))
    for row, (first, last) in enumerate(text.windows):
        cost[row, : max(0, first - _SLACK)] = cost[row, last + _SLACK :] = _OUTSIDE
    return cost


def clean(arrays: Arrays, scores: Any) -> NDArray[np.float64]:
    """Attention (positions, frames) on the host from one row's scores (heads, positions, frames) on the device."""
    import numpy as np

    xp = arrays.xp
    weights = xp.softmax(scores, -1)
    centred = weights - xp.mean(weights, -2, True)
    spread = xp.sqrt(xp.mean(centred * centred, -2, True))
    normal = median_of_7(xp, centred / xp.maximum(spread, arrays.new(1e-10)))
    averaged = xp.mean(normal, 0)
    return np.asarray(averaged.cpu() if hasattr(averaged, "cpu") else averaged, dtype=np.float64)


def median_of_7(xp: Any, values: Any) -> Any:
    """The running median over seven frames along the last axis, edges reflected; values shorter than four frames are returned unchanged."""
    count = values.shape[-1]
    if count < 4:
        return values
    edges = [values[..., place : place + 1] for place in (3, 2, 1)], [values[..., count - place : count - place + 1] for place in (2, 3, 4)]
    wide = xp.concatenate([*edges[0], values, *edges[1]], -1)
    lanes = [wide[..., shift : shift + count] for shift in range(7)]
    for low, high in _MEDIAN_OF_7:
        lanes[low], lanes[high] = xp.minimum(lanes[low], lanes[high]), xp.maximum(lanes[low], lanes[high])
    return lanes[3]


def warp(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """The column where the cheapest path enters each row of `cost` (rows, columns), from the top left to the bottom right corner.

    A path goes down, right or both. Inside a row the best way in from above is a running minimum, so a row costs a few numpy calls.
    """
    import numpy as np

    rows, columns = cost.shape
    numbers = np.arange(columns)
    total = np.cumsum(cost[0])
    totals, entries = [total], [np.zeros(columns, dtype=np.int64)]
    for row in cost[1:]:
        along = np.cumsum(row)
        above = np.minimum(total, np.concatenate((total[:1], total[:-1])))
        enter = above - (along - row)
        best = np.minimum.accumulate(enter)
        entries.append(np.maximum.accumulate(np.where(enter <= best, numbers, 0)))
        total = best + along
        totals.append(total)
    found = np.zeros(rows, dtype=np.int64)
    column = columns - 1
    for place in range(rows - 1, 0, -1):
        entry = found[place] = entries[place][column]
        column = entry - 1 if entry and totals[place - 1][entry - 1] <= totals[place - 1][entry] else entry
    return found
