"""What `install.py check` tells: what is installed, what is missing, what would be done. Changes nothing.

To show another package, add it to `_SHOWN`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from .. import __version__
from .children import clean_environment
from .environment import Condition, Environment, examine
from .pythons import Rejected, Search, places, search
from .screen import Screen

_SHOWN = ("torch", "transformers", "mlx", "mlx-whisper", "onnxruntime", "opentimelineio", "pytest")
_QUESTION = """
import importlib.metadata, json, subprocess, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
found = {"packages": {name: version(name) for name in sys.argv[1:]}, "ffmpeg": None}
try:
    from core.media.ffmpeg import find_ffmpeg
    path = str(find_ffmpeg())
    told = subprocess.run([path, "-version"], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "replace")
    found["ffmpeg"] = [told.split()[2], path]
except Exception as error:
    found["ffmpeg_error"] = str(error)
print(json.dumps(found))
"""


class Report(NamedTuple):
    """`search` is None where the environment is there and needs no other Python; `inside` what its own Python told."""

    root: Path
    condition: Condition
    search: Search | None
    inside: dict[str, Any]
    free_bytes: int

    @property
    def ready(self) -> bool:
        """Whether `demo` would have nothing to install."""
        return self.condition.state == "ready" and bool(self.inside.get("ffmpeg"))


def look(root: Path) -> Report:
    """Look at the checkout at `root`."""
    environment = Environment(root)
    condition = examine(environment, ())
    usable = condition.state in ("ready", "outdated")
    return Report(
        root,
        condition,
        None if usable else search(places(root)),
        _inside(environment) if usable else {},
        shutil.disk_usage(root).free,
    )


def _inside(environment: Environment) -> dict[str, Any]:
    command = [str(environment.python), "-I", "-c", _QUESTION, *_SHOWN]
    ended = subprocess.run(command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        found = json.loads(ended.stdout)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def show(report: Report, screen: Screen) -> None:
    """Write the report, the next step last."""
    screen.say("install.check.title", version=__version__, folder=report.root)
    stamp = report.condition.stamp
    screen.say(f"install.check.{report.condition.state}", python=stamp.python if stamp else "")
    if report.search is not None:
        show_search(report.search, screen)
    packages = [f"{name} {version}" for name, version in report.inside.get("packages", {}).items() if version]
    if packages:
        screen.say("install.check.packages", packages=", ".join(packages))
    if report.inside.get("ffmpeg"):
        screen.say("install.check.ffmpeg", version=report.inside["ffmpeg"][0], path=report.inside["ffmpeg"][1])
    elif report.inside:
        screen.say("install.check.no_ffmpeg", reason=report.inside.get("ffmpeg_error", ""))
    screen.say("install.check.space", free=f"{report.free_bytes / 1e9:.0f}")
    screen.say("install.check.next_ready" if report.ready else "install.check.next_demo")


def show_search(found: Search, screen: Screen) -> None:
    """Write which Python will carry the engine and why others cannot."""
    if found.chosen is not None:
        screen.say("install.check.python", version=found.chosen.version, path=found.chosen.path)
    else:
        screen.say("install.check.no_python")
    for rejected in found.rejected:
        show_rejected(rejected, screen)


def show_rejected(rejected: Rejected, screen: Screen) -> None:
    """Write why one Python cannot carry the engine."""
    screen.say(rejected.reason, python=f"{rejected.path} {rejected.version}".strip())
