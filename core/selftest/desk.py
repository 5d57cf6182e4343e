"""What a probe works with: Resolve's objects, the plugin's operations, a folder, and the record of every call.

A refused or failing call is data, not an end: `Recorder` notes the exception and answers None.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SetupError

if TYPE_CHECKING:
    from resolve_plugin.resolve_calls import Caller

_SHOWN = 2000  # characters of an answer kept in the report


class Options(NamedTuple):
    """`plugin` is the folder that holds resolve_plugin; `engine` the command of an engine, () to leave the whole run out; `pauses` the plugin's."""

    folder: Path
    plugin: Path
    engine: tuple[str, ...] = ()
    pauses: Any = None
    sleep: Callable[[float], None] = time.sleep


class Desk(NamedTuple):
    """`host` has the plugin's operations by name, `calls` single calls to Resolve's objects, `resolve` the root object."""

    resolve: Any
    calls: Caller
    host: Recorder
    options: Options

    @property
    def folder(self) -> Path:
        """Where this run's files go."""
        return self.options.folder

    def call(self, target: Any, name: str, *args: Any) -> Any:
        """One documented call; None when this version lacks it, when the object is None or when it fails. All of it is in the record."""
        missing = "no object to ask" if target is None else "" if self.calls.has(target, name) else "not in this version"
        if missing:
            self.host.note(name, args, 0.0, error=missing)
            return None
        began = time.monotonic()
        try:
            answer = getattr(target, name)(*args)
        except Exception as error:
            self.host.note(name, args, time.monotonic() - began, error=repr(error))
            return None
        self.host.note(name, args, time.monotonic() - began, answer=answer)
        return answer

    @property
    def manager(self) -> Any:
        """The project manager, asked for anew."""
        return self.call(self.resolve, "GetProjectManager")

    @property
    def project(self) -> Any:
        """The open project, asked for anew."""
        return self.call(self.manager, "GetCurrentProject")

    @property
    def pool(self) -> Any:
        """The media pool of the open project."""
        return self.call(self.project, "GetMediaPool")


class Recorder:
    """The plugin's operations with a record: `recorder.page()` runs the operation `page`, and answers None when it fails."""

    def __init__(self, host: Any) -> None:
        self._host = host
        self._record: list[dict[str, Any]] = []
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = getattr(self._host, name)

        def run(*args: Any) -> Any:
            self.seen.add(name)
            began = time.monotonic()
            try:
                answer = operation(*args)
            except Exception as error:
                self.note(name, args, time.monotonic() - began, error=f"{error!r}: {error}")
                return None
            self.note(name, args, time.monotonic() - began, answer=answer)
            return answer

        return run

    def note(self, name: str, args: tuple[Any, ...], seconds: float, **outcome: Any) -> None:
        """Write one line of the record: `answer` or `error`."""
        shown = {key: plain(value) for key, value in outcome.items()}
        self._record.append({"call": name, "args": plain(list(args)), "seconds": round(seconds, 3), **shown})

    def take(self) -> list[dict[str, Any]]:
        """The record since the last time."""
        taken, self._record = self._record, []
        return taken


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: objects by their repr, long texts cut."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value][:500]
    return repr(value)[:_SHOWN]


def plugin_folder() -> Path:
    """The folder that holds resolve_plugin: inside the installed engine, else the checkout. Raises SetupError `selftest.no_plugin`."""
    for folder in (Path(sys.prefix) / "plugin", Path(__file__).resolve().parents[2]):
        if (folder / "resolve_plugin" / "session.py").is_file():
            return folder
    raise SetupError("selftest.no_plugin", folder=Path(sys.prefix) / "plugin")


def open_desk(options: Options, resolve: Any = None) -> Desk:
    """A desk on `resolve`, or on the running Resolve by way of external scripting.

    Raises SetupError `selftest.no_resolve` with the plugin's own explanation.
    """
    if str(options.plugin) not in sys.path:
        sys.path.insert(0, str(options.plugin))
    from resolve_plugin.__main__ import connect
    from resolve_plugin.errors import PluginError
    from resolve_plugin.resolve_api import ResolveHost
    from resolve_plugin.resolve_calls import Caller, Pauses

    if resolve is None:
        try:
            resolve = connect()
        except PluginError as error:
            raise SetupError("selftest.no_resolve", detail=f"{error.message()} {error.hint()}\n{error.detail}".strip()) from error
    calls = Caller(resolve, options.pauses or Pauses(), options.sleep)
    return Desk(resolve, calls, Recorder(ResolveHost(calls)), options)
