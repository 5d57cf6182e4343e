# ruff: noqa: N802 - methods carry the names of the real API
"""Fusion's window toolkit, as far as scripts use it: widgets are bags of properties, a test clicks by pushing events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .proxy import FakeObject


class Widget:
    """A widget: any property can be read and set; lists of combo boxes are kept."""

    def __init__(self, kind: str, props: dict[str, Any], children: list[Widget]) -> None:
        self.__dict__.update(kind=kind, children=children, entries=[], CurrentIndex=0, Text="", Checked=False, Enabled=True, Visible=True)
        self.__dict__.update(props)

    def AddItem(self, text: str) -> None:
        self.entries.append(text)

    def Clear(self) -> None:
        self.entries.clear()

    def walk(self) -> list[Widget]:
        """This widget and all inside."""
        return [self, *(inner for child in self.children for inner in child.walk())]


class Handlers:
    """win.On: an attribute or key for every id, on which handlers are set."""

    def __init__(self) -> None:
        self.__dict__["table"] = {}

    def __getattr__(self, name: str) -> Handlers:
        return self.table.setdefault(name, Handlers())

    def __getitem__(self, name: str) -> Handlers:
        return self.table.setdefault(name, Handlers())

    def __setattr__(self, name: str, value: Any) -> None:
        self.table[name] = value


class FakeWindow(FakeObject):
    """A window."""

    class_name = "Window"

    def do_Show(self) -> None:
        self._node["shown"] = True

    def do_Hide(self) -> None:
        self._node["shown"] = False

    def do_Raise(self) -> None:
        self._node["raised"] = True

    def do_Find(self, name: str) -> Widget | None:
        return self.do_GetItems().get(name)

    def do_GetItems(self) -> dict[str, Widget]:
        return {widget.ID: widget for root in self._node["roots"] for widget in root.walk() if hasattr(widget, "ID")}

    def do_RecalcLayout(self) -> None:
        return None

    def do_On(self) -> Handlers:
        return self._node["on"]


class FakeUIManager(FakeObject):
    """Makes widgets."""

    class_name = "UIManager"

    def _make(self, kind: str, args: tuple[Any, ...]) -> Widget:
        props = next((one for one in args if isinstance(one, dict)), {})
        children = next((one for one in args if isinstance(one, list)), [])
        return Widget(kind, props, children)

    def do_FindWindow(self, name: str) -> FakeWindow | None:
        node = self._host.windows.get(name)
        return FakeWindow(self._host, node) if node else None


def _maker(kind: str) -> Callable[..., Widget]:
    return lambda self, *args: self._make(kind, args)


for _kind in ("VGroup", "HGroup", "Label", "Button", "CheckBox", "ComboBox", "SpinBox", "LineEdit", "TextEdit", "VGap", "HGap"):
    setattr(FakeUIManager, f"do_{_kind}", _maker(_kind))


class FakeDispatcher(FakeObject):
    """Runs the events that the test has queued, one for every step; one that answers False waits for its time."""

    class_name = "UIDispatcher"

    def do_AddWindow(self, props: dict[str, Any], children: Any) -> FakeWindow:
        roots = children if isinstance(children, list) else [children]
        node = {"props": props, "roots": roots, "on": Handlers(), "shown": False}
        self._host.windows[props["ID"]] = node
        return FakeWindow(self._host, node)

    def do_StepLoop(self, wait: bool = False) -> bool:
        if self._host.ui_events and self._host.ui_events[0](self._host) is not False:
            self._host.ui_events.pop(0)
        return True

    def do_RunLoop(self) -> int:
        self._host.loop_exit = False
        while not self._host.loop_exit and self._host.ui_events:
            self.do_StepLoop()
        return 0

    def do_ExitLoop(self, code: int = 0) -> None:
        self._host.loop_exit = True


def click(name: str, text: str = "") -> Callable[[Any], bool]:
    """An event for `host.ui_events`: press a button of the newest window once it is enabled and, if given, reads `text`."""

    def press(host: Any) -> bool:
        window = list(host.windows.values())[-1]
        widget = next((one for root in window["roots"] for one in root.walk() if getattr(one, "ID", None) == name), None)
        handler = window["on"].table.get(name, Handlers()).table.get("Clicked")
        if widget is None or handler is None or not widget.Enabled or (text and widget.Text != text):
            return False
        handler({"who": name})
        return True

    return press


def choose(name: str, **props: Any) -> Callable[[Any], None]:
    """An event that sets properties of a widget, as a user would."""

    def change(host: Any) -> None:
        for root in list(host.windows.values())[-1]["roots"]:
            for widget in root.walk():
                if getattr(widget, "ID", None) == name:
                    widget.__dict__.update(props)

    return change
