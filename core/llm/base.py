"""The seam every text model fits: prompts in, replies out, as they are ready.

To add a model: write a module beside this one whose factory gives a TextModel, give it an entry in `core/backends.py`, and add it to the models
of `tests/llm/test_text_model.py`, the contract that all of them keep. Nothing a model replies is trusted: `passes/guards.py` judges it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote for one prompt, end mark left out. `hit_cap`: the token limit came first, so the text may be cut."""

    text: str
    tokens: int = 0
    hit_cap: bool = False


def never() -> None:
    """Nobody stops this."""


class TextModel(Protocol):
    """Used inside one `with`: entering loads the model, leaving frees its memory. One thread owns it from entering to leaving."""

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        """One reply for each prompt, in order, greedily decoded; each is a user turn after the same `prefix`, which may be cached.

        A reply ends at the model's end mark, at `max_tokens`, or where its number of `lines` that are not blank is complete (no such limit when
        empty). `check` is called between steps and may raise, to stop. Raises StageError `llm.*` when the model fails.
        """

    def __enter__(self) -> Self:
        """Load the model. Raises SetupError `llm.*` when it cannot be used."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
