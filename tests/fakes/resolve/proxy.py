"""The objects a script holds: thin handles on state, with the odd manners of the real ones.

`dir()` lists the documented methods; `getattr` answers a callable for any name, which yields None when the name is unknown; constants can be
read but are not listed. Every call goes through `Desk.call`, which counts, checks against the documentation and injects faults.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .api import neutral
from .faults import FakeConnectionError

if TYPE_CHECKING:
    from .host import FakeHost

LONG_MODAL_CALLS = 1_000_000


class FakeObject:
    """A handle on one piece of state. Subclasses set `class_name` and define `do_<Method>`."""

    class_name = ""

    def __init__(self, host: FakeHost, node: Any) -> None:
        self.__dict__.update(_host=host, _node=node, _stale=False)

    def __dir__(self) -> list[str]:
        return self._host.api.methods(self.class_name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        host: FakeHost = self._host
        if self.class_name == "Resolve":
            constant = host.api.constant(name)
            if constant is not None:
                return constant
        entry = host.api.entry(self.class_name, name)
        if entry and entry.get("property"):
            return host.desk.call(self, name, ())
        return lambda *args: host.desk.call(self, name, args)

    def __repr__(self) -> str:
        return f"<{self.class_name}>"


class Desk:
    """Where every call passes: the log, the documentation check, modals, stale handles and injected faults."""

    def __init__(self, host: FakeHost) -> None:
        self.host = host
        self.count = 0
        self.log: list[tuple[str, str, tuple[Any, ...]]] = []
        self.violations: list[str] = []
        self.modal_calls = 0
        self.before: Callable[[int, str], None] = lambda number, call: None

    def names(self) -> list[str]:
        """All calls so far as 'Class.Method'."""
        return [f"{class_name}.{name}" for class_name, name, _ in self.log]

    def call(self, target: FakeObject, name: str, args: tuple[Any, ...]) -> Any:
        """One call by the script."""
        self.count += 1
        self.log.append((target.class_name, name, args))
        label = f"{target.class_name}.{name}"
        self.before(self.count, label)
        complaints = self.host.api.complaints(target.class_name, name, args)
        if complaints:
            self.violations += complaints
            return None
        entry = self.host.api.entry(target.class_name, name)
        fault = self.host.faults.at(self.count, label)
        blocked, answer = self._blocked(target, entry["returns"], fault)
        if blocked:
            return answer
        result = self._perform(target, name, args, entry)
        return None if fault == "lost_answer" else result

    def _blocked(self, target: FakeObject, returns: str, fault: str | None) -> tuple[bool, Any]:
        if fault == "raise":
            raise FakeConnectionError("the connection to the host was lost")
        if fault in ("modal", "long_modal"):
            self.modal_calls = 12 if fault == "modal" else LONG_MODAL_CALLS
        if fault == "stale":
            target.__dict__["_stale"] = True
        if fault in ("none", "false"):
            return True, (None if fault == "none" else False)
        if self.modal_calls > 0:
            self.modal_calls -= 1
            return True, (False if returns == "bool" else None)
        if self.host.closed or target.__dict__["_stale"]:
            return True, None
        return False, None

    def _perform(self, target: FakeObject, name: str, args: tuple[Any, ...], entry: dict[str, Any]) -> Any:
        if entry.get("studio_only") and not self.host.profile.studio:
            self.modal_calls = LONG_MODAL_CALLS
            return False
        method = getattr(type(target), f"do_{name}", None)
        return method(target, *args) if method else neutral(entry["returns"])
