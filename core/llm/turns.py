"""Conversations as token ids and back, by the tokenizer and chat template of a model folder. Every backend reads and writes through this.

A prompt's ids are the prefix's, the same for all prompts of a call and therefore computed once, and the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import SetupError
from .base import Message, Reply


@dataclass(frozen=True, slots=True)
class Conversation:
    """Token ids: `prefix` begins every prompt, `rests` are what each goes on with, at least one id long."""

    prefix: tuple[int, ...]
    rests: tuple[tuple[int, ...], ...]


class Turns:
    """The tokenizer of a model folder.

    Raises SetupError `llm.no_vocabulary` where tokenizer.json is missing or damaged and `llm.no_chat_template` for a model that cannot converse.
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        if not (folder / "tokenizer.json").is_file():
            raise SetupError("llm.no_vocabulary", folder=folder)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SetupError("llm.no_vocabulary", folder=folder, detail=repr(error)) from error
        if not self._tokenizer.chat_template:
            raise SetupError("llm.no_chat_template", folder=folder)
        self.ends = frozenset(_ends(folder, self._tokenizer))
        self.breaks = cache(self._breaks)

    def conversation(self, prefix: Sequence[Message], prompts: Sequence[str]) -> Conversation:
        """Each prompt as the user's turn after `prefix`, up to where the model begins to write."""
        whole = [self._ids(prefix, prompt) for prompt in prompts]
        shared = _shared(self._ids(prefix, "甲"), self._ids(prefix, "1"))
        for ids in whole:
            # the model must have something left to read
            shared = _shared(shared, ids[:-1])
        return Conversation(shared, tuple(ids[len(shared) :] for ids in whole))

    def text(self, ids: Sequence[int]) -> str:
        """What these ids say; bytes that are no UTF-8 become U+FFFD."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def _ids(self, prefix: Sequence[Message], prompt: str) -> tuple[int, ...]:
        turns = [{"role": message.role, "content": message.content} for message in (*prefix, Message("user", prompt))]
        # Qwen3 would think aloud first; the variable is unknown to, and ignored by, other templates
        text = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, enable_thinking=False)
        return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _breaks(self, token: int) -> bool:
        return "\n" in self.text([token])


def _ends(folder: Path, tokenizer: Any) -> set[int]:
    """The end marks: the tokenizer's and those of generation_config.json, which Qwen has two of."""
    ends = {int(tokenizer.eos_token_id)} if tokenizer.eos_token_id is not None else set()
    try:
        named = json.loads((folder / "generation_config.json").read_text("utf-8"))["eos_token_id"]
        ends |= {int(end) for end in (named if isinstance(named, list) else [named])}
    except (OSError, ValueError, KeyError, TypeError):
        return ends
    return ends


def _shared(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    length = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return tuple(one[:length])


class Draft:
    """One reply while it is being written."""

    def __init__(self, turns: Turns, max_tokens: int, lines: int = 0) -> None:
        self._turns, self._max_tokens, self._lines = turns, max_tokens, lines
        self._tokens: list[int] = []
        self._text: str | None = None
        self._capped = False

    def add(self, token: int) -> bool:
        """Take a token; True when the reply is complete."""
        if token in self._turns.ends:
            self._text = self._turns.text(self._tokens)
            return True
        self._tokens.append(token)
        if self._lines and self._turns.breaks(token):
            rows = self._turns.text(self._tokens).split("\n")
            full = [row for row in rows[:-1] if row.strip()]
            if len(full) >= self._lines:
                self._text = "\n".join(full[: self._lines])
                return True
        self._capped = len(self._tokens) >= self._max_tokens
        return self._capped

    def again(self) -> Draft:
        """An empty draft under the same limits."""
        return Draft(self._turns, self._max_tokens, self._lines)

    def reply(self) -> Reply:
        """The reply so far."""
        text = self._turns.text(self._tokens) if self._text is None else self._text
        return Reply(text, len(self._tokens), self._capped)
