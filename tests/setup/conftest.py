from __future__ import annotations

import io
from pathlib import Path

import pytest

from core.setup.machine import Machine
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


@pytest.fixture
def linux(tmp_path: Path) -> Machine:
    """A Linux machine without Resolve, its home and root empty folders of the test."""
    return made_up(tmp_path, "linux")


@pytest.fixture
def mac(tmp_path: Path) -> Machine:
    """A Mac without Resolve and without a Python that Resolve could find."""
    return made_up(tmp_path, "darwin")


def made_up(tmp_path: Path, platform: str) -> Machine:
    """A machine of the test: empty home and root, a launchctl that keeps its variables in a file, a ps that shows the file `processes`."""
    home, root = tmp_path / "home", tmp_path / "root"
    home.mkdir()
    root.mkdir()
    launchctl = _program(
        tmp_path / "launchctl",
        f"""
        cd {tmp_path}
        echo "$*" >> launchctl-calls
        case "$1" in
        getenv) cat "launchd-$2" 2>/dev/null;;
        setenv) test -e launchd-is-deaf || printf %s "$3" > "launchd-$2";;
        unsetenv) rm "launchd-$2";;
        esac
        """,
    )
    ps = _program(tmp_path / "ps", f'cat "{tmp_path}/processes" 2>/dev/null')
    return Machine(platform, home, root, {}, str(launchctl), str(ps))


def _program(path: Path, script: str) -> Path:
    path.write_text("#!/bin/sh\n" + script, "utf-8")
    path.chmod(0o755)
    return path
