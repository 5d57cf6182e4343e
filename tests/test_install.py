"""install.py has to start before anything is installed, under Pythons that the engine itself does not run on."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import install
from core.setup.environment import State
from core.setup.menu import NO, UNSURE, YES

REJECTED = ("silent", "old", "new", "unfinished", "other", "narrow", "free_threaded", "rosetta", "no_venv")
ROOT = Path(install.__file__).parent
EARLY = [
    ROOT / "install.py",
    ROOT / "core" / "__init__.py",
    ROOT / "core" / "errors.py",
    ROOT / "core" / "messages.py",
    *sorted((ROOT / "core" / "setup").glob("*.py")),
]


@pytest.mark.parametrize("file", EARLY, ids=lambda file: file.name)
def test_what_runs_before_the_installation_is_python_3_9(file: Path) -> None:
    ast.parse(file.read_text("utf-8"), feature_version=(3, 9))


def test_install_py_itself_can_be_read_by_python_3_6() -> None:
    source = ROOT.joinpath("install.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert "__future__" not in source


@pytest.mark.parametrize("file", EARLY, ids=lambda file: file.name)
def test_what_runs_before_the_installation_imports_the_standard_library_only(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names | {"core"}


@pytest.mark.parametrize(("version", "code"), [("3.6", 3), ("3.8", 3), ("3.9", 0), ("3.13", 0)])
def test_real_pythons_start_it_or_say_why_not(version: str, code: int) -> None:
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    python = str(kept[0]) if kept else shutil.which(f"python{version}")
    if not python:
        pytest.skip(f"no Python {version} on this machine")
    ended = subprocess.run([python, "-B", str(ROOT / "install.py"), "help"], capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    expected = f"This Python is {version}; install.py needs 3.9 or newer to start." if code else "python3 install.py"
    assert expected in ended.stdout + ended.stderr


def test_an_old_python_gets_a_sentence_in_both_languages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 0))
    assert install.main() == 3
    english, chinese = capsys.readouterr().err.splitlines()
    assert english.startswith(f"This Python is {sys.version_info[0]}.{sys.version_info[1]}; install.py needs")
    assert "install.py 需要" in chinese


def test_every_sentence_that_the_installer_names_is_in_the_catalogue_and_none_is_left_over() -> None:
    catalogue = json.loads((ROOT / "core/data/messages/install.json").read_text("utf-8"))
    source = "".join(file.read_text("utf-8") for file in EARLY)
    named = set(re.findall(r'"(install\.[a-z_.]+)"', source)) - {"install.json", "install.log"}
    assert named <= set(catalogue)
    built = {f"install.rejected.{name}" for name in REJECTED} | {f"install.check.{name}" for name in get_args(State)}
    built |= {f"install.menu.{name}" for name in (YES, NO, UNSURE)}
    assert set(catalogue) == named | built


def test_every_failure_tells_what_to_do_next() -> None:
    catalogue = json.loads((ROOT / "core/data/messages/install.json").read_text("utf-8"))
    source = "".join(file.read_text("utf-8") for file in EARLY)
    raised = set(re.findall(r'SetupError\(\s*"(install\.[a-z_]+)"', source)) | set(re.findall(r'\("(install\.[a-z_]+)", r"', source))
    assert len(raised) >= 12
    assert [key for key in raised if not catalogue[key].get("hint_en") or not catalogue[key].get("hint_zh")] == []
