"""`install.py uninstall`: what is ours, what stays, and removing it after consent.

Ours are the environments that carry our stamp, the launcher as we wrote it, the LaunchAgent as we wrote it. Models and settings go only with
--purge; jobs and subtitles never. To remove another thing, add it to `belongings`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from .environment import Environment, remove
from .launcher import inspect, withdraw
from .lock import NAME as LOCK
from .mac_python import agent_file, agent_home, stop_pointing
from .machine import Machine, app_folder, jobs_folder, model_folders, scripts_folder, settings_files
from .permanent import LINK, in_use, versions
from .pythons import FETCHED
from .screen import Screen


class Belongings(NamedTuple):
    """What is there. `ours` will go, `purged` too when asked for; `kept` pairs a catalogue key with what stays."""

    ours: tuple[Path, ...]
    purged: tuple[Path, ...]
    kept: tuple[tuple[str, Path], ...]
    running: tuple[Path, ...]


def belongings(root: Path, machine: Machine, purge: bool) -> Belongings:
    """Look at everything that install.py can have made, and at what the user made with it."""
    home, checkout = app_folder(machine), Environment(root)
    launcher = inspect(scripts_folder(machine))
    ours = [root / FETCHED, root / LOCK]
    kept = []
    if checkout.stamp() is not None:
        ours.insert(0, checkout.folder)
    elif os.path.lexists(checkout.folder):
        kept.append(("install.not_ours", checkout.folder))
    ours += [one.folder for one in versions(root, home)]
    ours += [home / LINK] if (home / LINK).is_symlink() else []
    ours += [home / FETCHED, home / LOCK]
    if launcher.state == "ours":
        ours.append(launcher.path)
    elif launcher.state != "absent":
        kept.append(("install.launcher_kept", launcher.path))
    if machine.platform == "darwin" and agent_home(machine):
        ours.append(agent_file(machine))
    private = [path for path in (*model_folders(machine), *settings_files(machine)) if path.exists()]
    kept += [("install.private_kept", path) for path in private if not purge]
    kept += [("install.jobs_kept", jobs_folder(machine))] if jobs_folder(machine).exists() else []
    present = tuple(path for path in ours if os.path.lexists(path))
    return Belongings(present, tuple(private) if purge else (), tuple(kept), in_use(root, home, machine))


def remove_all(things: Belongings, machine: Machine) -> None:
    """Remove what `belongings` listed, the menu entry first. Raises OSError."""
    withdraw(scripts_folder(machine))
    if machine.platform == "darwin":
        stop_pointing(machine)
    for path in (*things.ours, *things.purged):
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            remove(path)
    for folder in {app_folder(machine), *(path.parent for path in things.purged)}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def show_belongings(things: Belongings, screen: Screen) -> None:
    """List what will go, then what stays and why."""
    # Also reads the catalogue, which may lie in what is about to go.
    screen.say("install.removing" if things.ours or things.purged else "install.nothing_to_remove")
    for path in (*things.ours, *things.purged):
        screen.line(f"  {path}")
    for key, path in things.kept:
        screen.say(key, path=path, folder=path)
