"""A text model through mlx-lm: the fast way on Apple Silicon; MLX's CPU and CUDA builds run the same code elsewhere.

mlx-lm's BatchGenerator writes many replies at once and lets a waiting prompt in as soon as one is done; a prefix is read once and its cache
given to every prompt. MLX ties work to the thread that began it, so a model has one owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..hardware import Device, DeviceManager
from .base import Message, Reply, never
from .folder import read_config
from .turns import Draft, Turns
from .writer import LanguageModel, NotFiniteError

_GROUP_SIZE = 64
_PREFILL = 8


class LmMlx(LanguageModel):
    """The TextModel; `device` is 'mlx'. `batch_size` prompts are written together; `bits` below 16 quantises weights that are not yet."""

    def __init__(self, folder: Path, device: Device = "mlx", batch_size: int = 16, bits: int = 16) -> None:
        super().__init__(folder, device)
        self._batch_size, self._bits = batch_size, bits

    def _load(self) -> MlxWriter:
        read_config(self._path)
        return MlxWriter(load_net(self._path, DeviceManager(self._device), self._bits), Turns(self._path), self._batch_size)


class MlxWriter:
    """The Writer over mlx-lm."""

    def __init__(self, net: Any, turns: Turns, batch_size: int = 16, prefix_cache: bool = True) -> None:
        self._net, self._turns, self._batch_size, self._caching = net, turns, batch_size, prefix_cache
        self._cached: tuple[tuple[int, ...], Any] | None = None

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        """See `base.TextModel`. Raises NotFiniteError."""
        if not prompts:
            return
        from mlx_lm.generate import BatchGenerator

        told = self._turns.conversation(prefix, prompts)
        drafts = [Draft(self._turns, max_tokens, lines[number] if lines else 0) for number in range(len(prompts))]
        generator = BatchGenerator(
            self._net, completion_batch_size=self._batch_size, prefill_batch_size=min(_PREFILL, self._batch_size), max_tokens=max_tokens
        )
        try:
            yield from self._written(generator, self._insert(generator, told.prefix, told.rests), drafts, check)
        finally:
            generator.close()

    def _insert(self, generator: Any, prefix: tuple[int, ...], rests: Sequence[Sequence[int]]) -> list[int]:
        if not self._caching:
            return list(generator.insert([[*prefix, *rest] for rest in rests]))
        # one cache for all: a batch copies what it merges
        return list(generator.insert([list(rest) for rest in rests], caches=[self._read(prefix)] * len(rests)))

    def _written(self, generator: Any, uids: Sequence[int], drafts: Sequence[Draft], check: Callable[[], None]) -> Iterator[Reply]:
        """Replies in the order of the prompts, each as soon as it and all before it are complete."""
        number_of = {uid: number for number, uid in enumerate(uids)}
        done: set[int] = set()
        told = 0
        while told < len(drafts):
            check()
            responses = generator.next_generated()
            _check_numbers(responses)
            complete = [response.uid for response in responses if drafts[number_of[response.uid]].add(response.token)]
            if complete:
                generator.remove(complete)
                done |= {number_of[uid] for uid in complete}
            while told in done:
                yield drafts[told].reply()
                told += 1

    def _read(self, tokens: tuple[int, ...]) -> Any:
        """What the network keeps of a prefix, from the last time or new."""
        if self._cached is None or self._cached[0] != tokens:
            import mlx.core as mx
            from mlx_lm.models.cache import make_prompt_cache

            self._cached = None
            kept = make_prompt_cache(self._net)
            if tokens:
                self._net(mx.array([list(tokens)]), cache=kept)
                mx.eval([layer.state for layer in kept])
            self._cached = (tokens, kept)
        return self._cached[1]


def _check_numbers(responses: Sequence[Any]) -> None:
    """All rows at once, because every look at a number waits for the device. Raises NotFiniteError."""
    import mlx.core as mx

    if responses and not bool(mx.all(mx.isfinite(mx.stack([response.logprobs[response.token] for response in responses]))).item()):
        raise NotFiniteError("log probability")


def load_net(path: Path, manager: DeviceManager, bits: int) -> Any:
    """The network, evaluated; in single precision where the processor computes, whose half precision is slow."""
    import mlx.core as mx
    from mlx import nn
    from mlx_lm.utils import load_model

    net, config = load_model(path, lazy=True)
    if "quantization" not in config and bits < 16:
        nn.quantize(net, _GROUP_SIZE, bits, class_predicate=_divisible)
    if manager.number_format == "float32":
        net.set_dtype(mx.float32)
    mx.eval(net.parameters())
    return net


def _divisible(path: str, module: Any) -> bool:
    return hasattr(module, "to_quantized") and module.weight.shape[-1] % _GROUP_SIZE == 0
