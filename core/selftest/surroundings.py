"""The machine around Resolve: which build, which Python it brings and finds, whether the menu entry should be there."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from ..setup.host import look_at_host
from ..setup.machine import Machine, this_machine
from .desk import Desk

_MOST = 200


def build(desk: Desk) -> dict[str, Any]:
    """Product, version, edition; whether this home is a sandbox's; how this run reached Resolve."""
    resolve = desk.resolve
    home = str(Path.home())
    return {
        "about": desk.host.about(),
        "version": desk.call(resolve, "GetVersion"),
        "version_string": desk.call(resolve, "GetVersionString"),
        "product": desk.call(resolve, "GetProductName"),
        "sandboxed_home": "/Library/Containers/com.blackmagic-design." in home,
        "inside_resolve": "DaVinciResolveScript" not in sys.modules,
        "system": platform.platform(),
    }


def menu_entry(desk: Desk) -> dict[str, Any]:
    """What install.py would say about the menu here, to be held against the menu itself."""
    return menu_facts(this_machine())


def menu_facts(machine: Machine) -> dict[str, Any]:
    """Installed builds, the launcher's state, macOS's Python for menu scripts, the verdict for each build."""
    host = look_at_host(machine)
    answers = zip(host.apps, host.verdicts)
    return {
        "apps": [{**app._asdict(), "path": str(app.path), "verdict": answer._asdict()} for app, answer in answers],
        "launcher": {"path": str(host.launcher.path), "state": host.launcher.state},
        "menu_python": host.python._asdict() if host.python else None,
    }


def pythons(desk: Desk) -> dict[str, Any]:
    """The Python that runs this, and every file of a Python inside the installed Resolve."""
    variables = {name: os.environ[name] for name in sorted(os.environ) if name.startswith(("PYTHON", "FUSION_", "RESOLVE_SCRIPT"))}
    roots = {app.path if app.path.suffix == ".app" else app.path.parent.parent for app in look_at_host(this_machine()).apps}
    return {
        "executable": sys.executable,
        "version": sys.version,
        "prefix": sys.prefix,
        "variables": variables,
        "inside_resolve": {str(root): bundled(root) for root in sorted(roots)},
    }


def bundled(root: Path) -> list[str]:
    """Files and folders below `root` that are named after Python, by relative path."""
    found = []
    for folder, folders, files in os.walk(root):
        names = [name for name in (*folders, *files) if "python" in name.lower()]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
        # What lies inside a Python's own folder says nothing new.
        folders[:] = [name for name in folders if "python" not in name.lower()]
        if len(found) >= _MOST:
            break
    return sorted(found)[:_MOST]
