"""The Resolve side of install and check: what is installed, whether the entry will appear, the offered fix for Python on macOS.

`look_at_host` gathers, `show_host` tells, `offer_python` acts after consent.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import SetupError
from .launcher import Launcher, inspect
from .mac_python import MenuPython, agent_file, best_home, fix_command, menu_python, point_at
from .machine import Machine, scripts_folder
from .menu import YES, Verdict, verdict
from .resolve_app import ResolveApp, find_resolves
from .screen import Screen


class Host(NamedTuple):
    """What was found. `python` is None except on macOS; `verdicts` belong to `apps` one by one."""

    apps: tuple[ResolveApp, ...]
    launcher: Launcher
    python: MenuPython | None
    verdicts: tuple[Verdict, ...]

    @property
    def needs_python(self) -> bool:
        """Whether some Resolve here lacks nothing but a Python."""
        objection = self.python.objection if self.python else ""
        return bool(objection) and any({objection, "install.menu.own_python"} & set(one.reasons) for one in self.verdicts)


def look_at_host(machine: Machine) -> Host:
    """Look at Resolve, the launcher and, on macOS, the Python for menu scripts. Changes nothing."""
    apps = find_resolves(machine)
    launcher = inspect(scripts_folder(machine))
    python = menu_python(machine) if machine.platform == "darwin" else None
    return Host(apps, launcher, python, tuple(verdict(app, launcher, python) for app in apps))


def show_host(host: Host, command: Path, screen: Screen) -> None:
    """Say for every Resolve whether the entry will appear; `command` is the engine's command for those who have to do without."""
    if not host.apps:
        screen.say("install.menu.no_resolve")
    params = {
        "launcher": host.launcher.path,
        "command": command,
        "python": host.python.home if host.python else "",
        "version": host.python.version if host.python else "",
    }
    for app, answer in zip(host.apps, host.verdicts):
        screen.say("install.check.resolve", name=app.label, path=app.path)
        screen.say(f"install.menu.{answer.appears}")
        for reason in answer.reasons:
            screen.say(reason, **params)
        if answer.appears == YES and host.python and not host.python.objection:
            screen.say("install.python.fine", **params)


def show_python_fix(machine: Machine, host: Host, screen: Screen) -> str:
    """Where only a Python is missing, say what would help; returns the home to point Resolve at, '' when there is nothing to run."""
    if not host.needs_python:
        return ""
    home = best_home(machine)
    if home:
        screen.say("install.python.fix", command=fix_command(home), file=agent_file(machine))
    else:
        screen.say("install.python.get_one")
    return home


def offer_python(machine: Machine, host: Host, screen: Screen) -> None:
    """Where only a Python is missing, point Resolve at one after consent.

    Raises SetupError `install.python.not_set` when launchd does not take it.
    """
    home = show_python_fix(machine, host, screen)
    if not home or not screen.ask("install.ask_python", home=home):
        return
    try:
        done = point_at(machine, home)
    except OSError as error:
        raise SetupError("install.python.not_set", detail=str(error), command=fix_command(home)) from error
    if not done:
        raise SetupError("install.python.not_set", command=fix_command(home))
    screen.say("install.python.set", home=home)
