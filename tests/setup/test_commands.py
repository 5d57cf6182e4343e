from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from core.setup import commands, pythons
from core.setup.environment import Environment, examine
from core.setup.machine import Machine
from core.setup.pythons import Places
from fakes.pythons import make_python


@pytest.fixture
def only_old(checkout: Path, tmp_path: Path, linux: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose one Python is 3.9; a fetched one would be seen."""
    old = make_python(tmp_path / "old" / "python3", version=[3, 9, 6])
    _machine(monkeypatch, checkout, linux, old)
    return old


@pytest.fixture
def fitting(checkout: Path, tmp_path: Path, linux: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose one Python fits."""
    python = make_python(tmp_path / "bin" / "python3")
    _machine(monkeypatch, checkout, linux, python)
    return python


def _machine(monkeypatch: pytest.MonkeyPatch, checkout: Path, machine: Machine, running: Path) -> None:
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR", "APPDATA", "CANTO_BEATS_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(pythons, "on_apple_silicon", lambda: False)
    monkeypatch.setattr(commands, "ROOT", checkout)
    monkeypatch.setattr(commands, "places", lambda root, not_below=None: Places(root, checkout / "home", str(running), (), (), not_below))
    monkeypatch.setattr(commands, "this_machine", lambda: machine)


def _calls(checkout: Path) -> list[str]:
    return (checkout / ".venv" / "calls").read_text("utf-8").splitlines()


def test_demo_sets_up_and_passes_its_arguments_and_its_exit_code_on(checkout: Path, fitting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_VERB_EXIT", "7")
    assert commands.main(["demo", "--out", "my folder", "--yes"]) == 7
    assert _calls(checkout)[-1] == "ran -I -m core demo --out my folder"
    assert commands.main(["demo"]) == 7
    assert sum("pip install" in call for call in _calls(checkout)) == 2


def test_test_runs_linter_types_and_suite(checkout: Path, fitting: Path) -> None:
    assert commands.main(["test"]) == 0
    *checks, suite = _calls(checkout)[-3:]
    assert checks == ["ran -m ruff check .", "ran -m mypy"]
    assert re.fullmatch("ran -m pytest -n [1-4] --dist loadfile", suite)
    assert f"-e {checkout}[test] " in _calls(checkout)[1]


def test_test_with_arguments_is_pytest_alone(checkout: Path, fitting: Path) -> None:
    assert commands.main(["test", "-k", "srt"]) == 0
    assert [call for call in _calls(checkout) if call.startswith("ran")] == ["ran -m pytest -k srt"]


def test_a_failed_check_fails_the_run(checkout: Path, fitting: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FAKE_VERB_EXIT", "1")
    assert commands.main(["test"]) == 1
    assert "Failed before the suite: ruff, mypy (see above)." in capfd.readouterr().out


def test_without_a_python_and_without_consent_both_ways_out_are_told(checkout: Path, only_old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["demo"]) == 3
    told = capsys.readouterr().out
    assert f"not {only_old} 3.9.6: older than 3.11" in told
    assert "add --yes to the command" in told
    assert "python.org" in told
    assert not (checkout / ".venv").exists()


def _stub_uv(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder.mkdir()
    (folder / "uv").write_text("#!/bin/sh\n" + script, "utf-8")
    (folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_with_consent_a_python_is_fetched_with_uv(checkout: Path, only_old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = make_python(tmp_path / "download" / "python3.12")
    script = f"""
        test "$*" = "python install 3.12" && test "$UV_PYTHON_INSTALL_BIN" = 0 || exit 2
        mkdir -p "$UV_PYTHON_INSTALL_DIR/cpython-3.12.4-linux/bin"
        cp {ready} "$UV_PYTHON_INSTALL_DIR/cpython-3.12.4-linux/bin/"
    """
    _stub_uv(tmp_path / "uv", monkeypatch, script)
    assert commands.main(["--yes", "demo"]) == 0
    assert (checkout / ".venv-python" / "cpython-3.12.4-linux" / "bin" / "python3.12").exists()
    assert examine(Environment(checkout), ()).state == "ready"


def test_a_fetch_without_a_network_is_explained(
    checkout: Path, only_old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stub_uv(tmp_path / "uv", monkeypatch, "echo 'error: Failed to install cpython-3.12'; echo '  cause: dns error'; exit 1\n")
    assert commands.main(["--yes", "demo"]) == 3
    assert "The server to download from could not be reached.\n    error: Failed to install cpython-3.12\n" in capsys.readouterr().out


def test_a_fetch_that_brings_nothing_is_explained(
    checkout: Path, only_old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stub_uv(tmp_path / "uv", monkeypatch, "exit 0\n")
    assert commands.main(["--yes", "demo"]) == 3
    assert "Fetching a Python did not work." in capsys.readouterr().out


def test_a_named_python_is_used(checkout: Path, only_old: Path, tmp_path: Path) -> None:
    named = make_python(tmp_path / "named" / "python")
    assert commands.main(["--python", str(named), "demo"]) == 0


def test_uninstall_removes_what_was_made_and_only_with_consent(checkout: Path, fitting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in checkout.iterdir())
    assert commands.main(["uninstall"]) == 0
    assert commands.main(["demo"]) == 0
    assert commands.main(["uninstall"]) == 3
    assert (checkout / ".venv").exists()
    assert commands.main(["uninstall", "--yes"]) == 0
    assert sorted(path.name for path in checkout.iterdir()) == before
    told = capsys.readouterr().out
    assert told.startswith("Nothing to remove.\n")
    assert "To remove the above without a question, add --yes" in told


def test_uninstall_leaves_an_environment_that_is_not_ours(checkout: Path, fitting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "precious").touch()
    assert commands.main(["uninstall", "--yes"]) == 0
    assert (checkout / ".venv" / "precious").exists()
    assert "was not made by install.py and stays" in capsys.readouterr().out


def test_help_and_a_verb_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["help"]) == 0
    assert commands.main(["--help"]) == 0
    assert commands.main(["deploy"]) == 2
    told = capsys.readouterr().out
    assert told.count("Usage: python3 install.py") == 3


def test_an_interrupt_says_what_to_do_next(
    checkout: Path, fitting: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "bring_up", interrupted)
    assert commands.main(["demo"]) == 130
    assert "Run the same command again" in capsys.readouterr().out
