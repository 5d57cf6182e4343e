"""The engine's virtual environment: what state it is in, and bringing it into the state asked for.

`Environment` is `.venv` in the checkout; `permanent.py` has the other kind. A stamp inside the folder is written before anything else and
completed last. So a folder without a stamp is somebody else's and is only moved aside, and one whose stamp is not complete was interrupted
and is made anew.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import SetupError
from .children import clean_environment, run_logged
from .lock import only_one
from .pip_output import evidence, explain
from .pip_run import pip_install
from .pythons import Python
from .screen import Screen, clock, monotonic

State = Literal["absent", "foreign", "half_made", "outdated", "ready"]

FOLDER = ".venv"
ASIDE = ".venv-old"
_DOOMED = ".venv-doomed"
_STAMP = "canto-beats.json"
_NEEDED_BYTES = 3_000_000_000  # measured: 1.5 GB for the engine, 2.4 GB with everything the tests need
_ANSWER_SECONDS = 30


class Stamp(NamedTuple):
    """What was put into the environment. `root` is the folder it was made in, `extras` are pyproject.toml's, sorted."""

    root: str
    pins: str
    extras: tuple[str, ...]
    python: str
    complete: bool


class Condition(NamedTuple):
    """The environment as found."""

    state: State
    stamp: Stamp | None


class Environment:
    """The environment of the checkout at `root`, in the folder `name` of `place`."""

    def __init__(self, root: Path, place: Path | None = None, name: str = FOLDER) -> None:
        self.root = root
        self.place = place or root
        self.folder = self.place / name
        self.log = self.folder / "install.log"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self._stamp = self.folder / _STAMP

    def pins(self) -> str:
        """A fingerprint of everything that decides what is installed."""
        digest = hashlib.sha256()
        for name in ("pyproject.toml", "constraints.txt"):
            digest.update((self.root / name).read_bytes() + b"\0")
        return digest.hexdigest()

    @contextmanager
    def requirement(self, extras: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """What pip is told to install while the block runs: the checkout itself, editable."""
        yield ("-e", f"{self.root}[{','.join(extras)}]" if extras else str(self.root))

    def stamp(self) -> Stamp | None:
        """The stamp, or None where there is none that can be read."""
        try:
            kept = json.loads(self._stamp.read_text("utf-8"))
            return Stamp(kept["root"], kept["pins"], tuple(kept["extras"]), kept["python"], kept["complete"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_stamp(self, stamp: Stamp) -> None:
        """Replace the stamp in one step."""
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(json.dumps(stamp._asdict(), indent=2) + "\n", "utf-8")
        os.replace(fresh, self._stamp)

    def answers(self) -> bool:
        """Whether the environment's Python starts and finds the engine."""
        try:
            ended = subprocess.run(
                [str(self.python), "-I", "-c", "import core"],
                env=clean_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_ANSWER_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return ended.returncode == 0


def examine(environment: Environment, extras: tuple[str, ...]) -> Condition:
    """In which state the environment is, measured against the pins and `extras`."""
    if not os.path.lexists(environment.folder) or (environment.folder.is_dir() and not any(environment.folder.iterdir())):
        return Condition("absent", None)
    stamp = environment.stamp()
    if stamp is None:
        return Condition("foreign", None)
    if not stamp.complete or stamp.root != str(environment.place) or not environment.answers():
        return Condition("half_made", stamp)
    if stamp.pins != environment.pins() or not set(extras) <= set(stamp.extras):
        return Condition("outdated", stamp)
    return Condition("ready", stamp)


def bring_up(environment: Environment, extras: tuple[str, ...], base: Python, screen: Screen) -> None:
    """Make or complete the environment on the Python `base` so that `examine` says ready.

    Raises SetupError when it cannot be done; what is then there is recognised as half made by the next run.
    """
    began = monotonic()
    try:
        with only_one(environment.place, lambda: screen.say("install.waiting", folder=environment.place)):
            condition = examine(environment, extras)
            if condition.state == "ready":
                return
            _require_space(environment.place)
            if condition.state != "outdated":
                _make(environment, condition.state, base, screen)
            _install(environment, extras, screen)
    except OSError as error:
        raise understood(error, environment.log) from error
    screen.say("install.done", folder=environment.folder, time=clock(monotonic() - began))


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < _NEEDED_BYTES:
        raise SetupError("install.little_space", need=_NEEDED_BYTES // 10**9, free=f"{free / 1e9:.1f}", folder=root)


def _make(environment: Environment, state: State, base: Python, screen: Screen) -> None:
    """An environment with nothing but pip, in place of what is there."""
    if state == "foreign":
        screen.say("install.moved_aside", folder=move_aside(environment.folder))
    elif state == "half_made":
        screen.say("install.repairing", folder=environment.folder)
        remove(environment.folder)
    screen.say("install.making", folder=environment.folder, version=base.version, python=base.path)
    environment.folder.mkdir(exist_ok=True)
    environment.write_stamp(Stamp(str(environment.place), "", (), base.version, False))
    command = [base.path, "-I", "-m", "venv", str(environment.folder)]
    ended = run_logged(command, environment.log, clean_environment(), lambda line: None)
    if ended.code != 0:
        key = explain(ended.lines)
        key = "install.no_venv" if key == "install.failed" else key
        raise SetupError(key, detail=evidence(ended.lines), python=base.path, log=environment.log)


def _install(environment: Environment, extras: tuple[str, ...], screen: Screen) -> None:
    """Install the engine and its packages from the pins."""
    before = environment.stamp()
    assert before is not None
    wanted = tuple(sorted({*before.extras, *extras}))
    environment.write_stamp(before._replace(complete=False))
    pins = ("-c", str(environment.root / "constraints.txt"))
    pip_install(environment.python, ("pip", "setuptools", *pins), environment.log, screen)
    # The pinned setuptools builds the engine and pysrt: an isolated build would fetch whatever is newest. Without
    # --no-compile pip compiles every module of every package: 54 s of processor time, where the demo imports a few of them.
    options = ("--progress-bar", "raw", "--no-build-isolation", "--no-compile")
    with environment.requirement(wanted) as engine:
        pip_install(environment.python, (*options, *engine, *pins), environment.log, screen)
    environment.write_stamp(Stamp(str(environment.place), environment.pins(), wanted, before.python, True))


def move_aside(folder: Path) -> Path:
    """Rename what is not ours out of the way, keeping it whole; returns where it is now."""
    number = 1
    while os.path.lexists(f"{folder.parent / ASIDE}-{number}"):
        number += 1
    return folder.rename(f"{folder.parent / ASIDE}-{number}")


def remove(folder: Path) -> None:
    """Delete a folder that is ours; its name is free at once even when deleting takes long or is interrupted."""
    folder.rename(folder.with_name(f"{_DOOMED}-{os.getpid()}"))
    for doomed in folder.parent.glob(f"{_DOOMED}-*"):
        shutil.rmtree(doomed)


def understood(error: OSError, log: Path) -> SetupError:
    """The SetupError that names the fix for an OSError."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return SetupError("install.no_space", detail=str(error), log=log)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupError("install.no_permission", detail=str(error), log=log)
    return SetupError("install.failed", detail=str(error), log=log)
