"""The looks of `data/ass_styles.toml`, scaled to a picture. To add one, add a table there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import InputError

_FILE = Path(__file__).parent.parent / "data" / "ass_styles.toml"
LANDSCAPE, PORTRAIT = (1920, 1080), (1080, 1920)


@dataclass(frozen=True, slots=True)
class Look:
    """One style in pixels of a picture `height` high; colours are RRGGBB or RRGGBBAA. `second` is the smaller line of a bilingual look."""

    height: int
    font: str
    size: float
    colour: str
    outline: float
    outline_colour: str
    shadow: float
    shadow_colour: str
    spacing: float
    margin_v: float
    margin_h: float
    bold: bool = False
    box: bool = False
    portrait: bool = False
    second: Look | None = None

    def scaled(self, height: int) -> Look:
        """The same look in a picture of another height; every length grows with it."""
        factor = height / self.height
        lengths = ("size", "outline", "shadow", "spacing", "margin_v", "margin_h")
        changed = {name: round(getattr(self, name) * factor, 2) for name in lengths}
        return replace(self, height=height, second=self.second and self.second.scaled(height), **changed)


@cache
def looks() -> dict[str, Look]:
    """All looks by name."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: _look(table) for name, table in tables.items()}


def _look(table: dict[str, Any]) -> Look:
    own = {field.name: table[field.name] for field in fields(Look) if field.name in table and field.name != "second"}
    second = _look({**table, **table["second"], "second": None}) if table.get("second") else None
    return Look(**own, second=second)


def look(name: str) -> Look:
    """The look called `name`. Raises InputError `formats.unknown_style`."""
    if name not in looks():
        raise InputError("formats.unknown_style", style=name, names=", ".join(looks()))
    return looks()[name]
