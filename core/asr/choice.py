"""Picking every row's next token on the device: the likeliest that the grammar allows, or one drawn at a temperature.

When the timestamps together are likelier than the likeliest other token, the choice is among timestamps only (openai/whisper
`ApplyTimestampRules`). Log probabilities are natural, at temperature 0, and among what the grammar allows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .arrays import Arrays
from .rules import Grammar, StampLimits
from .tokens import STAMPS, SpecialTokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Chooser:
    """Chooses for the rows of one batch, which remember their place in the grammar and whether they have ended.

    `draws` are numbers in [0, 1), numpy float32 of shape (rows, steps), that decide the choice at `temperature`; without them the likeliest wins.
    """

    def __init__(self, arrays: Arrays, special: SpecialTokens, limits: Sequence[StampLimits], temperature: float = 0.0, draws: Any = None) -> None:
        self._arrays, self._first_stamp = arrays, special.stamps
        self._grammar = Grammar(arrays, special, limits)
        self._steps = arrays.new(list(range(STAMPS)))
        self._inside, self._likeliest = _kernels(arrays, special.stamps)
        self._temperature, self._step = temperature, 0
        self._draws: Any = None if draws is None else arrays.new(draws)

    def choose(self, logits: Any) -> tuple[Any, Any]:
        """Token ids and log probabilities, each (rows,), from float32 logits (rows, vocabulary); a row that has ended says its end mark again."""
        xp, first = self._arrays.xp, self._first_stamp
        low, high = self._grammar.stamps()
        other = logits[:, :first] + self._grammar.masks()
        stamp = self._inside(self._steps, low[:, None], high[:, None], logits[:, first : first + STAMPS])
        found = self._arrays.weigh(other, stamp)
        if self._draws is None:
            best = found.other_best, found.stamp_best
            tokens, logprobs = self._likeliest(best, (found.other_place, found.stamp_place), found.stamps, found.total)
        else:
            stamped = found.stamps > found.other_best
            tokens, logprobs = self._drawn(xp.concatenate([xp.where(stamped[:, None], -float("inf"), other), stamp], -1))
        self._grammar.read(tokens)
        self._step += 1
        return tokens, logprobs

    def _drawn(self, logits: Any) -> tuple[Any, Any]:
        """By the inverse of the cumulated probability, so that a row's token depends on its own number and nothing else."""
        arrays, xp = self._arrays, self._arrays.xp
        cumulated = xp.cumsum(xp.softmax(logits / self._temperature, -1), -1)
        wanted = self._draws[:, self._step : self._step + 1] * cumulated[:, -1:]
        tokens = ((cumulated <= wanted) * 1).sum(-1)
        return tokens, arrays.at(logits, tokens) - xp.logsumexp(logits, -1)

    def keep(self, numbers: Any) -> None:
        """Go on with some of the rows."""
        self._grammar.keep(numbers)
        if self._draws is not None:
            self._draws = self._arrays.rows(self._draws, numbers)


@lru_cache(4)
def _kernels(arrays: Arrays, first: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`inside` takes out the timestamps that may not come next; `likeliest` makes token ids and log probabilities of what `Arrays.weigh` found."""
    xp = arrays.xp

    def inside(steps: Any, low: Any, high: Any, logits: Any) -> Any:
        return xp.where((steps >= low) & (steps <= high), logits, -float("inf"))

    def likeliest(best: tuple[Any, Any], place: tuple[Any, Any], stamps: Any, total: Any) -> tuple[Any, Any]:
        stamped = stamps > best[0]
        return xp.where(stamped, place[1] + first, place[0]), xp.where(stamped, best[1] - stamps, best[0] - total)

    return arrays.fused(inside), arrays.fused(likeliest)
