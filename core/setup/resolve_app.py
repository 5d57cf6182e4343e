"""Which DaVinci Resolve is installed: edition, version, where from. Read from files alone; nothing is started.

macOS: Info.plist has the version and tells the App Store builds by their bundle id; free and Studio share one id when downloaded from
Blackmagic, so the edition comes from Resolve's own log ("Running DaVinci Resolve Studio v21.0.4.0005") or from a folder called Studio.
Linux and Windows: the log, else (Linux) the version file beside it. To learn from another file, add it to `_last_start`.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .machine import Machine, log_folders

FREE, STUDIO, UNKNOWN = "free", "studio", "unknown"
_BUNDLE = "com.blackmagic-design.DaVinciResolve"
_APP_STORE = {f"{_BUNDLE}Lite": FREE, f"{_BUNDLE}AppStore": STUDIO}
_STARTED = re.compile(rb"Running DaVinci Resolve( Studio)? v(\d+)\.(\d+)\.(\d+)")
_VERSION_FILE = re.compile(r"Resolve\.Version\s*=\s*(\d+)\.(\d+)\.(\d+)")
_LOG_NAMES = ("davinci_resolve.log*", "ResolveDebug.txt*")
_LOG_BYTES = 8_000_000

Version = tuple[int, ...]  # empty where nothing says


class ResolveApp(NamedTuple):
    """One installed Resolve. `version` is (major, minor, patch), empty when unknown."""

    path: Path
    edition: str
    version: Version
    app_store: bool

    @property
    def label(self) -> str:
        """'DaVinci Resolve Studio 21.1.0', as far as it is known."""
        name = "DaVinci Resolve Studio" if self.edition == STUDIO else "DaVinci Resolve"
        return " ".join([name, ".".join(map(str, self.version))]).strip()


def find_resolves(machine: Machine) -> tuple[ResolveApp, ...]:
    """Every Resolve found, downloaded builds first."""
    started = _last_start(machine)
    finders = {"darwin": _on_mac, "win32": _on_windows}
    found = finders.get(machine.platform, _on_linux)(machine, started)
    return tuple(sorted(found, key=lambda app: (app.app_store, str(app.path))))


def _on_mac(machine: Machine, started: tuple[str, Version]) -> Iterator[ResolveApp]:
    for folder in (machine.root / "Applications", machine.home / "Applications"):
        for path in sorted({*folder.glob("DaVinci Resolve*.app"), *folder.glob("DaVinci Resolve*/DaVinci Resolve*.app")}):
            facts = _info(path)
            bundle = str(facts.get("CFBundleIdentifier", ""))
            if not bundle.startswith(_BUNDLE):
                continue
            version = _version(str(facts.get("CFBundleShortVersionString") or facts.get("CFBundleVersion", "")))
            named = any("Studio" in str(facts.get(key, "")) for key in ("CFBundleName", "CFBundleDisplayName"))
            studio = named or "Studio" in path.name or "Studio" in path.parent.name
            edition = _APP_STORE.get(bundle) or (STUDIO if studio else started[0])
            yield ResolveApp(path, edition, version or started[1], bundle in _APP_STORE)


def _on_windows(machine: Machine, started: tuple[str, Version]) -> Iterator[ResolveApp]:
    for folder in ("DaVinci Resolve", "DaVinci Resolve Studio"):
        path = Path(machine.environ.get("PROGRAMFILES", r"C:\Program Files")) / "Blackmagic Design" / folder / "Resolve.exe"
        if path.is_file():
            yield ResolveApp(path, STUDIO if folder.endswith("Studio") else started[0], started[1], False)


def _on_linux(machine: Machine, started: tuple[str, Version]) -> Iterator[ResolveApp]:
    for folder in ("opt/resolve", "home/resolve"):
        path = machine.root / folder / "bin" / "resolve"
        if path.is_file():
            yield ResolveApp(path, started[0], started[1] or _version_file(machine), False)


def _info(app: Path) -> dict[str, Any]:
    try:
        facts = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    except (OSError, ValueError, plistlib.InvalidFileException):
        return {}
    return facts if isinstance(facts, dict) else {}


def _version(text: str) -> Version:
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(number or 0) for number in numbers.groups()) if numbers else ()


def _last_start(machine: Machine) -> tuple[str, Version]:
    """Edition and version that the newest log line about a start names, or (UNKNOWN, ())."""
    logs = [log for folder in log_folders(machine) for name in _LOG_NAMES for log in folder.glob(name) if log.is_file()]
    for log in sorted(logs, key=lambda one: one.stat().st_mtime, reverse=True):
        try:
            with log.open("rb") as file:
                starts = _STARTED.findall(file.read(_LOG_BYTES))
        except OSError:
            continue
        if starts:
            studio, *version = starts[-1]
            return STUDIO if studio else FREE, tuple(int(number) for number in version)
    return UNKNOWN, ()


def _version_file(machine: Machine) -> Version:
    try:
        text = (log_folders(machine)[0].parent / "configs" / ".version").read_text("utf-8", "replace")
    except OSError:
        return ()
    found = _VERSION_FILE.search(text)
    return tuple(int(number) for number in found.groups()) if found else ()
