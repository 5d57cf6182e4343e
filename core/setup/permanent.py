"""The permanent engine in the application-data folder: each version whole in a folder of its own, the newest one in use.

    engine-0.1.0-1/            virtual environment; plugin/resolve_plugin/ inside it, so that both ends of the wire always match
    engine -> engine-0.1.0-1   for people and terminals; the launcher names the folder itself

A new version is built and asked aside; the launcher and the link then change in one step each, and only after that is the old version
removed, unless a program of it still runs. Whatever fails before leaves the old version as it was. Models, settings and jobs lie outside.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import SetupError
from .children import clean_environment, run_logged
from .environment import Environment, remove
from .machine import Machine
from .pip_output import evidence
from .screen import Screen

EXTRAS = ("llm", "mac", "qwen")
LINK = "engine"
PLUGIN = "plugin"
_FOLDER = re.compile(r"engine-.+-\d+")
_BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "core")
_ANSWER_SECONDS = 300


class Permanent(Environment):
    """One version's folder. `home` is the application-data folder, `root` the checkout that it is made from."""

    def __init__(self, root: Path, home: Path, name: str) -> None:
        super().__init__(root, home, name)
        self.plugin = self.folder / PLUGIN

    def pins(self) -> str:
        """A fingerprint of the packages and of the very source, because the engine is a copy."""
        digest = hashlib.sha256(super().pins().encode("ascii"))
        for file in sorted(path for name in ("core", "resolve_plugin") for path in (self.root / name).rglob("*") if path.is_file()):
            if "__pycache__" not in file.parts:
                digest.update(file.relative_to(self.root).as_posix().encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()

    @contextlib.contextmanager
    def requirement(self, extras: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """pip builds from a copy: building leaves files beside the source, and the download may be read-only."""
        source = self.folder / "source"
        source.mkdir()
        for name in _BUILT_FROM:
            _copy(self.root / name, source / name)
        yield (f"{source}[{','.join(extras)}]",)
        shutil.rmtree(source)
        _copy(self.root / "resolve_plugin", self.plugin / "resolve_plugin")


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder without its permissions, which in a read-only download would make the copy hard to remove."""
    if source.is_dir():
        target.mkdir(parents=True)
        for entry in source.iterdir():
            if entry.name != "__pycache__":
                _copy(entry, target / entry.name)
    elif source.exists():
        shutil.copyfile(source, target)


def versions(root: Path, home: Path) -> tuple[Permanent, ...]:
    """All versions in `home` that we made, half-made ones included."""
    folders = sorted(path.name for path in home.glob("engine-*") if _FOLDER.fullmatch(path.name) and path.is_dir())
    return tuple(one for one in (Permanent(root, home, name) for name in folders) if one.stamp() is not None)


def current(root: Path, home: Path) -> Permanent | None:
    """The version in use, or None."""
    named = os.path.basename(os.path.realpath(home / LINK))
    return next((one for one in versions(root, home) if one.folder.name == named), None)


def next_version(root: Path, home: Path) -> Permanent:
    """A version under a name that is not taken."""
    number = 1
    while os.path.lexists(home / f"engine-{__version__}-{number}"):
        number += 1
    return Permanent(root, home, f"engine-{__version__}-{number}")


def verify(engine: Permanent, screen: Screen) -> None:
    """Ask a new version to look at itself. Raises SetupError `install.not_verified` when it does not answer well."""
    screen.say("install.verifying")
    # A settings file that does not fit would fail the question, and is not the new version's fault.
    environment = clean_environment(CANTO_BEATS_SETTINGS=str(engine.folder / "no-settings.toml"))
    lines: list[str] = []
    for command in (
        [str(engine.python), "-I", "-m", "core", "doctor", "--json"],
        [str(engine.python), "-I", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import resolve_plugin.session", str(engine.plugin)],
    ):
        ended = run_logged(command, engine.log, environment, lambda line: None)
        lines += ended.lines
        if ended.code != 0:
            raise SetupError("install.not_verified", detail=evidence(lines), log=engine.log)
    report = next((found for found in map(_object, lines) if found), {})
    failed = [f"{check['name']}: {check['value']}" for check in report.get("checks", ()) if not check["ok"] and check["name"] == "ffmpeg"]
    if report.get("version") != __version__ or failed:
        raise SetupError("install.not_verified", detail="\n".join(failed) or evidence(lines), log=engine.log)


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "checks" in found else {}


def switch(home: Path, engine: Permanent) -> Path | None:
    """Make `engine` the version that the link names; returns where something that is not ours was kept. Raises OSError."""
    link, fresh = home / LINK, home / f"{LINK}.new"
    kept = None
    if os.path.lexists(link) and not _is_link(link):
        kept = link.rename(_free(home / f"{LINK}-kept"))
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    _replace_link(link, fresh, engine.folder)
    return kept


def _free(path: Path) -> Path:
    number = 1
    while os.path.lexists(f"{path}-{number}"):
        number += 1
    return Path(f"{path}-{number}")


if sys.platform == "win32":
    import _winapi

    def _is_link(path: Path) -> bool:
        return os.path.realpath(path) != str(path)

    def _replace_link(link: Path, fresh: Path, target: Path) -> None:
        # Links need a right that users lack; a junction does not, but it cannot be replaced in one step. Only people use it.
        with contextlib.suppress(FileNotFoundError):
            link.rmdir()
        _winapi.CreateJunction(str(target), str(link))

else:

    def _is_link(path: Path) -> bool:
        return path.is_symlink()

    def _replace_link(link: Path, fresh: Path, target: Path) -> None:
        fresh.symlink_to(target.name)
        os.replace(fresh, link)


def remove_others(root: Path, home: Path, keep: Permanent, machine: Machine) -> tuple[Path, ...]:
    """Remove every other version of ours; returns those that stay because a program of theirs runs. Raises OSError."""
    stay = in_use(root, home, machine)
    for one in versions(root, home):
        if one.folder not in (keep.folder, *stay):
            remove(one.folder)
    return tuple(folder for folder in stay if folder != keep.folder)


def in_use(root: Path, home: Path, machine: Machine) -> tuple[Path, ...]:
    """Versions of which a program runs now; one that was started through the link may belong to any."""
    running = _command_lines(machine)
    linked = f"{home / LINK}{os.sep}" in running
    return tuple(one.folder for one in versions(root, home) if linked or f"{one.folder}{os.sep}" in running)


def _command_lines(machine: Machine) -> str:
    """All other processes' command lines; '' where nobody can be asked (Windows refuses to remove a program that runs)."""
    if machine.platform == "win32":
        return ""
    try:
        answer = subprocess.run([machine.ps, "-A", "-o", "pid=,args="], stdout=subprocess.PIPE, timeout=_ANSWER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [line.split(None, 1) for line in answer.stdout.decode("utf-8", "replace").splitlines()]
    return "\n".join(words[1] for words in lines if len(words) == 2 and words[0] != str(os.getpid()))
