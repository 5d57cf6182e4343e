# ruff: noqa: N999 - the file name is the entry in the menu
"""Workspace > Scripts > Canto-Beats Subtitles. The only file in Resolve's Scripts folder; install.py fills in the two paths."""

import builtins
import sys
from typing import Any

ENGINE_PYTHON = "@ENGINE_PYTHON@"
PLUGIN_FOLDER = "@PLUGIN_FOLDER@"


def given(name: str) -> Any:
    """What the host put into this script's names."""
    return globals().get(name, getattr(builtins, name, None))


def main() -> None:
    sys.stdout.write("Canto-Beats ...\n")
    sys.stdout.flush()
    if PLUGIN_FOLDER not in sys.path:
        sys.path.insert(0, PLUGIN_FOLDER)
    for name in [one for one in sys.modules if one.split(".")[0] == "resolve_plugin"]:
        del sys.modules[name]  # after an update the host may still hold the old one
    try:
        from resolve_plugin.session import run
    except ImportError as error:
        sys.stdout.write("Canto-Beats: %r. Run install.py again.\n" % error)  # noqa: UP031 - old Pythons read this far
        return
    resolve = given("resolve") or (given("app") and given("app").GetResolve())
    if resolve is None:
        sys.stdout.write("Canto-Beats: start this from Workspace > Scripts inside DaVinci Resolve.\n")
        return
    run(resolve, given("fusion") or given("fu"), given("bmd"), {"engine_python": ENGINE_PYTHON})


main()
