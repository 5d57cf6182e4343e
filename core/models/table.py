"""The table of models that can be installed, read from `data/models.toml`.

To add a model, add a `[[model]]` block there; `tests/test_weights.py` checks that every field is one this module knows.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError
from ..messages import Language

Kind = Literal["asr", "llm", "aligner"]
Layout = Literal["hf", "mlx"]

_FILE = Path(__file__).parents[1] / "data" / "models.toml"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One installable model. The fields' meanings stand at the head of `data/models.toml`; gigabytes are 10^9 bytes.

    `download_gb`, `row_mb`, `vocabulary`, `language` and `script` are None where unknown or meaningless; `alignment_heads` is () likewise.
    """

    id: str
    kind: Kind
    engine: Literal["whisper", "qwen3_asr", "lm"]
    repo: str
    revision: str
    layout: Layout
    licence: str
    memory_gb: float
    note_en: str
    note_zh: str
    source: str
    download_gb: float | None = None
    row_mb: float | None = None
    vocabulary: int | None = None
    language: Literal["yue", "zh"] | None = None
    script: Literal["traditional", "simplified", "mixed"] | None = None
    alignment_heads: tuple[tuple[int, int], ...] = ()
    gated: bool = False

    def note(self, language: Language = "en") -> str:
        """What is known of the model's quality, in the language asked for."""
        return self.note_zh if language == "zh" else self.note_en


def _entry(block: dict[str, Any]) -> ModelEntry:
    heads = tuple((layer, head) for layer, head in block.pop("alignment_heads", ()))
    return ModelEntry(**block, alignment_heads=heads)


@cache
def model_table() -> tuple[ModelEntry, ...]:
    """All entries, best first within a kind."""
    return tuple(_entry(block) for block in tomllib.loads(_FILE.read_text("utf-8"))["model"])


def model_entry(model_id: str) -> ModelEntry:
    """The entry with this id. Raises InputError `weights.unknown_model`."""
    for entry in model_table():
        if entry.id == model_id:
            return entry
    raise InputError("weights.unknown_model", name=model_id, names=", ".join(entry.id for entry in model_table()))
