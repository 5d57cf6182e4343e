"""Picking every row's next token on the device: the likeliest that the grammar allows, or one drawn at a temperature.

When the timestamps together are likelier than the likeliest other token, the choice is among timestamps only (openai/whisper
`ApplyTimestampRules`). Log probabilities are natural, at temperature 0, and among what the grammar allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrays import Arrays
from .rules import Grammar, StampLimits
from .tokens import STAMPS, SpecialTokens

if TYPE_CHECKING:
    from collections.abc import Sequence


class Chooser:
    """Chooses for the rows of one batch, which remember their place in the grammar and whether they have ended.

    `draws` are numbers in [0, 1), numpy float32 of shape (rows, steps), that decide the choice at `temperature`; without them the likeliest wins.
    """

    def __init__(self, arrays: Arrays, special: SpecialTokens, limits: Sequence[StampLimits], temperature: float = 0.0, draws: Any = None) -> None:
        self._arrays, self._special = arrays, special
        self._grammar = Grammar(arrays, special, limits)
        self._steps = arrays.new(list(range(STAMPS)))
        self._ended = arrays.new([False] * len(limits))
        self._temperature, self._step = temperature, 0
        self._draws: Any = None if draws is None else arrays.new(draws)

    def choose(self, logits: Any) -> tuple[Any, Any]:
        """Token ids and log probabilities, each (rows,), from float32 logits (rows, vocabulary); a row that has ended says its end mark again."""
        xp, end, first_stamp = self._arrays.xp, self._special.end, self._special.stamps
        other = logits[:, : end + 1] + self._grammar.masks()
        low, high = self._grammar.stamps()
        inside = (self._steps >= low[:, None]) & (self._steps <= high[:, None])
        stamp = xp.where(inside, logits[:, first_stamp : first_stamp + STAMPS], -float("inf"))
        other_best, stamp_best = self._arrays.largest(other), self._arrays.largest(stamp)
        stamp_sum = xp.logsumexp(stamp, -1)
        stamped = stamp_sum > other_best
        total = xp.where(stamped, stamp_sum, xp.logaddexp(xp.logsumexp(other, -1), stamp_sum))
        if self._draws is None:
            tokens = xp.where(stamped, self._arrays.place(stamp) + first_stamp, self._arrays.place(other))
            logprobs = xp.where(stamped, stamp_best, other_best) - total
        else:
            tokens, logprobs = self._drawn(other, stamp, stamped, total)
        tokens = xp.where(self._ended, end, tokens)
        self._grammar.read(tokens)
        self._ended = self._ended | (tokens == end)
        self._step += 1
        return tokens, logprobs

    def _drawn(self, other: Any, stamp: Any, stamped: Any, total: Any) -> tuple[Any, Any]:
        """By the inverse of the cumulated probability, so that a row's token depends on its own number and nothing else."""
        arrays, xp, texts = self._arrays, self._arrays.xp, self._special.end + 1
        other = xp.where(stamped[:, None], -float("inf"), other)
        all_logits = xp.concatenate([other, stamp], -1)
        cumulated = xp.cumsum(xp.softmax(all_logits / self._temperature, -1), -1)
        wanted = self._draws[:, self._step : self._step + 1] * cumulated[:, -1:]
        places = ((cumulated <= wanted) * 1).sum(-1)
        tokens = xp.where(places < texts, places, places - texts + self._special.stamps)
        return tokens, arrays.at(all_logits, places) - total

    def keep(self, numbers: Any) -> None:
        """Go on with some of the rows."""
        self._grammar.keep(numbers)
        self._ended = self._arrays.rows(self._ended, numbers)
        if self._draws is not None:
            self._draws = self._arrays.rows(self._draws, numbers)
