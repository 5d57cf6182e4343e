from __future__ import annotations

import io
from pathlib import Path

import pytest

from core.setup.screen import Screen


@pytest.fixture
def page() -> io.StringIO:
    """What a screen that is no terminal wrote."""
    return io.StringIO()


@pytest.fixture
def screen(page: io.StringIO) -> Screen:
    """English, nobody there to answer."""
    return Screen(page, io.StringIO(), "en")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like a clone to the installer; its name has a space and Chinese in it."""
    root = tmp_path / "字幕 clone"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n", "utf-8")
    (root / "constraints.txt").write_text("numpy==2.4.6\n", "utf-8")
    return root
