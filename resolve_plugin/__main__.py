"""`python -m resolve_plugin`: the same run from outside Resolve, on Studio with external scripting set to Local.

python -m resolve_plugin [key=value ...]      for example register=both range=in_out render=burn film_codec=h265
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from .console import write_line
from .errors import PluginError
from .messages import system_language
from .session import run

_STATUS_CODES = {"placed": 0, "skipped": 0, "cancelled": 130, "refused": 3}
_FILM_MISSING = ("failed", "cancelled", "by_hand")
_LOCATIONS = {
    "darwin": (
        "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting",
        "/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/Libraries/Fusion/fusionscript.so",
    ),
    "win32": (
        os.path.expandvars(r"%PROGRAMDATA%\Blackmagic Design\DaVinci Resolve\Support\Developer\Scripting"),
        r"C:\Program Files\Blackmagic Design\DaVinci Resolve\fusionscript.dll",
    ),
    "linux": ("/opt/resolve/Developer/Scripting", "/opt/resolve/libs/Fusion/fusionscript.so"),
}


def connect() -> Any:
    """The running Resolve. Raises PluginError `external.no_module` or `external.refused`."""
    api, library = _LOCATIONS.get(sys.platform, _LOCATIONS["linux"])
    os.environ.setdefault("RESOLVE_SCRIPT_API", api)
    os.environ.setdefault("RESOLVE_SCRIPT_LIB", library)
    sys.path.append(os.path.join(os.environ["RESOLVE_SCRIPT_API"], "Modules"))
    try:
        module = importlib.import_module("DaVinciResolveScript")
    except ImportError as error:
        raise PluginError("external.no_module", detail=str(error), path=sys.path[-1]) from error
    resolve = module.scriptapp("Resolve")
    if resolve is None:
        raise PluginError("external.refused")
    return resolve


def main(arguments: list[str]) -> int:
    """Run once; the exit status says how it ended: 0 placed, 1 taken back, resumable or without its film, 3 refused, 130 cancelled."""
    settings: dict[str, Any] = dict(one.split("=", 1) for one in arguments if "=" in one)
    try:
        resolve = connect()
    except PluginError as error:
        language = system_language()
        write_line(f"{error.message(language)}\n{error.hint(language)}")
        return 3
    result = run(resolve, settings=settings)
    return 1 if result.film.get("status") in _FILM_MISSING else _STATUS_CODES.get(result.status, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
