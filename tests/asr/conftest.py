"""Models that the recognition tests use."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..fakes import qwen_model
from ..fakes.whisper_model import random_weights, write_model


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model that both backends can load."""
    return write_model(tmp_path_factory.mktemp("models") / "tiny", random_weights())


@pytest.fixture(scope="session")
def tiny_qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen3-ASR."""
    return qwen_model.write_qwen(tmp_path_factory.mktemp("models") / "tiny-qwen", qwen_model.random_weights())


@pytest.fixture(scope="session")
def mlx_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tests' conversions go."""
    return tmp_path_factory.mktemp("mlx-cache")
