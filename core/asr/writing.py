"""The step loop: every row of a batch writes a token a step until its end mark, and leaves the batch then.

The host hears of the tokens only every `Batch.sync_steps` steps, so that on a graphics processor the next step never waits for it. All rows of
a batch have the same prompt, so they are at the same position at every step and none can influence another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .arrays import Arrays
from .choice import Chooser
from .rules import StampLimits
from .tokens import SpecialTokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# a batch is made smaller when at least this share of its rows has ended: moving the rest costs about as much as a step
_LEAVE_SHARE = 0.25
_NO_STAMPS = StampLimits(0, 0)


class Batch(Protocol):
    """Rows on their way through the decoder, the prompt already read. Arrays are the device's."""

    @property
    def sync_steps(self) -> int:
        """Steps between two looks of the host at the tokens."""

    @property
    def logits(self) -> Any:
        """What follows the prompt: float32 (rows, vocabulary)."""

    def no_speech(self) -> list[float]:
        """Each row's probability of the no-speech token right after the start token."""

    def feed(self, tokens: Any) -> Any:
        """Read one more token (rows,) in each row; returns float32 logits (rows, vocabulary) without waiting for them."""

    def keep(self, numbers: Any) -> None:
        """Go on with some of the rows."""

    def fetch(self, values: Sequence[Any]) -> list[list[Any]]:
        """Arrays of shape (rows,) as lists: the one place where the host waits for the device."""


class Chooses(Protocol):
    """Which token each row writes next; a row that has ended says its end mark again."""

    def choose(self, logits: Any) -> tuple[Any, Any]:
        """Token ids and their natural log probabilities, each (rows,), from float32 logits (rows, vocabulary)."""

    def keep(self, numbers: Any) -> None:
        """Go on with some of the rows."""


@dataclass(slots=True)
class Row:
    """What one chunk's decoding has written so far. `logprobs` has one value more than `tokens` once the end mark came.

    `limits` are for a grammar with timestamps.
    """

    limits: StampLimits = _NO_STAMPS
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    ended: bool = False

    def add(self, token: int, logprob: float, end: int) -> None:
        """Take a chosen token; after the end mark nothing is taken any more."""
        if self.ended:
            return
        self.logprobs.append(logprob)
        self.ended = token == end
        if not self.ended:
            self.tokens.append(token)

    @property
    def avg_logprob(self) -> float:
        """The mean over everything written, end mark included."""
        return sum(self.logprobs) / max(1, len(self.logprobs))


@dataclass(frozen=True, slots=True)
class Manner:
    """How rows write: at most `cap` tokens; at a `temperature` above 0 by numbers drawn from each row's own seed, so that a run can be repeated."""

    cap: int
    temperature: float = 0.0
    seeds: tuple[int, ...] = ()

    def draws(self) -> NDArray[np.float32] | None:
        """(rows, cap) in [0, 1), or None at temperature 0."""
        import numpy as np

        if self.temperature == 0:
            return None
        return np.stack([np.random.default_rng([seed, round(100 * self.temperature)]).random(self.cap, dtype=np.float32) for seed in self.seeds])


def write(batch: Batch, rows: Sequence[Row], task: tuple[Arrays, SpecialTokens], manner: Manner) -> None:
    """Let every row write by Whisper's grammar until its end mark or until it has `manner.cap` tokens; rows are changed in place."""
    arrays, special = task
    chooser = Chooser(arrays, special, [row.limits for row in rows], manner.temperature, manner.draws())
    write_chosen(batch, rows, chooser, (arrays, special.end), manner.cap)


def write_chosen(batch: Batch, rows: Sequence[Row], chooser: Chooses, device: tuple[Arrays, int], cap: int) -> None:
    """Let every row write what `chooser` says, at most `cap` tokens; `device` is its arrays and the end mark. Rows are changed in place."""
    arrays, end = device
    here, step, last = list(rows), 0, None
    while here and step < cap:
        news, steps = [], min(batch.sync_steps, cap - step)
        with arrays.quiet():
            for _ in range(steps):
                last, logprobs = chooser.choose(batch.logits if last is None else batch.feed(last))
                news += [last, logprobs]
        step += steps
        fetched = batch.fetch(news)
        for tokens, values in zip(fetched[::2], fetched[1::2], strict=True):
            for row, token, logprob in zip(here, tokens, values, strict=True):
                row.add(token, logprob, end)
        going = [number for number, row in enumerate(here) if not row.ended]
        if len(going) <= (1 - _LEAVE_SHARE) * len(here):
            here = [here[number] for number in going]
            numbers = arrays.new(going)
            if going:
                batch.keep(numbers)
                chooser.keep(numbers)
                last = arrays.rows(last, numbers)
