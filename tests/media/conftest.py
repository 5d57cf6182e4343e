"""Films that the tests of rendering share, and a memory of encoder probes that is not the user's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.media import encoders
from fakes.films import film

Films = Callable[[str], Path]


@pytest.fixture(scope="session")
def film_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def films(film_folder: Path) -> Films:
    """Makes a film by its name; nobody may change it."""
    return lambda name: film(film_folder, name)


@pytest.fixture(autouse=True, scope="module")
def own_probes(tmp_path_factory: pytest.TempPathFactory) -> object:
    """What encoders could do is remembered for one file of tests."""
    place = tmp_path_factory.mktemp("cache") / "encoders.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoders, "cache_path", lambda: place)
        yield
