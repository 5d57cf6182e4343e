"""Whether Workspace > Scripts will show our entry in a given Resolve, and why not.

The editions differ (release notes and reports up to 21.1): free lists Python entries up to 21.0.4, has windows and outside control up to
19.0; Studio has everything; the App Store builds are sandboxed and cannot start an engine. A new rule is a line in `_rules`.
"""

from __future__ import annotations

from typing import NamedTuple

from .launcher import Launcher
from .mac_python import MenuPython
from .resolve_app import FREE, STUDIO, ResolveApp

OLDEST = (18, 5)
FREE_WITHOUT_WINDOW = (19, 1)
FREE_WITHOUT_PYTHON = (21, 1)
YES, NO, UNSURE = "yes", "no", "unsure"


class Verdict(NamedTuple):
    """`appears` is yes, no or unsure; `reasons` are catalogue keys in the order to be read."""

    appears: str
    reasons: tuple[str, ...]


def verdict(app: ResolveApp, launcher: Launcher, python: MenuPython | None) -> Verdict:
    """Whether `app` will list the entry. `python` is what macOS gives to menu scripts, None on other systems."""
    met = [(appears, reason) for holds, appears, reason in _rules(app, launcher, python) if holds]
    answers = {appears for appears, _ in met}
    appears = NO if NO in answers else UNSURE if UNSURE in answers else YES
    return Verdict(appears, tuple(reason for one, reason in met if one in (appears, "")) or ("install.menu.fine",))


def _rules(app: ResolveApp, launcher: Launcher, python: MenuPython | None) -> tuple[tuple[bool, str, str], ...]:
    """(condition, what it means for the entry, reason); '' is a remark on an entry that does appear."""
    version, new = app.version[:2], app.version[:2] >= FREE_WITHOUT_PYTHON
    objection = python.objection if python else ""
    return (
        (app.app_store, NO, "install.menu.app_store"),
        (bool(version) and version < OLDEST, NO, "install.menu.too_old"),
        (app.edition == FREE and new, NO, "install.menu.free_without_python"),
        (launcher.state == "absent", NO, "install.menu.not_deployed"),
        (launcher.state in ("edited", "foreign"), UNSURE, "install.menu.not_ours"),
        (bool(objection) and not new, NO, objection),
        (bool(objection) and new and app.edition != FREE, UNSURE, "install.menu.own_python"),
        (app.edition not in (FREE, STUDIO) and (new or not version), UNSURE, "install.menu.edition_unknown"),
        (app.edition == FREE and bool(version) and not new and version >= FREE_WITHOUT_WINDOW, "", "install.menu.no_window"),
    )
