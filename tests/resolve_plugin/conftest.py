"""Fixtures of the plugin's tests. A test fails when the plugin left the documented API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, NO_PAUSES, build_host, engine_script
from fakes.resolve import FakeHost


@pytest.fixture
def hosts() -> Iterator[Callable[..., FakeHost]]:
    """Builds hosts, and checks at the end that no call left the documented API."""
    built: list[FakeHost] = []

    def build(*args: Any, **kwargs: Any) -> FakeHost:
        built.append(build_host(*args, **kwargs))
        return built[-1]

    yield build
    for host in built:
        assert host.desk.violations == []


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """Settings of a test: no pauses, no window, jobs in the test's folder, a fast engine that finds CUES."""
    return {
        "pauses": NO_PAUSES,
        "window": False,
        "job_root": str(tmp_path / "Jobs"),
        "film_folder": str(tmp_path / "Films"),
        "settings_path": str(tmp_path / "settings.json"),
        "language_ui": "en",
        "engine_command": engine_script(tmp_path, [{"result": CUES}]),
    }
