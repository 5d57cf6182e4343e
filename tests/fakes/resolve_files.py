"""Made-up traces of an installed DaVinci Resolve and of Pythons on a Mac, as files below a machine's root and home."""

from __future__ import annotations

import plistlib
from pathlib import Path

from core.setup.machine import Machine, log_folders

BUNDLE = "com.blackmagic-design.DaVinciResolve"


def mac_app(machine: Machine, place: str = "DaVinci Resolve/DaVinci Resolve.app", version: str = "20.2.1", bundle: str = BUNDLE) -> Path:
    """An application bundle below /Applications."""
    app = machine.root / "Applications" / place
    (app / "Contents").mkdir(parents=True)
    facts = {"CFBundleIdentifier": bundle, "CFBundleShortVersionString": version, "CFBundleName": "DaVinci Resolve"}
    (app / "Contents" / "Info.plist").write_bytes(plistlib.dumps(facts))
    return app


def log_line(machine: Machine, *products: str, name: str = "ResolveDebug.txt") -> Path:
    """Resolve's log, one start a product, for example 'DaVinci Resolve Studio v21.0.4.0005'."""
    folder = log_folders(machine)[0]
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"[0x1] | Main | INFO  | 2026-08-11 13:32:02,593 | Running {product} (macOS/Clang arm64)" for product in products]
    (folder / name).write_text("\n".join(["noise", *lines, "noise"]), "utf-8")
    return folder / name


def linux_app(machine: Machine) -> Path:
    """/opt/resolve/bin/resolve."""
    program = machine.root / "opt" / "resolve" / "bin" / "resolve"
    program.parent.mkdir(parents=True)
    program.touch()
    return program


def mac_python(home: Path, minor: int = 12, library: bool = True) -> Path:
    """A Python's home folder: bin/python3 and, unless it is a static build, its shared library."""
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python3").touch()
    (home / "lib").mkdir()
    if library:
        (home / "lib" / f"libpython3.{minor}.dylib").touch()
    return home
