"""`install.py` without a verb: the permanent engine, the launcher in Resolve's menu, and what still stands in the way.

    build aside -> ask it -> launcher and link -> remove the old version -> say whether the entry will appear

`Kit` holds what the steps share. To add a step, add a function and its call to `install`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Callable, NamedTuple

from .. import __version__
from ..errors import SetupError
from .environment import bring_up, examine, understood
from .host import look_at_host, offer_python, show_host
from .launcher import NAME, bake, deploy
from .lock import only_one
from .machine import Machine, app_folder, scripts_folder
from .permanent import EXTRAS, LINK, Permanent, current, next_version, remove_others, switch, verify, versions
from .pythons import Python
from .screen import Screen


class Kit(NamedTuple):
    """What installing needs. `base` finds, or fetches into the folder it is given, a Python for the engine."""

    root: Path
    machine: Machine
    screen: Screen
    base: Callable[[Path], Python]

    @property
    def home(self) -> Path:
        """The application-data folder."""
        return app_folder(self.machine)


def install(kit: Kit) -> None:
    """Install or update. Raises SetupError; a version that was there before then still works."""
    if not (kit.root / "constraints.txt").exists():
        raise SetupError("install.no_source", folder=kit.root)
    try:
        kit.home.mkdir(parents=True, exist_ok=True)
        engine = _ready(kit)
        with only_one(kit.home, lambda: kit.screen.say("install.waiting", folder=kit.home)):
            _put_in_place(kit, engine)
    except OSError as error:
        raise understood(error, kit.home / "install.log") from error
    host = look_at_host(kit.machine)
    show_host(host, command_of(kit.home), kit.screen)
    offer_python(kit.machine, host, kit.screen)
    command = command_of(kit.home)
    kit.screen.say("install.next", command=command, python=command.with_name(engine.python.name))


def command_of(home: Path) -> Path:
    """The `canto-beats` of the engine in use."""
    return home / LINK / ("Scripts/canto-beats.exe" if sys.platform == "win32" else "bin/canto-beats")


def _ready(kit: Kit) -> Permanent:
    """A verified version made from this source: the one in use, one left by an interrupted run, or a new one."""
    before = current(kit.root, kit.home)
    candidates = ([before] if before else []) + [one for one in versions(kit.root, kit.home) if not before or one.folder != before.folder]
    for engine in candidates:
        if examine(engine, EXTRAS).state == "ready":
            verify(engine, kit.screen)
            kit.screen.say("install.up_to_date" if engine is before else "install.taken_up", version=__version__, folder=engine.folder)
            return engine
    engine = next_version(kit.root, kit.home)
    kit.screen.say("install.updating" if before else "install.installing", version=__version__, folder=kit.home)
    bring_up(engine, EXTRAS, kit.base(kit.home), kit.screen)
    verify(engine, kit.screen)
    return engine


def _put_in_place(kit: Kit, engine: Permanent) -> None:
    """Launcher, link, then the old version: in this order every moment leaves something that works. Raises OSError."""
    template = (kit.root / "resolve_plugin" / NAME).read_text("utf-8")
    folder = scripts_folder(kit.machine)
    kept = [deploy(folder, bake(template, engine.python, engine.plugin)), switch(kit.home, engine)]
    for path in filter(None, kept):
        kit.screen.say("install.kept", path=path)
    kit.screen.say("install.deployed", path=folder / NAME)
    for stays in remove_others(kit.root, kit.home, engine, kit.machine):
        kit.screen.say("install.old_runs", folder=stays)
