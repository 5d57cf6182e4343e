"""The verbs of install.py. `main` reads the command line, runs one verb and returns the exit code.

To add a verb: a function (request) -> exit code in `_VERBS` and a line in the catalogue's `install.usage`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Callable, NamedTuple

from ..errors import Cancelled, SetupError
from .children import hand_over
from .environment import Environment, bring_up, examine, remove
from .fetch import VERSION, fetch_python
from .lock import NAME as LOCK
from .pythons import FETCHED, Python, places, search
from .report import look, show, show_search
from .screen import Screen, terminal

ROOT = Path(__file__).resolve().parents[2]
_USAGE_ERROR = 2


class Request(NamedTuple):
    """One call of install.py. `python` is the interpreter that the user named, '' for the search; `rest` follows the verb."""

    root: Path
    screen: Screen
    python: str
    rest: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """Run `install.py` with `arguments` (without the program's name)."""
    options, verb, rest = _split(arguments)
    screen = terminal("--yes" in options or "--yes" in rest)
    python = options.get("--python", "")
    if verb not in _VERBS:
        screen.say("install.usage")
        return 0 if verb in ("", "help", "-h", "--help") else _USAGE_ERROR
    request = Request(ROOT, screen, python, tuple(word for word in rest if word != "--yes"))
    try:
        return _VERBS[verb](request)
    except SetupError as error:
        screen.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        screen.line("")
        screen.say("install.stopped")
        return Cancelled.exit_code


def _split(arguments: Sequence[str]) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Options before the verb, the verb ('' without one), all that follows it."""
    options: dict[str, str] = {}
    words = list(arguments)
    while words and words[0] in ("--yes", "--python"):
        option = words.pop(0)
        options[option] = words.pop(0) if option == "--python" and words else ""
    return options, words[0] if words else "", tuple(words[1:])


def _set_up(request: Request, extras: tuple[str, ...]) -> Environment:
    """The environment, ready with `extras`."""
    environment = Environment(request.root)
    condition = examine(environment, extras)
    if condition.state != "ready":
        keep = condition.state == "outdated" and condition.stamp is not None
        base = Python(str(environment.python), condition.stamp.python) if keep and condition.stamp else _base(request)
        bring_up(environment, extras, base, request.screen)
    return environment


def _base(request: Request) -> Python:
    """A Python for a new environment: found, or fetched after consent."""
    where = places(request.root)
    found = search(where, request.python)
    if found.chosen is None:
        show_search(found, request.screen)
        if request.python or not request.screen.ask("install.ask_fetch", version=VERSION, folder=request.root / FETCHED):
            raise SetupError("install.no_python", version=VERSION)
        fetch_python(request.root, request.screen)
        found = search(where)
    if found.chosen is None:
        raise SetupError("install.fetch_failed", log=request.root / FETCHED / "fetch.log")
    return found.chosen


def _demo(request: Request) -> int:
    environment = _set_up(request, ())
    return hand_over([str(environment.python), "-I", "-m", "core", "demo", *request.rest])


def _test(request: Request) -> int:
    """The suite; without further arguments the linter and the type checker before it, so that pytest has the last word."""
    python = str(_set_up(request, ("test",)).python)
    checks = [] if request.rest else [["ruff", "check", "."], ["mypy"]]
    failed = [check[0] for check in checks if hand_over([python, "-m", *check], request.root)]
    code = hand_over([python, "-m", "pytest", *request.rest], request.root)
    if failed:
        request.screen.say("install.checks_failed", checks=", ".join(failed))
    return code or int(bool(failed))


def _check(request: Request) -> int:
    report = look(request.root)
    show(report, request.screen)
    return 0 if report.ready else SetupError.exit_code


def _uninstall(request: Request) -> int:
    """Delete what the other verbs made in the checkout, and only that."""
    environment = Environment(request.root)
    ours = [request.root / FETCHED, request.root / LOCK]
    if environment.stamp() is not None:
        ours.insert(0, environment.folder)
    elif os.path.lexists(environment.folder):
        request.screen.say("install.not_ours", folder=environment.folder)
    present = [path for path in ours if path.exists()]
    if not present:
        request.screen.say("install.nothing_to_remove")
        return 0
    for path in present:
        request.screen.line(f"  {path}")
    if not request.screen.ask("install.ask_remove"):
        raise SetupError("install.not_removed")
    for path in present:
        if path.is_dir():
            remove(path)
        else:
            path.unlink()
    request.screen.say("install.removed")
    return 0


_VERBS: dict[str, Callable[[Request], int]] = {"demo": _demo, "test": _test, "check": _check, "uninstall": _uninstall}
