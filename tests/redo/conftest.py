"""The film's finished job, made once and put back before each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.settings import Settings
from fakes.film import Film, listen, write_film


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Film, Path]:
    """The film with its finished job, both registers, and a copy of the folder to start each test from."""
    folder = tmp_path_factory.mktemp("film") / "now"
    for name in ("one", "two", "out"):
        (folder / name).mkdir(parents=True)
    made = Film(folder / "film.wav", folder / "out", Settings(asr_model="one", batch_size=4, register="both"))
    write_film(made.source)
    with pytest.MonkeyPatch.context() as patch:
        listen(patch, folder)
        made.transcribe()
    shutil.copytree(folder, folder.with_name("before"))
    return made, folder.with_name("before")


@pytest.fixture
def film(finished: tuple[Film, Path], monkeypatch: pytest.MonkeyPatch) -> Film:
    """The finished job as it was made; a job knows its files by path and time, so it is put back where it was."""
    made, before = finished
    folder = made.source.parent
    shutil.rmtree(folder)
    shutil.copytree(before, folder)
    listen(monkeypatch, folder)
    return made
