"""A transformers language model one step at a time, for many rows at once, after a prefix that was read once.

Rows of different lengths are padded on the left, between the prefix and the row's own tokens. Padding is masked for everyone but itself: a
row of scores that is masked from end to end becomes NaN in half precision and spoils its neighbours.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .writer import NotFiniteError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Prefix:
    """Tokens that were read already: how many, and what the network keeps of them (batch of one)."""

    length: int
    cache: Any


class TorchNet:
    """A loaded causal language model on its device."""

    def __init__(self, net: Any, device: str) -> None:
        self.net, self.device = net.eval(), device

    def read(self, tokens: Sequence[int]) -> Prefix:
        """Read a prefix; none when it is empty."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache()
        if tokens:
            with torch.inference_mode():
                self.net(input_ids=torch.tensor([list(tokens)], device=self.device), past_key_values=cache, use_cache=True, logits_to_keep=1)
        return Prefix(len(tokens), cache)

    def begin(self, prefix: Prefix, rows: Sequence[Sequence[int]]) -> TorchRows:
        """Let rows read their own tokens, at least one each."""
        return TorchRows(self, prefix, rows)


class TorchRows:
    """Rows on their way: `next` gives each row's likeliest token, `feed` reads one more token in each, `keep` goes on with some."""

    def __init__(self, net: TorchNet, prefix: Prefix, rows: Sequence[Sequence[int]]) -> None:
        import torch

        self._net = net
        width = max(map(len, rows))
        padded = [[0] * (width - len(row)) + list(row) for row in rows]
        seen = [[True] * prefix.length + [False] * (width - len(row)) + [True] * len(row) for row in rows]
        self._seen = torch.tensor(seen, device=net.device)
        self._lengths = self._seen.sum(-1)
        self._cache = copy.deepcopy(prefix.cache)
        if prefix.length:
            self._cache.batch_repeat_interleave(len(rows))
        tokens = torch.tensor(padded, device=net.device)
        positions = (self._seen.cumsum(-1) - 1).clamp(min=0)[:, prefix.length :]
        self._logits = self._run(tokens, positions, self._prompt_mask(prefix.length, width))

    def next(self) -> list[int]:
        """Token ids. Raises NotFiniteError."""
        import torch

        finite = torch.isfinite(self._logits).all(-1)
        chosen: list[int] = torch.where(finite, self._logits.argmax(-1), -1).tolist()
        if -1 in chosen:
            raise NotFiniteError(f"{chosen.count(-1)} of {len(chosen)} rows")
        return chosen

    def feed(self, tokens: Sequence[int]) -> None:
        """Read one more token in each row."""
        import torch

        self._seen = torch.cat([self._seen, self._seen.new_ones(len(tokens), 1)], -1)
        mask = self._mask(self._seen[:, None, None, :])
        column = torch.tensor(tokens, device=self._net.device)[:, None]
        self._logits = self._run(column, self._lengths[:, None], mask)
        self._lengths = self._lengths + 1

    def keep(self, numbers: Sequence[int]) -> None:
        """Go on with some of the rows, after `next` and before `feed`."""
        import torch

        chosen = torch.tensor(numbers, device=self._net.device)
        self._cache.batch_select_indices(chosen)
        self._seen, self._lengths, self._logits = self._seen[chosen], self._lengths[chosen], self._logits[chosen]

    def _prompt_mask(self, before: int, width: int) -> torch.Tensor:
        """(rows, 1, width, before + width): the past and itself, without padding unless it is itself."""
        import torch

        places = torch.arange(before + width, device=self._net.device)
        own = places[before:, None]
        allowed = (places <= own) & self._seen[:, None, :] | (places == own)
        return self._mask(allowed[:, None])

    def _mask(self, allowed: torch.Tensor) -> torch.Tensor:
        import torch

        dtype = self._net.net.dtype
        return torch.zeros_like(allowed, dtype=dtype).masked_fill(~allowed, torch.finfo(dtype).min)

    def _run(self, tokens: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor) -> Any:
        """Logits of the last place, (rows, vocabulary)."""
        import torch

        with torch.inference_mode():
            out = self._net.net(
                input_ids=tokens, attention_mask=mask, position_ids=positions, past_key_values=self._cache, use_cache=True, logits_to_keep=1
            )
        return out.logits[:, -1]
