"""What every backend of a text model is: a resident writer of replies, with one owner thread and an error for numbers that break.

Another library writes `_load`, which gives a Writer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, Self

from ..errors import StageError
from ..resident import Resident
from .base import Message, Reply, never


class NotFiniteError(ArithmeticError):
    """The network computed NaN or infinity for a row."""


class Writer(Protocol):
    """Prompts to replies with a network that is loaded already."""

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        """See `base.TextModel`. Raises NotFiniteError."""


class LanguageModel(Resident[Writer]):
    """The TextModel around a Writer."""

    kind = "llm"

    def __enter__(self) -> Self:
        # two threads on a Mac's GPU can crash the process (pytorch/pytorch#197805), and MLX ties work to the thread that began it
        self._owner = threading.get_ident()
        return super().__enter__()

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        """See `base.TextModel`. Raises ValueError from any other thread than the one that entered."""
        with self._working() as writer:
            if threading.get_ident() != self._owner:
                raise ValueError("a text model is used by the thread that entered it")
            try:
                yield from writer.generate(prefix, prompts, max_tokens, lines, check)
            except NotFiniteError as error:
                raise StageError("llm.not_finite", model=self._path.name, detail=str(error)) from error
