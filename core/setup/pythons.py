"""Finding a Python that can carry the engine, and saying why the others cannot.

Every candidate is started and asked; a name or a folder proves nothing. To look in another place, add it to `candidates`; to refuse
another kind of Python, add a rule to `objection` and a sentence `install.rejected.*` to the catalogue.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .children import clean_environment

SUPPORTED = ((3, 13), (3, 12), (3, 11))  # in the order tried; opentimelineio 0.18 has no wheel for 3.14
FETCHED = ".venv-python"  # in the checkout or the application-data folder: what `fetch.py` brought
_ANSWER_SECONDS = 20

# Python 2 has to be able to answer as well.
_QUESTION = """
import json, platform, struct, sys, sysconfig
def has(name):
    try:
        __import__(name)
    except ImportError:
        return False
    return True
print(json.dumps({
    "version": list(sys.version_info[:3]), "final": sys.version_info[3] == "final", "name": platform.python_implementation(),
    "bits": struct.calcsize("P") * 8, "machine": platform.machine(), "venv": has("venv") and has("ensurepip"),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))
"""


class Python(NamedTuple):
    """An interpreter that was asked and fits."""

    path: str
    version: str


class Rejected(NamedTuple):
    """An interpreter that does not fit; `reason` is a catalogue key."""

    path: str
    reason: str
    version: str


class Search(NamedTuple):
    """The first fitting Python, or None, and those refused before it."""

    chosen: Python | None
    rejected: tuple[Rejected, ...]


class Places(NamedTuple):
    """Where to look. `root` has the fetched one, `running` is this process's own Python, `folders` are fixed places beside PATH.

    What lies below `not_below` will not last as long as the engine and is left out.
    """

    root: Path
    home: Path
    running: str
    path: tuple[Path, ...]
    folders: tuple[Path, ...]
    not_below: Path | None = None


def places(root: Path, not_below: Path | None = None) -> Places:
    """This machine's places for an engine in `root`."""
    folders = [Path("/usr/local/bin"), Path("/opt/homebrew/bin"), Path("/usr/bin")]
    folders += [Path(f"/Library/Frameworks/Python.framework/Versions/{major}.{minor}/bin") for major, minor in SUPPORTED]
    if os.name == "nt":
        installed = Path(os.environ["LOCALAPPDATA"]) / "Programs" / "Python"
        folders = [installed / f"Python{major}{minor}" for major, minor in SUPPORTED]
    # A virtual environment's Python may live in the very folder that is about to be replaced.
    running = getattr(sys, "_base_executable", "") if sys.prefix != sys.base_prefix else sys.executable
    path = tuple(Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry)
    return Places(root, Path.home(), running or sys.executable, path, tuple(folders), not_below)


def candidates(where: Places) -> Iterator[str]:
    """Paths worth asking, the running Python first, then newest version first; each file once."""
    seen: set[str] = set()
    for path in _in_order(where):
        if path.is_file() and os.path.realpath(path) not in seen and (where.not_below is None or where.not_below not in path.parents):
            seen.add(os.path.realpath(path))
            yield str(path)


def _in_order(where: Places) -> Iterator[Path]:
    yield Path(where.running)
    for major, minor in SUPPORTED:
        version = f"{major}.{minor}"
        kept = [folder for keeper in _keepers(where) for folder in sorted(keeper.glob(f"*{version}*"), reverse=True)]
        for folder in (*where.path, *where.folders, *(folder / "bin" for folder in kept), *kept):
            yield folder / f"python{version}"
            if os.name == "nt":
                yield folder / "python.exe"


def _keepers(where: Places) -> tuple[Path, ...]:
    """Folders with one folder a version: ours, pyenv's, uv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or where.home / ".pyenv")
    data = Path(os.environ.get("APPDATA") or os.environ.get("XDG_DATA_HOME") or where.home / ".local" / "share")
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    return (where.root / FETCHED, pyenv / "versions", managed)


def ask(path: str) -> dict[str, Any] | None:
    """The facts that the Python at `path` tells about itself, or None when it does not answer."""
    try:
        answer = subprocess.run(
            [path, "-E", "-s", "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            timeout=_ANSWER_SECONDS,
            check=True,
        )
        facts = json.loads(answer.stdout.decode("utf-8", "replace"))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def objection(facts: dict[str, Any] | None, apple_silicon: bool) -> str:
    """Catalogue key of the first reason against a Python with these facts, or '' when it fits."""
    if facts is None:
        return "install.rejected.silent"
    version = tuple(facts["version"][:2])
    rules = (
        (version < min(SUPPORTED), "old"),
        (version > max(SUPPORTED), "new"),
        (not facts["final"], "unfinished"),
        (facts["name"] != "CPython", "other"),
        (facts["bits"] != 64, "narrow"),
        (facts["free_threaded"], "free_threaded"),
        (apple_silicon and facts["machine"] != "arm64", "rosetta"),
        (not facts["venv"], "no_venv"),
    )
    return next((f"install.rejected.{name}" for broken, name in rules if broken), "")


def search(where: Places, only: str = "") -> Search:
    """Ask candidate after candidate until one fits; with `only`, that one alone."""
    rejected: list[Rejected] = []
    for path in [only] if only else candidates(where):
        facts = ask(path)
        version = ".".join(str(part) for part in facts["version"]) if facts else ""
        reason = objection(facts, on_apple_silicon())
        if not reason:
            return Search(Python(path, version), tuple(rejected))
        rejected.append(Rejected(path, reason, version))
    return Search(None, tuple(rejected))


def on_apple_silicon() -> bool:
    """Whether the chip is Apple's own, asked from the kernel because a translated process sees an Intel machine."""
    if sys.platform != "darwin":
        return False
    if platform.machine() == "arm64":
        return True
    try:
        answer = subprocess.run(["/usr/sbin/sysctl", "-n", "hw.optional.arm64"], stdout=subprocess.PIPE, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == b"1"
