from __future__ import annotations

from pathlib import Path

import pytest

from core.setup.launcher import Launcher
from core.setup.mac_python import MenuPython
from core.setup.menu import NO, UNSURE, YES, verdict
from core.setup.resolve_app import FREE, STUDIO, UNKNOWN, ResolveApp

OURS = Launcher(Path("/s/Canto-Beats Subtitles.py"), "ours")
GOOD = MenuPython("/usr/local", "3.12", "", "")
NONE = MenuPython("", "", "install.python.none", "")


def app(edition: str, *version: int, app_store: bool = False) -> ResolveApp:
    return ResolveApp(Path("/Applications/x.app"), edition, version, app_store)


@pytest.mark.parametrize(
    ("edition", "version", "appears", "reason"),
    [
        (FREE, (18, 6, 6), YES, "install.menu.fine"),
        (FREE, (19, 0, 3), YES, "install.menu.fine"),
        (FREE, (19, 1, 0), YES, "install.menu.no_window"),
        (FREE, (21, 0, 4), YES, "install.menu.no_window"),
        (FREE, (21, 1, 0), NO, "install.menu.free_without_python"),
        (FREE, (22, 0, 0), NO, "install.menu.free_without_python"),
        (STUDIO, (18, 6, 6), YES, "install.menu.fine"),
        (STUDIO, (21, 1, 0), YES, "install.menu.fine"),
        (UNKNOWN, (20, 2, 0), YES, "install.menu.fine"),
        (UNKNOWN, (21, 1, 0), UNSURE, "install.menu.edition_unknown"),
        (UNKNOWN, (), UNSURE, "install.menu.edition_unknown"),
        (STUDIO, (18, 1, 4), NO, "install.menu.too_old"),
    ],
)
def test_the_edition_matrix(edition: str, version: tuple[int, ...], appears: str, reason: str) -> None:
    assert verdict(app(edition, *version), OURS, GOOD) == (appears, (reason,))


def test_the_app_store_build_never_lists_it() -> None:
    assert verdict(app(STUDIO, 20, 2, 0, app_store=True), OURS, GOOD) == (NO, ("install.menu.app_store",))


def test_without_a_python_a_mac_lists_nothing_up_to_21_0_and_nobody_knows_after() -> None:
    assert verdict(app(STUDIO, 20, 2, 0), OURS, NONE) == (NO, ("install.python.none",))
    assert verdict(app(STUDIO, 21, 1, 0), OURS, NONE) == (UNSURE, ("install.menu.own_python",))
    assert verdict(app(STUDIO, 20, 2, 0), OURS, None) == (YES, ("install.menu.fine",))


def test_every_reason_against_it_is_told() -> None:
    missing = Launcher(OURS.path, "absent")
    assert verdict(app(FREE, 21, 1, 0), missing, NONE) == (NO, ("install.menu.free_without_python", "install.menu.not_deployed"))
    edited = Launcher(OURS.path, "edited")
    assert verdict(app(STUDIO, 20, 2, 0), edited, GOOD) == (UNSURE, ("install.menu.not_ours",))
