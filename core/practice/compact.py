"""The few thousand tokens that training meets, numbered from 0, and one row that stands for all the others.

The tens of thousands of tokens that never occur would all learn the same thing: to be unlikely. They share row 0, whose logit gets
log(number of tokens it stands for) added in training; the softmax is then exactly that of the full vocabulary with equal rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import vocabulary as v

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

IGNORED = -100
_SPECIAL = (v.END, v.START, v.YUE, v.TRANSCRIBE, v.START_OF_PREVIOUS, v.NO_SPEECH, v.NO_TIMESTAMPS)


@dataclass(frozen=True, slots=True)
class CompactVocabulary:
    """`full` maps compact numbers (from 1) to Whisper's: text tokens first, then special ones, then all timestamps."""

    full: tuple[int, ...]
    numbers: dict[int, int]
    text_count: int

    @classmethod
    def of_text(cls, tokens: NDArray[np.int64]) -> CompactVocabulary:
        """The vocabulary of training text given in Whisper's numbers."""
        import numpy as np

        text = [int(token) for token in np.unique(tokens)]
        stamps = range(v.FIRST_TIMESTAMP, v.FIRST_TIMESTAMP + v.TIMESTAMPS)
        full = (*text, *_SPECIAL, *stamps)
        return cls(full, {token: number for number, token in enumerate(full, 1)}, len(text))

    @property
    def size(self) -> int:
        """Rows of the compact embedding, the shared row included."""
        return len(self.full) + 1

    @property
    def shared_bias(self) -> float:
        """What the shared row's logit gets in training."""
        return math.log(v.VOCAB_SIZE - len(self.full))

    def number(self, token: int) -> int:
        """Compact number of a Whisper token; raises KeyError for one that training never meets."""
        return self.numbers[token]

    def is_text(self, number: int) -> bool:
        """Whether a compact number is a text token."""
        return 1 <= number <= self.text_count

    def random_text(self, rng: np.random.Generator) -> int:
        """Compact number of a text token drawn evenly."""
        return int(rng.integers(1, self.text_count + 1))

    def expand(self, rows: torch.Tensor) -> torch.Tensor:
        """Embedding rows (size, d) -> (51866, d): every token training never met gets the shared row."""
        import torch

        index = torch.zeros(v.VOCAB_SIZE, dtype=torch.long)
        index[torch.tensor(self.full)] = torch.arange(1, self.size)
        return rows[index.to(rows.device)]
