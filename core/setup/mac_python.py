"""Which Python a menu script gets on macOS, and the fix when it gets none.

Resolve looks at PYTHON3HOME in the environment that launchd gives to applications, then at /usr/local/bin/python3, and nowhere else. A home
is usable when it has `bin/python3` and `lib/libpython3.X.dylib`. Where neither is, the entry is silently missing from the menu. Homebrew on
Apple Silicon, pyenv, uv and conda are in neither place. To look for another kind of Python to point at, add its folder to `_homes`.
"""

from __future__ import annotations

import os
import plistlib
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from .machine import Machine

LABEL = "canto-beats.python3home"
VARIABLE = "PYTHON3HOME"
OLDEST = 9  # minor version that the plugin's syntax needs
_ANSWER_SECONDS = 10
_LIBRARY = re.compile(r"libpython3\.(\d+)\.dylib$")


class MenuPython(NamedTuple):
    """What Resolve finds. `objection` is a catalogue key or ''; `variable` is PYTHON3HOME as launchd has it now."""

    home: str
    version: str
    objection: str
    variable: str


def menu_python(machine: Machine) -> MenuPython:
    """The Python that a menu script would get now; without an objection, it will run the launcher."""
    variable = _launchd(machine, "getenv", VARIABLE)
    if variable:
        minor = shared_library(Path(variable))
        return MenuPython(variable, _text(minor), _objection(minor, "install.python.bad_variable"), variable)
    program = machine.root / "usr/local/bin/python3"
    if not program.exists():
        return MenuPython("", "", "install.python.none", "")
    home = Path(os.path.realpath(program)).parent.parent
    minor = shared_library(home)
    return MenuPython(str(home), _text(minor), _objection(minor, "install.python.no_library"), "")


def _objection(minor: int | None, without: str) -> str:
    if minor is None:
        return without
    return "install.python.too_old" if minor < OLDEST else ""


def _text(minor: int | None) -> str:
    return "" if minor is None else f"3.{minor}"


def shared_library(home: Path) -> int | None:
    """The X of a usable home's libpython3.X.dylib, or None when it is not usable."""
    if not (home / "bin" / "python3").exists():
        return None
    found = [_LIBRARY.search(library.name) for library in sorted(home.glob("lib/libpython3.*.dylib"))]
    return max((int(match[1]) for match in found if match), default=None)


def best_home(machine: Machine) -> str:
    """A Python on this Mac that Resolve could be pointed at: the newest of the first kind that has one, '' without any."""
    for kind in _homes(machine):
        usable = {home: shared_library(home) for home in kind}
        # Nobody has reported a home with a space in it to work, and a failure is silent.
        fitting = [(minor, home) for home, minor in usable.items() if minor is not None and OLDEST <= minor <= 14 and " " not in str(home)]
        if fitting:
            return str(max(fitting)[1])
    return ""


def _homes(machine: Machine) -> tuple[list[Path], ...]:
    frameworks = "Frameworks/Python.framework/Versions"
    return (
        list(machine.root.glob("Library/Frameworks/Python.framework/Versions/3.*")),
        list(machine.root.glob(f"opt/homebrew/opt/python@3.*/{frameworks}/3.*")),
        list(machine.home.glob(".local/share/uv/python/cpython-3.*-macos-*")),
        list(machine.home.glob(".pyenv/versions/3.*")),
        list(machine.root.glob("Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.*")),
    )


def fix_command(home: str) -> str:
    """What a user would type into Terminal."""
    return f"launchctl setenv {VARIABLE} {home}"


def agent_file(machine: Machine) -> Path:
    """The LaunchAgent that sets the variable again after every login."""
    return machine.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def point_at(machine: Machine, home: str) -> bool:
    """Set PYTHON3HOME now and at every login; False when launchd does not have it afterwards. Raises OSError."""
    file = agent_file(machine)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_bytes(plistlib.dumps(_agent(home)))
    os.replace(fresh, file)
    _launchd(machine, "setenv", VARIABLE, home)
    return _launchd(machine, "getenv", VARIABLE) == home


def _agent(home: str) -> dict[str, object]:
    return {"Label": LABEL, "ProgramArguments": ["/bin/launchctl", "setenv", VARIABLE, home], "RunAtLoad": True}


def agent_home(machine: Machine) -> str:
    """The home that our LaunchAgent sets; '' when there is none or somebody has changed it."""
    try:
        agent = plistlib.loads(agent_file(machine).read_bytes())
        home = str(agent["ProgramArguments"][3])
    except (OSError, ValueError, KeyError, IndexError, TypeError, plistlib.InvalidFileException):
        return ""
    return home if agent == _agent(home) else ""


def stop_pointing(machine: Machine) -> None:
    """Remove our LaunchAgent and the variable, if it still has our value. Raises OSError."""
    home = agent_home(machine)
    if not home:
        return
    if _launchd(machine, "getenv", VARIABLE) == home:
        _launchd(machine, "unsetenv", VARIABLE)
    agent_file(machine).unlink()


def _launchd(machine: Machine, *words: str) -> str:
    """What launchctl answers; '' when it cannot be asked."""
    try:
        answer = subprocess.run(
            [machine.launchctl, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode("utf-8", "replace").strip()
