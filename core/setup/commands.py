"""The verbs of install.py. `main` reads the command line, runs one verb (`install` without one) and returns the exit code.

To add a verb: a function (request) -> exit code in `_VERBS` and a line in the catalogue's `install.usage`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Callable, NamedTuple

from ..errors import Cancelled, SetupError
from .children import hand_over
from .environment import Environment, bring_up, examine, understood
from .fetch import VERSION, fetch_python
from .host import look_at_host, show_host, show_python_fix
from .install_verb import Kit, command_of, install
from .machine import Machine, app_folder, this_machine
from .permanent import EXTRAS, Permanent, current
from .pythons import FETCHED, Python, places, search
from .removal import belongings, remove_all, show_belongings
from .report import look, show, show_search
from .screen import Screen, terminal

ROOT = Path(__file__).resolve().parents[2]
_USAGE_ERROR = 2
# A file's tests share what is dear to make, so they stay together; more than four processes would want more memory than a laptop has.
_WHOLE_SUITE = ("-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile")
_FROM_SOURCE = ("install", "demo", "test")


class Request(NamedTuple):
    """One call of install.py. `python` is the interpreter that the user named, '' for the search; `rest` follows the verb."""

    root: Path
    machine: Machine
    screen: Screen
    python: str
    rest: tuple[str, ...]


def main(arguments: Sequence[str], machine: Machine | None = None) -> int:
    """Run `install.py` with `arguments` (without the program's name) on `machine`, by default this one."""
    options, verb, rest = _split(arguments)
    screen = terminal("--yes" in options or "--yes" in rest)
    python = options.get("--python", "")
    if verb not in _VERBS:
        screen.say("install.usage")
        return 0 if verb in ("help", "-h", "--help") else _USAGE_ERROR
    request = Request(ROOT, machine or this_machine(), screen, python, tuple(word for word in rest if word != "--yes"))
    try:
        if verb in _FROM_SOURCE and not is_checkout(ROOT):
            raise SetupError("install.no_source", folder=ROOT)
        return _VERBS[verb](request)
    except SetupError as error:
        screen.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        screen.line("")
        screen.say("install.stopped")
        return Cancelled.exit_code


def _split(arguments: Sequence[str]) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Options before the verb, the verb, all that follows it."""
    options: dict[str, str] = {}
    words = list(arguments)
    while words and words[0] in ("--yes", "--python"):
        option = words.pop(0)
        options[option] = words.pop(0) if option == "--python" and words else ""
    return options, words[0] if words else "install", tuple(words[1:])


def _set_up(request: Request, extras: tuple[str, ...]) -> Environment:
    """The environment, ready with `extras`."""
    environment = Environment(request.root)
    condition = examine(environment, extras)
    if condition.state != "ready":
        keep = condition.state == "outdated" and condition.stamp is not None
        base = Python(str(environment.python), condition.stamp.python) if keep and condition.stamp else _base(request, request.root)
        bring_up(environment, extras, base, request.screen)
    return environment


def _base(request: Request, place: Path) -> Python:
    """A Python for a new environment in `place`: found, or fetched there after consent."""
    where = places(place, request.root if place != request.root else None)
    found = search(where, request.python)
    if found.chosen is None:
        show_search(found, request.screen)
        if request.python or not request.screen.ask("install.ask_fetch", version=VERSION, folder=place / FETCHED):
            raise SetupError("install.no_python", version=VERSION)
        fetch_python(request.root, place, request.screen)
        found = search(where)
    if found.chosen is None:
        raise SetupError("install.fetch_failed", log=place / FETCHED / "fetch.log")
    return found.chosen


def _install(request: Request) -> int:
    """The permanent engine and the entry in Resolve's menu."""
    install(Kit(request.root, request.machine, request.screen, lambda place: _base(request, place)))
    return 0


def _demo(request: Request) -> int:
    environment = _set_up(request, ())
    return hand_over([str(environment.python), "-I", "-m", "core", "demo", *request.rest])


def _test(request: Request) -> int:
    """The suite; without further arguments the linter and the type checker before it, so that pytest has the last word."""
    python = str(_set_up(request, ("test",)).python)
    checks = [] if request.rest else [["ruff", "check", "."], ["mypy"]]
    failed = [check[0] for check in checks if hand_over([python, "-m", *check], request.root)]
    code = hand_over([python, "-m", "pytest", *(request.rest or _WHOLE_SUITE)], request.root)
    if failed:
        request.screen.say("install.checks_failed", checks=", ".join(failed))
    return code or int(bool(failed))


def _check(request: Request) -> int:
    """The environment of the checkout, the permanent engine, then Resolve. Changes nothing."""
    home, ready = app_folder(request.machine), False
    if is_checkout(request.root):
        report = look(request.root)
        show(report, request.screen)
        ready = report.ready
    engine = current(request.root, home)
    request.screen.say(_installed(request, engine), folder=engine.folder if engine else home)
    host = look_at_host(request.machine)
    show_host(host, command_of(home), request.screen)
    show_python_fix(request.machine, host, request.screen)
    return 0 if ready or (engine is not None and engine.answers()) else SetupError.exit_code


def _installed(request: Request, engine: Permanent | None) -> str:
    """Catalogue key of the permanent engine's state."""
    if engine is None:
        return "install.check.not_installed"
    if not engine.answers():
        return "install.check.broken"
    if is_checkout(request.root) and examine(engine, EXTRAS).state != "ready":
        return "install.check.older"
    return "install.check.installed"


def is_checkout(root: Path) -> bool:
    """Whether this installer runs from a downloaded folder, not from the installed engine."""
    return (root / "pyproject.toml").exists()


def _uninstall(request: Request) -> int:
    """Delete what install.py made, and only that; with --purge models and settings as well."""
    things = belongings(request.root, request.machine, "--purge" in request.rest)
    show_belongings(things, request.screen)
    if not things.ours and not things.purged:
        return 0
    if things.running:
        raise SetupError("install.engine_runs", folder=things.running[0])
    if not request.screen.ask("install.ask_remove"):
        raise SetupError("install.not_removed")
    try:
        remove_all(things, request.machine)
    except OSError as error:
        raise understood(error, app_folder(request.machine)) from error
    request.screen.say("install.removed")
    return 0


_VERBS: dict[str, Callable[[Request], int]] = {
    "install": _install,
    "demo": _demo,
    "test": _test,
    "check": _check,
    "uninstall": _uninstall,
}
