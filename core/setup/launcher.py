"""The one file that goes into Resolve's Scripts folder: baked with the two paths, recognised again, removed.

The last line carries a hash of the lines before it. So a file is ours and untouched, ours and edited by the user, or somebody else's; only
the first is ever replaced or removed.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

NAME = "Canto-Beats Subtitles.py"
_MARK = "# canto-beats launcher, made by install.py; sha256 of the lines above: "
_PATHS = re.compile(r"^(ENGINE_PYTHON|PLUGIN_FOLDER) = (.*)$", re.MULTILINE)


class Launcher(NamedTuple):
    """What lies in the Scripts folder. `state` is absent, ours, edited or foreign; `engine_python` is the path baked in."""

    path: Path
    state: str
    engine_python: str = ""


def bake(template: str, engine_python: Path, plugin_folder: Path) -> str:
    """The launcher's text. Paths become ASCII literals, because nobody knows with which encoding a host reads the file."""
    values = {"ENGINE_PYTHON": ascii(str(engine_python)), "PLUGIN_FOLDER": ascii(str(plugin_folder))}
    body = _PATHS.sub(lambda match: f"{match[1]} = {values[match[1]]}", template)
    return f"{body}{_MARK}{_digest(body)}\n"


def inspect(folder: Path) -> Launcher:
    """What is in the Scripts folder under our name."""
    path = folder / NAME
    if not os.path.lexists(path):
        return Launcher(path, "absent")
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return Launcher(path, "foreign")
    body, mark, rest = text.rpartition(_MARK)
    if not mark:
        return Launcher(path, "foreign")
    python = dict(_PATHS.findall(body)).get("ENGINE_PYTHON", "")
    state = "ours" if rest.strip() == _digest(body) and not path.is_symlink() else "edited"
    return Launcher(path, state, _literal(python))


def deploy(folder: Path, text: str) -> Path | None:
    """Put the launcher in place in one step, creating folders; returns where a file that is not ours was kept. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    found = inspect(folder)
    kept = _keep(found.path) if found.state in ("edited", "foreign") else None
    fresh = folder / f".{NAME}.new"  # neither a .py nor shown, so no entry of the menu
    fresh.write_text(text, "utf-8")
    os.replace(fresh, found.path)
    return kept


def withdraw(folder: Path) -> Launcher:
    """Remove the launcher if it is ours and untouched; returns what was found. Raises OSError."""
    found = inspect(folder)
    if found.state == "ours":
        found.path.unlink()
    return found


def _keep(path: Path) -> Path:
    """Rename to a name that makes no entry in the menu."""
    number = 1
    while os.path.lexists(f"{path}.kept-{number}"):
        number += 1
    return path.rename(f"{path}.kept-{number}")


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _literal(source: str) -> str:
    try:
        return str(ast.literal_eval(source))
    except (ValueError, SyntaxError):
        return ""
