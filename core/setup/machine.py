"""Where things are on a system, from values that a test can make up: platform, home, environment, the root of the file system.

To support another system, give each function below its branch.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_MAC_RESOLVE = "Library/Application Support/Blackmagic Design/DaVinci Resolve"


class Machine(NamedTuple):
    """One user's machine. `platform` is sys.platform's word, `root` stands for '/'; `launchctl` and `ps` are the programs asked."""

    platform: str
    home: Path
    root: Path
    environ: Mapping[str, str]
    launchctl: str = "/bin/launchctl"
    ps: str = "ps"

    def folder(self, variable: str, below_home: str) -> Path:
        """The folder that an environment variable names, else one below the home folder."""
        return Path(self.environ.get(variable) or self.home / below_home)


def this_machine() -> Machine:
    """The machine that this process runs on."""
    return Machine(sys.platform, Path.home(), Path("/"), os.environ)


def app_folder(machine: Machine) -> Path:
    """The user's application-data folder of Canto-Beats: engine, plugin and, beside them, models."""
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "Canto-Beats"
    if machine.platform == "win32":
        return machine.folder("LOCALAPPDATA", "AppData/Local") / "Canto-Beats"
    return machine.folder("XDG_DATA_HOME", ".local/share") / "canto-beats"


def scripts_folder(machine: Machine) -> Path:
    """This user's folder of Resolve whose .py files become entries on every page (README of the scripting API)."""
    if machine.platform == "darwin":
        resolve = machine.home / _MAC_RESOLVE
    elif machine.platform == "win32":
        resolve = machine.folder("APPDATA", "AppData/Roaming") / "Blackmagic Design" / "DaVinci Resolve" / "Support"
    else:
        resolve = machine.home / ".local" / "share" / "DaVinciResolve"
    return resolve / "Fusion" / "Scripts" / "Utility"


def log_folders(machine: Machine) -> tuple[Path, ...]:
    """Where Resolve writes its own log, which names edition and version at every start."""
    if machine.platform == "darwin":
        return (machine.home / _MAC_RESOLVE / "logs", machine.root / _MAC_RESOLVE / "logs")
    if machine.platform == "win32":
        return (machine.folder("APPDATA", "AppData/Roaming") / "Blackmagic Design" / "DaVinci Resolve" / "Support" / "logs",)
    return (machine.home / ".local" / "share" / "DaVinciResolve" / "logs",)


def model_folders(machine: Machine) -> tuple[Path, ...]:
    """Where the engine keeps models, converted ones included; the places of `platformdirs`. A folder that the user named is not among them."""
    if machine.platform == "darwin":
        library = machine.home / "Library"
        return (library / "Application Support" / "canto-beats" / "models", library / "Caches" / "canto-beats")
    if machine.platform == "win32":
        local = machine.folder("LOCALAPPDATA", "AppData/Local") / "canto-beats"
        return (local / "models", local / "Cache")
    return (
        machine.folder("XDG_DATA_HOME", ".local/share") / "canto-beats" / "models",
        machine.folder("XDG_CACHE_HOME", ".cache") / "canto-beats",
    )


def settings_files(machine: Machine) -> tuple[Path, ...]:
    """The settings of the engine (TOML) and of the plugin (JSON)."""
    if machine.platform == "darwin":
        support = machine.home / "Library" / "Application Support"
        return (support / "canto-beats" / "settings.toml", support / "Canto-Beats" / "settings.json")
    if machine.platform == "win32":
        local, roaming = machine.folder("LOCALAPPDATA", "AppData/Local"), machine.folder("APPDATA", "AppData/Roaming")
        return (local / "canto-beats" / "settings.toml", roaming / "Canto-Beats" / "settings.json")
    config = machine.folder("XDG_CONFIG_HOME", ".config") / "canto-beats"
    return (config / "settings.toml", config / "settings.json")


def jobs_folder(machine: Machine) -> Path:
    """Where the plugin keeps jobs and subtitles unless told otherwise; never removed."""
    return machine.home / ("Videos" if machine.platform == "win32" else "Movies") / "Canto-Beats"
