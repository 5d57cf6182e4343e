from __future__ import annotations

import io
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import SetupError
from core.setup.environment import Environment, bring_up, examine
from core.setup.pythons import Python
from core.setup.screen import Screen
from fakes.pythons import make_python


@pytest.fixture
def base(tmp_path: Path) -> Python:
    return Python(str(make_python(tmp_path / "bin" / "python3.12")), "3.12.4")


def _pip_calls(environment: Environment) -> list[str]:
    return (environment.folder / "calls").read_text("utf-8").splitlines()


def test_a_new_environment_is_ready_and_then_left_alone(checkout: Path, base: Python, screen: Screen, page: io.StringIO) -> None:
    environment = Environment(checkout)
    assert examine(environment, ()).state == "absent"
    bring_up(environment, (), base, screen)
    assert examine(environment, ()).state == "ready"
    assert [call.split(" install ")[1] for call in _pip_calls(environment)] == [
        f"--no-input --no-color pip setuptools -c {checkout}/constraints.txt",
        f"--no-input --no-color --progress-bar raw --no-build-isolation --no-compile -e {checkout} -c {checkout}/constraints.txt",
    ]
    assert f"Making {environment.folder} on Python 3.12.4" in page.getvalue()
    assert "Getting packages: 1 so far, numpy" in environment.log.read_text("utf-8") or "Ready: " in page.getvalue()
    bring_up(environment, (), base, screen)
    assert len(_pip_calls(environment)) == 2


def test_extras_are_added_and_kept(checkout: Path, base: Python, screen: Screen) -> None:
    environment = Environment(checkout)
    bring_up(environment, (), base, screen)
    assert examine(environment, ("test",)).state == "outdated"
    bring_up(environment, ("test",), base, screen)
    assert f"-e {checkout}[test] " in _pip_calls(environment)[-1]
    assert examine(environment, ()).state == "ready"
    (checkout / "constraints.txt").write_text("numpy==2.4.7\n", "utf-8")
    bring_up(environment, (), base, screen)
    assert f"-e {checkout}[test] " in _pip_calls(environment)[-1]


def test_other_pins_bring_the_environment_up_to_date_without_making_it_anew(checkout: Path, base: Python, screen: Screen) -> None:
    environment = Environment(checkout)
    bring_up(environment, (), base, screen)
    (environment.folder / "kept").touch()
    (checkout / "pyproject.toml").write_text("[project]\nname = 'other'\n", "utf-8")
    assert examine(environment, ()).state == "outdated"
    bring_up(environment, (), base, screen)
    assert examine(environment, ()).state == "ready"
    assert (environment.folder / "kept").exists()


def _interrupted(environment: Environment) -> None:
    stamp = environment.stamp()
    assert stamp is not None
    environment.write_stamp(stamp._replace(complete=False))


def _python_gone(environment: Environment) -> None:
    environment.python.unlink()


def _engine_gone(environment: Environment) -> None:
    (environment.python.parent / "installed").unlink()


@pytest.mark.parametrize("damage", [_interrupted, _python_gone, _engine_gone])
def test_a_half_made_environment_is_made_anew(checkout: Path, base: Python, screen: Screen, damage) -> None:  # type: ignore[no-untyped-def]
    environment = Environment(checkout)
    bring_up(environment, (), base, screen)
    (environment.folder / "rubbish").touch()
    damage(environment)
    assert examine(environment, ()).state == "half_made"
    bring_up(environment, (), base, screen)
    assert examine(environment, ()).state == "ready"
    assert not (environment.folder / "rubbish").exists()
    assert sorted(path.name for path in checkout.iterdir()) == [".venv", ".venv.lock", "constraints.txt", "pyproject.toml"]


def test_a_moved_checkout_gets_a_new_environment(checkout: Path, base: Python, screen: Screen) -> None:
    bring_up(Environment(checkout), (), base, screen)
    moved = Environment(checkout.rename(checkout.with_name("moved")))
    assert examine(moved, ()).state == "half_made"
    bring_up(moved, (), base, screen)
    assert examine(moved, ()).state == "ready"


@pytest.mark.parametrize("rest_of_a_stamp", [None, "", '{"root": 1'])
def test_what_is_not_ours_is_kept_aside(checkout: Path, base: Python, screen: Screen, page: io.StringIO, rest_of_a_stamp: str | None) -> None:
    environment = Environment(checkout)
    environment.folder.mkdir()
    (environment.folder / "precious").write_text("mine", "utf-8")
    if rest_of_a_stamp is not None:
        (environment.folder / "canto-beats.json").write_text(rest_of_a_stamp, "utf-8")
    assert examine(environment, ()).state == "foreign"
    bring_up(environment, (), base, screen)
    assert examine(environment, ()).state == "ready"
    assert (checkout / ".venv-old-1" / "precious").read_text("utf-8") == "mine"
    assert f"it is kept as {checkout}/.venv-old-1." in page.getvalue()


def test_a_link_in_place_of_the_folder_is_not_followed(checkout: Path, base: Python, screen: Screen, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    (checkout / ".venv").symlink_to(elsewhere)
    bring_up(Environment(checkout), (), base, screen)
    assert (checkout / ".venv-old-1").is_symlink()
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]


def test_a_failing_pip_is_explained_and_the_next_run_repairs(checkout: Path, base: Python, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(checkout)
    monkeypatch.setenv("FAKE_PIP_FAILS", "ERROR: No matching distribution found for numpy==2.4.6")
    with pytest.raises(SetupError) as caught:
        bring_up(environment, (), base, screen)
    assert (caught.value.code, caught.value.exit_code) == ("install.no_wheel", 3)
    assert str(environment.log) in caught.value.hint("en")
    assert "numpy==2.4.6" in environment.log.read_text("utf-8")
    assert examine(environment, ()).state == "half_made"
    monkeypatch.delenv("FAKE_PIP_FAILS")
    bring_up(environment, (), base, screen)
    assert examine(environment, ()).state == "ready"


def test_a_python_that_makes_no_environment_is_explained(checkout: Path, screen: Screen, tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho 'ensurepip is not available'\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    with pytest.raises(SetupError) as caught:
        bring_up(Environment(checkout), (), Python(str(broken), "3.12.4"), screen)
    assert (caught.value.code, caught.value.detail) == ("install.no_venv", "ensurepip is not available")


def test_a_disk_too_small_stops_before_anything_is_made(checkout: Path, base: Python, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2_900_000_000))
    with pytest.raises(SetupError) as caught:
        bring_up(Environment(checkout), (), base, screen)
    assert caught.value.code == "install.little_space"
    assert "2.9 GB free" in caught.value.message("en")
    assert not (checkout / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_explained(checkout: Path, base: Python, screen: Screen) -> None:
    (checkout / ".venv.lock").mkdir()
    with pytest.raises(SetupError) as caught:
        bring_up(Environment(checkout), (), base, screen)
    assert caught.value.code == "install.failed"
