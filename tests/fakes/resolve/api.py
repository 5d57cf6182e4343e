"""The documented scripting API as data: which class has which call, with how many arguments, since which version.

A newer Resolve is added by extending `api.json`; the fake then grows the calls by itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Version = tuple[int, int, int]
_TYPE_WORDS = re.compile(r"[A-Za-z]+")
_SETTING_CALLS = {"GetSetting": 0, "SetSetting": 0}


@cache
def _data() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "api.json").read_text("utf-8"))


@cache
def _calls(version: Version) -> dict[str, dict[str, Any]]:
    """{class: {call: entry}} of one version, calls in alphabetical order. Kept, because every call of a fake asks for it."""
    return {
        class_name: {name: entry for name, entry in sorted(entries.items()) if tuple(entry["since"]) <= version}
        for class_name, entries in _data()["classes"].items()
    }


@cache
def _type_words(kind: str) -> tuple[str, ...]:
    return tuple(_TYPE_WORDS.findall(kind))


@dataclass(frozen=True)
class Api:
    """The API of one version."""

    version: Version

    def methods(self, class_name: str) -> list[str]:
        """Names that `dir()` shows on an object of this class."""
        return list(_calls(self.version)[class_name])

    def entry(self, class_name: str, name: str) -> dict[str, Any] | None:
        """The documented call, or None when this version lacks it."""
        return _calls(self.version)[class_name].get(name)

    def constant(self, name: str) -> float | None:
        """The value of resolve.<name>, or None when this version lacks it."""
        entry = _data()["constants"].get(name)
        return entry["value"] if entry and self._exists(entry["since"]) else None

    def complaints(self, class_name: str, name: str, args: tuple[Any, ...]) -> list[str]:
        """What is wrong with a call by the documentation: existence, argument count, dict keys, fixed words, setting names."""
        entry = self.entry(class_name, name)
        if entry is None:
            return [f"{class_name}.{name} does not exist in {self.version}"]
        low, high = entry["args"]
        if len(args) < low or (high is not None and len(args) > high):
            return [f"{class_name}.{name} takes {low} to {high} arguments, got {len(args)}"]
        if not args:
            return []
        found = []
        for kind, value in zip(entry.get("types", ()), args):  # noqa: B905 - also runs on Python 3.9
            found += [f"{class_name}.{name}: {text}" for text in self._check(kind, value)]
        if name in _SETTING_CALLS and args and args[0] not in _settings(class_name):
            found.append(f"{class_name}.{name}: no setting is called {args[0]!r}")
        return found

    def _check(self, kind: str, value: Any) -> list[str]:
        if isinstance(value, list):
            return [text for one in value for text in self._check(kind, one)]
        names = _type_words(kind)
        if isinstance(value, dict):
            return self._check_keys(names, value)
        for name in names:
            words = _data()["literals"].get(name)
            if words is not None and isinstance(value, str) and value not in words and f"'{value}'" not in kind:
                return [f"{value!r} is not a {name}"]
        if "TimelineExport" in kind and (isinstance(value, bool) or not isinstance(value, (int, float))):
            return [f"{value!r} is not a resolve.EXPORT_ constant"]
        if kind == "int" and not isinstance(value, int):
            return [f"{value!r} is not an int"]
        return []

    def _check_keys(self, names: tuple[str, ...], value: dict[str, Any]) -> list[str]:
        for name in names:
            keys = _data()["dicts"].get(name)
            if keys is not None:
                return [f"{name} has no key {key!r} in {self.version}" for key in value if key not in keys or not self._exists(keys[key])]
        return []

    def _exists(self, since: list[int]) -> bool:
        return tuple(since) <= self.version


@cache
def _settings(class_name: str) -> frozenset[str]:
    lists = _data()["lists"]
    return frozenset(lists["TimelineSettings"] if class_name == "Timeline" else lists["ProjectSettings_subset"])


def neutral(returns: str) -> Any:
    """What a documented call without modelled behaviour answers."""
    for start, value in (("bool", False), ("list", []), ("dict", {}), ("str", ""), ("int", 0), ("float", 0.0)):
        if returns.startswith(start):
            return type(value)(value)
    return None
