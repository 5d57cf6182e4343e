from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from core.setup.mac_python import agent_file, best_home, menu_python, point_at, stop_pointing
from core.setup.machine import Machine
from fakes.resolve_files import mac_python


def _variable(tmp_path: Path, value: object) -> None:
    (tmp_path / "launchd-PYTHON3HOME").write_text(str(value), "utf-8")


def _usr_local(mac: Machine, home: Path) -> None:
    program = mac.root / "usr" / "local" / "bin" / "python3"
    program.parent.mkdir(parents=True)
    program.symlink_to(home / "bin" / "python3")


def test_without_variable_and_usr_local_there_is_none(mac: Machine) -> None:
    assert menu_python(mac).objection == "install.python.none"


def test_the_python_org_build_is_found_through_usr_local(mac: Machine) -> None:
    home = mac_python(mac.root / "Library/Frameworks/Python.framework/Versions/3.12")
    _usr_local(mac, home)
    assert menu_python(mac) == (str(home), "3.12", "", "")


def test_a_static_build_in_usr_local_does_not_do(mac: Machine) -> None:
    _usr_local(mac, mac_python(mac.home / ".pyenv/versions/3.12.1", library=False))
    assert menu_python(mac).objection == "install.python.no_library"


def test_a_python_older_than_the_plugins_syntax_does_not_do(mac: Machine) -> None:
    _usr_local(mac, mac_python(mac.root / "Library/Frameworks/Python.framework/Versions/3.8", 8))
    assert (menu_python(mac).version, menu_python(mac).objection) == ("3.8", "install.python.too_old")


def test_the_variable_goes_before_usr_local(mac: Machine, tmp_path: Path) -> None:
    _usr_local(mac, mac_python(mac.root / "Library/Frameworks/Python.framework/Versions/3.12"))
    named = mac_python(mac.home / "named", 13)
    _variable(tmp_path, named)
    assert menu_python(mac) == (str(named), "3.13", "", str(named))
    _variable(tmp_path, "/gone")
    assert menu_python(mac).objection == "install.python.bad_variable"


def test_a_launchctl_that_does_not_start_counts_as_no_variable(mac: Machine) -> None:
    assert menu_python(mac._replace(launchctl="/nowhere/launchctl")).objection == "install.python.none"


def test_the_python_org_build_is_preferred_then_the_newest(mac: Machine) -> None:
    assert best_home(mac) == ""
    mac_python(mac.home / ".pyenv/versions/3.12.1", library=False)
    assert best_home(mac) == ""
    for minor in (9, 13):
        newest = mac_python(mac.root / f"opt/homebrew/opt/python@3.{minor}/Frameworks/Python.framework/Versions/3.{minor}", minor)
    assert best_home(mac) == str(newest)
    official = mac_python(mac.root / "Library/Frameworks/Python.framework/Versions/3.11", 11)
    assert best_home(mac) == str(official)


def test_a_home_too_old_too_new_or_with_a_space_is_not_offered(mac: Machine) -> None:
    for minor in (8, 15):
        mac_python(mac.root / f"Library/Frameworks/Python.framework/Versions/3.{minor}", minor)
    spaced = mac._replace(home=mac.home / "Mei Wong")
    mac_python(spaced.home / ".pyenv/versions/3.12.1")
    assert best_home(spaced) == ""


def test_pointing_sets_the_variable_now_and_at_every_login(mac: Machine, tmp_path: Path) -> None:
    assert point_at(mac, "/opt/py")
    assert (tmp_path / "launchctl-calls").read_text("utf-8").splitlines() == ["setenv PYTHON3HOME /opt/py", "getenv PYTHON3HOME"]
    assert plistlib.loads(agent_file(mac).read_bytes()) == {
        "Label": "canto-beats.python3home",
        "ProgramArguments": ["/bin/launchctl", "setenv", "PYTHON3HOME", "/opt/py"],
        "RunAtLoad": True,
    }
    assert agent_file(mac) == mac.home / "Library/LaunchAgents/canto-beats.python3home.plist"


def test_a_launchd_that_does_not_listen_is_noticed(mac: Machine, tmp_path: Path) -> None:
    (tmp_path / "launchd-is-deaf").touch()
    assert not point_at(mac, "/opt/py")


def test_taking_it_back_leaves_what_somebody_changed(mac: Machine, tmp_path: Path) -> None:
    point_at(mac, "/opt/py")
    _variable(tmp_path, "/theirs")
    stop_pointing(mac)
    assert not agent_file(mac).exists()
    assert (tmp_path / "launchd-PYTHON3HOME").read_text("utf-8") == "/theirs"
    point_at(mac, "/opt/py")
    agent_file(mac).write_bytes(plistlib.dumps({"Label": "canto-beats.python3home", "ProgramArguments": ["a", "b", "c", "d"]}))
    stop_pointing(mac)
    assert agent_file(mac).exists()


@pytest.mark.parametrize("content", [b"", b"not a plist", plistlib.dumps(["a list"])])
def test_a_broken_agent_file_is_not_ours(mac: Machine, content: bytes) -> None:
    agent_file(mac).parent.mkdir(parents=True)
    agent_file(mac).write_bytes(content)
    stop_pointing(mac)
    assert agent_file(mac).read_bytes() == content
