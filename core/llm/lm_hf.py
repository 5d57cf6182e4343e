"""A text model through transformers: on CUDA, on a Mac's GPU (mps), or on any processor. Unquantised weights in Hugging Face's layout.

Prompts are sorted by length so that a batch has little padding; a row that has ended leaves its batch, so the rest goes faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SetupError
from ..hardware import Device, DeviceManager
from ..pretrained import pretrained
from .base import Message, Reply, never
from .folder import is_quantised
from .net_torch import Prefix, TorchNet
from .turns import Draft, Turns
from .writer import LanguageModel, NotFiniteError

# batches sorted together: replies come in the order of the prompts, so the first waits for all of these
_WINDOW = 4


class LmHf(LanguageModel):
    """The TextModel; `device` is 'cuda', 'mps' or 'cpu'. `batch_size` prompts are written together: it changes speed and memory, not text.

    Raises ValueError for `bits` other than 16: torch quantises with bitsandbytes only, which not every machine has.
    """

    def __init__(self, folder: Path, device: Device, batch_size: int = 16, bits: int = 16) -> None:
        if bits != 16:
            raise ValueError(f"no quantising to {bits} bits here")
        super().__init__(folder, device)
        self._batch_size = batch_size

    def _load(self) -> TorchWriter:
        if is_quantised(self._path):
            raise SetupError("llm.needs_mlx", folder=self._path)
        turns, manager = Turns(self._path), DeviceManager(self._device)
        return TorchWriter(TorchNet(load_net(self._path, manager), manager.device_map), turns, WriterOptions(self._batch_size))


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """How many prompts at once, and whether the prefix is read once or with every prompt."""

    batch_size: int = 16
    prefix_cache: bool = True


class TorchWriter:
    """The Writer over torch."""

    def __init__(self, net: TorchNet, turns: Turns, options: WriterOptions) -> None:
        self._net, self._turns, self._options = net, turns, options
        self._cached: tuple[tuple[int, ...], Prefix] | None = None

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        """See `base.TextModel`. Raises NotFiniteError."""
        if not prompts:
            return
        told = self._turns.conversation(prefix, prompts)
        if self._options.prefix_cache:
            read, rows = self._prefix(told.prefix), told.rests
        else:
            read, rows = self._net.read(()), tuple(told.prefix + rest for rest in told.rests)
        window = self._options.batch_size * _WINDOW
        for first in range(0, len(rows), window):
            numbers = range(first, min(first + window, len(rows)))
            drafts = {number: Draft(self._turns, max_tokens, lines[number] if lines else 0) for number in numbers}
            by_length = sorted(numbers, key=lambda number: len(rows[number]))
            for start in range(0, len(by_length), self._options.batch_size):
                group = by_length[start : start + self._options.batch_size]
                drafts |= self._safely(read, [rows[number] for number in group], {number: drafts[number] for number in group}, check)
            yield from (drafts[number].reply() for number in numbers)

    def _prefix(self, tokens: tuple[int, ...]) -> Prefix:
        if self._cached is None or self._cached[0] != tokens:
            self._cached = None
            self._cached = (tokens, self._net.read(tokens))
        return self._cached[1]

    def _safely(self, read: Prefix, rows: Sequence[Sequence[int]], drafts: dict[int, Draft], check: Callable[[], None]) -> dict[int, Draft]:
        """Write a batch; if a row's numbers break, each row once more on its own, which needs no padding (pytorch/pytorch#182726)."""
        fresh = {number: draft.again() for number, draft in drafts.items()}
        try:
            self._write(read, rows, list(drafts.values()), check)
            return drafts
        except NotFiniteError:
            for row, draft in zip(rows, fresh.values(), strict=True):
                self._write(read, [row], [draft], check)
            return fresh

    def _write(self, read: Prefix, rows: Sequence[Sequence[int]], drafts: Sequence[Draft], check: Callable[[], None]) -> None:
        """Fill the drafts, a token each at every step."""
        check()
        batch, writing = self._net.begin(read, rows), list(drafts)
        while True:
            check()
            tokens = batch.next()
            going = [place for place, (draft, token) in enumerate(zip(writing, tokens, strict=True)) if not draft.add(token)]
            if not going:
                return
            if len(going) < len(writing):
                batch.keep(going)
                writing, tokens = [writing[place] for place in going], [tokens[place] for place in going]
            batch.feed(tokens)


def load_net(path: Path, manager: DeviceManager) -> Any:
    """The network on its device. Raises what `pretrained` raises."""
    import torch
    from transformers import AutoModelForCausalLM

    dtype = getattr(torch, manager.number_format)
    net = pretrained("llm", AutoModelForCausalLM, path, dtype=dtype, attn_implementation=manager.attention)
    # loaded on the processor first: copies straight to mps were corrupted by torch before 2.13 (pytorch/pytorch#189690)
    return net.to(manager.device_map)
