"""How a call to Resolve is made: one at a time, logged, repeated when it answers nothing, given up with an error that names a fix.

Resolve answers None or False for everything while a dialog is open, and fabricates a callable for any name. So: presence is tested with
`dir()`, answers are tested for their type, and silence is told apart from failure by asking for the current page. Operations are written so
that doing them twice does no harm; `insist` repeats them whole, with every object fetched again, because objects go stale.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from .errors import HostBusyError, HostError, Stopped

T = TypeVar("T")


@dataclass(frozen=True)
class Pauses:
    """Seconds to wait: after a page change, a change of tracks or items, an import; between tries, looks at a silent host, looks at a render.

    The values for pages and edits were measured by others on Resolve 20 and 21: quicker calls crash it.
    """

    page_s: float = 0.5
    edit_s: float = 1.2
    import_s: float = 1.0
    retry_s: float = 0.3
    silence_s: float = 0.5
    render_look_s: float = 0.5
    silent_looks: int = 60
    tries: int = 3


class NoAnswer(Exception):  # noqa: N818 - a turn of the conversation, not a failure
    """A call answered something of the wrong kind; the operation is tried again."""


class Caller:
    """Makes calls for one connection.

    `sleep(seconds)` waits and keeps a window alive; `check()` raises Stopped when the user asked to stop; `busy()` tells the user to look at Resolve.
    """

    def __init__(self, resolve: Any, pauses: Pauses, sleep: Callable[[float], None] = time.sleep) -> None:
        self.resolve = resolve
        self.pauses = pauses
        self.check: Callable[[], None] = lambda: None
        self.busy: Callable[[], None] = lambda: None
        self.log: Callable[[str], None] = lambda line: None
        self.sleep = sleep
        self._finishing = 0

    @contextlib.contextmanager
    def finishing(self) -> Iterator[None]:
        """While cleaning up, a request to stop is not obeyed: what was begun is put in order first."""
        self._finishing += 1
        try:
            yield
        finally:
            self._finishing -= 1

    def pause(self, seconds: float) -> None:
        """Wait; raises Stopped when the user asked to stop."""
        self.sleep(seconds)
        self._check()

    def _check(self) -> None:
        if not self._finishing:
            self.check()

    def raw(self, target: Any, name: str, *args: Any) -> Any:
        """One call; its answer as it is. An exception inside Resolve's bridge counts as no answer."""
        try:
            answer = getattr(target, name)(*args)
        except Stopped:
            raise
        except Exception as error:
            self.log(f"{name}{_short(args)} raised {error!r}")
            raise NoAnswer(name) from error
        self.log(f"{name}{_short(args)} -> {_short(answer)}")
        return answer

    def ask(self, target: Any, name: str, kind: type[T], *args: Any) -> T:
        """One call whose answer must be of `kind` (bool does not pass for int); anything else is no answer."""
        answer = self.raw(target, name, *args)
        if kind is float and isinstance(answer, int) and not isinstance(answer, bool):
            return float(answer)  # type: ignore[return-value]
        if not isinstance(answer, kind) or (isinstance(answer, bool) and kind is not bool):
            raise NoAnswer(name)
        return answer

    def truth(self, target: Any, name: str, *args: Any) -> bool:
        """One call that answers a bool. False is what a refused call answers as well, so it is asked for twice."""
        return self.ask(target, name, bool, *args) or self.ask(target, name, bool, *args)

    def thing(self, target: Any, name: str, *args: Any) -> Any:
        """One call that must answer an object."""
        answer = self.raw(target, name, *args)
        if answer is None or isinstance(answer, (bool, int, str)):
            raise NoAnswer(name)
        return answer

    def things(self, target: Any, name: str, *args: Any) -> list[Any]:
        """One call that answers a list; None counts as empty only while the object still knows who it is."""
        answer = self.raw(target, name, *args)
        if isinstance(answer, (list, tuple)):
            return list(answer)
        if isinstance(answer, dict):
            return [answer[key] for key in sorted(answer)]
        if answer is None and self.none_again(target, name, *args):
            return []
        raise NoAnswer(name)

    def none_again(self, target: Any, name: str, *args: Any) -> bool:
        """True when None is really the answer: the call gives it twice, from an object that is not stale, while the host is alive."""
        self.ask(target, "GetUniqueId", str)
        return self.raw(target, name, *args) is None and self.alive()

    def has(self, target: Any, name: str) -> bool:
        """True when this version has the method; `getattr` would say so for any name."""
        try:
            return name in dir(target)
        except Exception:
            return False

    def alive(self) -> bool:
        """False while a dialog is open or the connection is gone."""
        try:
            return isinstance(self.raw(self.resolve, "GetCurrentPage"), str)
        except NoAnswer:
            return False

    def structural(self) -> None:
        """Call after a change of tracks or items: the next one comes too soon otherwise."""
        self.pause(self.pauses.edit_s)

    def insist(self, operation: str, work: Callable[[], T]) -> T:
        """Do `work` until it answers, `Pauses.tries` times.

        Raises HostBusyError when the host is silent for long, HostError `host.no_answer` when only this operation fails.
        """
        self._check()
        looks_left = self.pauses.silent_looks
        tries_left = self.pauses.tries
        while True:
            try:
                return work()
            except NoAnswer as error:
                name = str(error)
            if not self.alive():
                looks_left = self._wait_for_host(operation, looks_left)
                continue
            tries_left -= 1
            if tries_left <= 0:
                raise HostError("host.no_answer", detail=f"{operation}: {name}", operation=operation)
            self.pause(self.pauses.retry_s)

    def _wait_for_host(self, operation: str, looks_left: int) -> int:
        self.busy()
        while looks_left > 0:
            self.pause(self.pauses.silence_s)
            looks_left -= 1
            if self.alive():
                return looks_left
        raise HostBusyError(operation)


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 120 else f"{shown[:117]}..."


Operation = TypeVar("Operation", bound=Callable[..., Any])


def operation(method: Operation) -> Operation:
    """Mark a method of `HostObjects` as an operation: repeated until Resolve answers, as `Caller.insist` describes."""

    @functools.wraps(method)
    def run(self: HostObjects, *args: Any) -> Any:
        return self.calls.insist(method.__name__, lambda: method(self, *args))

    return cast(Operation, run)


class HostObjects:
    """Finds objects by id, anew for every operation, because objects go stale after undo, project switch or deletion."""

    def __init__(self, calls: Caller) -> None:
        self.calls = calls

    def _project_or_none(self) -> Any:
        for _ in range(2):  # a manager that has gone stale answers None as well
            manager = self.calls.thing(self.calls.resolve, "GetProjectManager")
            project = self.calls.raw(manager, "GetCurrentProject")
            if project is not None and not isinstance(project, bool):
                return project
        if project is None and self.calls.alive():
            return None
        raise NoAnswer("GetCurrentProject")

    def _project(self) -> Any:
        project = self._project_or_none()
        if project is None:
            raise NoAnswer("GetCurrentProject")
        return project

    def _timeline(self, timeline_id: str) -> Any:
        project = self._project()
        current = self.calls.raw(project, "GetCurrentTimeline")
        if current is not None and not isinstance(current, bool) and self.calls.ask(current, "GetUniqueId", str) == timeline_id:
            return current
        for index in range(1, self.calls.ask(project, "GetTimelineCount", int) + 1):
            timeline = self.calls.thing(project, "GetTimelineByIndex", index)
            if self.calls.ask(timeline, "GetUniqueId", str) == timeline_id:
                return timeline
        raise NoAnswer("GetTimelineByIndex")
