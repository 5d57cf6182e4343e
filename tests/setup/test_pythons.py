from __future__ import annotations

from pathlib import Path

import pytest

from core.setup import pythons
from core.setup.pythons import Places, Python, objection, search
from fakes.pythons import FITTING, make_python


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pythons, "on_apple_silicon", lambda: False)


def _places(tmp_path: Path, running: Path, *path: Path) -> Places:
    return Places(tmp_path / "clone", tmp_path / "home", str(running), path, ())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, ""),
        ({"version": [3, 11, 0]}, ""),
        ({"version": [3, 13, 9]}, ""),
        ({"version": [3, 10, 13]}, "install.rejected.old"),
        ({"version": [2, 7, 18]}, "install.rejected.old"),
        ({"version": [3, 14, 0]}, "install.rejected.new"),
        ({"final": False}, "install.rejected.unfinished"),
        ({"name": "PyPy"}, "install.rejected.other"),
        ({"bits": 32}, "install.rejected.narrow"),
        ({"free_threaded": True}, "install.rejected.free_threaded"),
        ({"venv": False}, "install.rejected.no_venv"),
    ],
)
def test_each_objection(facts: dict[str, object], reason: str) -> None:
    assert objection({**FITTING, **facts}, apple_silicon=False) == reason


def test_an_intel_build_on_apple_silicon_is_refused() -> None:
    assert objection({**FITTING, "machine": "x86_64"}, apple_silicon=True) == "install.rejected.rosetta"
    assert objection({**FITTING, "machine": "arm64"}, apple_silicon=True) == ""


def test_a_running_python_that_fits_is_taken(tmp_path: Path) -> None:
    running = make_python(tmp_path / "a" / "python3", version=[3, 11, 7])
    newer = make_python(tmp_path / "bin" / "python3.13", version=[3, 13, 0])
    assert search(_places(tmp_path, running, newer.parent)).chosen == Python(str(running), "3.11.7")


def test_the_newest_on_the_path_is_taken_and_the_others_are_explained(tmp_path: Path) -> None:
    running = make_python(tmp_path / "a" / "python3", version=[3, 9, 18])
    broken = tmp_path / "shims" / "python3.13"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 127\n", "utf-8")
    broken.chmod(0o755)
    make_python(tmp_path / "bin" / "python3.11", version=[3, 11, 2])
    wanted = make_python(tmp_path / "bin" / "python3.12", version=[3, 12, 4])
    found = search(_places(tmp_path, running, broken.parent, wanted.parent))
    assert found.chosen == Python(str(wanted), "3.12.4")
    assert [(refused.path, refused.reason, refused.version) for refused in found.rejected] == [
        (str(running), "install.rejected.old", "3.9.18"),
        (str(broken), "install.rejected.silent", ""),
    ]


@pytest.mark.parametrize(
    "place",
    [
        "home/.pyenv/versions/3.12.4/bin/python3.12",
        "home/.local/share/uv/python/cpython-3.12.4-macos-aarch64-none/bin/python3.12",
        "clone/.venv-python/cpython-3.12.4-macos-aarch64-none/bin/python3.12",
    ],
)
def test_pythons_that_are_not_on_the_path_are_found(tmp_path: Path, place: str) -> None:
    running = make_python(tmp_path / "a" / "python3", version=[3, 9, 6])
    make_python(tmp_path / place)
    assert search(_places(tmp_path, running)).chosen == Python(str(tmp_path / place), "3.12.4")


def test_a_python_is_asked_once_however_often_it_is_linked(tmp_path: Path) -> None:
    running = make_python(tmp_path / "a" / "python3", version=[3, 9, 6])
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.12").symlink_to(running)
    assert len(search(_places(tmp_path, running, tmp_path / "bin")).rejected) == 1


def test_a_named_python_is_the_only_one_asked(tmp_path: Path) -> None:
    running = make_python(tmp_path / "a" / "python3")
    found = search(_places(tmp_path, running), only=str(tmp_path / "nowhere"))
    assert found.chosen is None
    assert [refused.reason for refused in found.rejected] == ["install.rejected.silent"]


def test_the_question_is_answered_by_this_python() -> None:
    import sys

    facts = pythons.ask(sys.executable)
    assert facts is not None
    assert facts["version"] == list(sys.version_info[:3])
    assert facts["bits"] == 64
