"""A model of a megabyte on a FakeHub, and the call that installs it; for tests of everything that handles weights.

Another model: put its files into `hub.repos` under its entry's repository.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import weights
from core.models.download import DownloadOptions
from core.models.hub import HubOptions
from core.models.table import ModelEntry, model_entry

from .hub_server import COMMIT, FakeHub, running_hub

WEIGHTS = os.urandom(1 << 20) + b"the end"
ENTRY = model_entry("whisper-small-cantonese")
FOLDER = "whisper-small-cantonese"
FILES = {
    "config.json": b'{"model_type": "whisper"}',
    "vocab.json": b"{}" * 900,
    "README.md": b"not needed",
    "pytorch_model.bin": b"not needed either",
    "model.safetensors": WEIGHTS,
}


@contextmanager
def hub_with_model() -> Iterator[FakeHub]:
    """A running FakeHub that offers ENTRY."""
    with running_hub() as hub:
        hub.repos[ENTRY.repo] = dict(FILES)
        yield hub


def set_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep models, settings and caches under `folder`; returns the models folder."""
    monkeypatch.setenv("CANTO_BEATS_MODELS", str(folder / "models"))
    monkeypatch.setenv("CANTO_BEATS_SETTINGS", str(folder / "settings.toml"))
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")
    monkeypatch.setattr("core.asr.convert.default_cache", lambda: folder / "cache")
    for name in ("HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return folder / "models"


def install(hub: FakeHub, entry: ModelEntry = ENTRY, **options: object) -> Path:
    """`weights.install` from `hub`, impatient."""
    chosen = DownloadOptions(**{"backoff_s": 0.0, "attempts": 3, **options})  # type: ignore[arg-type]
    return weights.install(entry, HubOptions(hub.url, timeout_s=0.3), chosen)


def pretend(home: Path, *ids: str) -> None:
    """Make models of no files count as installed."""
    for model_id in ids:
        (home / model_id).mkdir(parents=True)
        manifest = {"id": model_id, "repo": "a/b", "commit": COMMIT, "layout": "hf", "files": []}
        (home / model_id / "manifest.json").write_text(json.dumps(manifest))
