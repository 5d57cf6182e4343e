"""Tiny random language models in the layout of real ones, made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.random_lm import write_random_lm


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of a Qwen2 and a Qwen3; their weights are spread wide, so that a reply depends on its prompt."""
    folder = tmp_path_factory.mktemp("llm")
    return {name: write_random_lm(folder / name, f"tiny-{name}", spread=0.3) for name in ("qwen2", "qwen3")}
