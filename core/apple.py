"""The table of Apple's names that this project uses, `data/apple_names.toml`, and the question whether this Mac has them.

Apple's lines cannot be run where most of this is written, so every class, selector, function and constant stands in one table that tests hold
against the code that uses it and against the published wheels. A new use: a row there.
"""

from __future__ import annotations

import ctypes
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from .audio.accelerate import FRAMEWORK

Kind = Literal["functions", "methods", "constants"]
KINDS: tuple[Kind, ...] = ("functions", "methods", "constants")
_FILE = Path(__file__).parent / "data" / "apple_names.toml"
_C_LIBRARIES = {"Accelerate": FRAMEWORK}


@dataclass(frozen=True, slots=True)
class AppleName:
    """One name: of a `module` that the wheel `package` holds ('' for a C library of the system); a method's is 'Class selector:'."""

    module: str
    kind: Kind
    name: str
    signature: str
    package: str


@cache
def apple_names() -> tuple[AppleName, ...]:
    """The whole table, in its order."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        AppleName(module, kind, name, signature, table["package"])
        for module, table in tables.items()
        for kind in KINDS
        for name, signature in table.get(kind, {}).items()
    )


def missing_names() -> Iterator[tuple[AppleName, str]]:
    """Every name that this machine has not, with what was said when it was asked for; away from macOS that is all of them."""
    for name in apple_names():
        try:
            _look_up(name)
        except Exception as error:  # pyobjc raises what it likes
            yield name, f"{type(error).__name__}: {error}"


def _look_up(name: AppleName) -> None:
    """Raises ImportError, OSError, AttributeError or whatever pyobjc does when the name is not there."""
    if name.module in _C_LIBRARIES:
        getattr(ctypes.CDLL(_C_LIBRARIES[name.module]), name.name)
        return
    module: Any = import_module(name.module)
    if name.kind != "methods":
        getattr(module, name.name)
        return
    owner, selector = name.name.split(" ")
    found = getattr(module, owner)
    if not (found.instancesRespondToSelector_(selector) or found.respondsToSelector_(selector)):
        raise AttributeError(f"{owner} does not respond to {selector}")
