"""The view with a window, on editions whose scripts may open one; elsewhere `open_view` answers the console.

The toolkit is Fusion's UIManager. Its timer does not fire for Python scripts in every version, so the session's own loop steps the dispatcher:
`wait` is called many times a second. Every text is in the catalogue.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from .console import Console, progress_line
from .errors import PluginError
from .messages import text
from .resolve_api import ResolveHost
from .timeline_reader import TimelineFacts

WINDOW_ID = "CantoBeatsSubtitles"
_STEP_S = 0.04
_LOG_LINES = 12
_REGISTERS = ("spoken", "written", "both")
_RANGES = ("timeline", "in_out")
_CONFLICTS = ("replace", "new", "skip")
_RENDERS = ("none", "resolve", "burn")
_CODECS = ("h264", "h265")
_STYLES = ("", "hk_broadcast", "hk_box", "kai_drama", "social_9x16", "bilingual")  # the engine's own
_CHOSEN = ("Register", "Range", "Conflict", "Model", "Tracks", "Render", "Codec", "Style", "Folder")


def open_view(host: ResolveHost, fusion: Any, bmd: Any, settings: dict[str, Any]) -> Console:
    """A window where this Resolve gives scripts one, else console lines. Greets before asking Resolve anything."""
    console = Console(settings["language_ui"])
    console.say("session.hello")
    if not settings["window"] or fusion is None or bmd is None or not _may_have_window(host):
        return console
    with contextlib.suppress(Exception):  # whatever a host's toolkit raises, lines always work
        ui = fusion.UIManager
        running = ui.FindWindow(WINDOW_ID) if ui is not None else None
        if running is not None:
            running.Raise()  # the lock will turn this run away; its window comes to the front
            return console
        dispatcher = bmd.UIDispatcher(ui) if ui is not None else None
        if dispatcher is not None and "StepLoop" in dir(dispatcher):
            return Window(settings["language_ui"], fusion, dispatcher)
    return console


def _may_have_window(host: ResolveHost) -> bool:
    """Free editions lost windows in 19.1, and asking for one there opens a notice."""
    try:
        about = host.about()
    except PluginError:
        return False
    return bool(about["studio"]) or about["version"][:2] < [19, 1]


class Window(Console):
    """One window: summary and choices, then progress with Cancel, then the result with Show me."""

    def __init__(self, language: str, fusion: Any, dispatcher: Any) -> None:
        super().__init__(language, self._append)
        self._fusion, self._ui, self._dispatcher = fusion, fusion.UIManager, dispatcher
        self._lines: list[str] = []
        self._pressed = ""
        self._finished = False
        self._window = dispatcher.AddWindow(
            {"ID": WINDOW_ID, "WindowTitle": self._text("window.title"), "Geometry": [200, 120, 560, 620]}, self._layout()
        )
        self._items = self._window.GetItems()
        self._connect()
        self._fill("Register", [self._text(f"register.{one}") for one in _REGISTERS])
        self._fill("Range", [self._text(f"range.{one}") for one in _RANGES])
        self._fill("Conflict", [self._text(f"conflict.{one}") for one in _CONFLICTS])
        self._fill("Render", [self._text(f"render.{one}") for one in _RENDERS])
        self._fill("Codec", [self._text(f"codec.{one}") for one in _CODECS])
        self._fill("Style", [self._text(f"style.{one or 'usual'}") for one in _STYLES])
        self._enable(Start=False, ShowMe=False, Answer1=False, Answer2=False)
        self._window.Show()

    # -- layout

    def _layout(self) -> Any:
        ui = self._ui
        rows = [
            ui.Label({"ID": "Summary", "Text": self._text("window.reading"), "WordWrap": True, "Weight": 0.0}),
            self._row("window.range", ui.ComboBox({"ID": "Range", "Weight": 1.0})),
            self._row("window.register", ui.ComboBox({"ID": "Register", "Weight": 1.0})),
            self._row("window.model", ui.LineEdit({"ID": "Model", "Weight": 1.0})),
            self._row("window.tracks", ui.LineEdit({"ID": "Tracks", "Weight": 1.0})),
            self._row("window.conflict", ui.ComboBox({"ID": "Conflict", "Weight": 1.0})),
            self._row("window.render", ui.ComboBox({"ID": "Render", "Weight": 1.0})),
            self._row("window.codec", ui.ComboBox({"ID": "Codec", "Weight": 1.0})),
            self._row("window.style", ui.ComboBox({"ID": "Style", "Weight": 1.0})),
            self._row("window.folder", ui.LineEdit({"ID": "Folder", "Weight": 1.0})),
            ui.Label({"ID": "Progress", "Text": "", "Weight": 0.0}),
            ui.Label({"ID": "Log", "Text": "", "WordWrap": True, "Weight": 1.0}),
            ui.HGroup({"Weight": 0.0}, [ui.Button({"ID": "Answer1", "Text": ""}), ui.Button({"ID": "Answer2", "Text": ""})]),
            ui.HGroup({"Weight": 0.0}, [ui.Button({"ID": one, "Text": self._text(f"window.{one}")}) for one in ("Start", "ShowMe", "Cancel")]),
        ]
        return [ui.VGroup(rows)]

    def _row(self, label: str, widget: Any) -> Any:
        return self._ui.HGroup({"Weight": 0.0}, [self._ui.Label({"Text": self._text(label), "Weight": 0.4}), widget])

    def _connect(self) -> None:
        events = self._window.On
        for name in ("Start", "ShowMe", "Cancel", "Answer1", "Answer2"):
            events[name].Clicked = self._press(name)
        events[WINDOW_ID].Close = self._press("Cancel")

    def _press(self, name: str) -> Callable[[Any], None]:
        def pressed(_event: Any) -> None:
            self._pressed = name
            if name == "Cancel" and not self.cancelled:
                self.cancelled = True
                if not self._finished:
                    self.say("session.stopping")

        return pressed

    def _fill(self, name: str, entries: Sequence[str]) -> None:
        for entry in entries:
            self._items[name].AddItem(entry)

    def _enable(self, **states: bool) -> None:
        for name, state in states.items():
            self._items[name].Enabled = state

    def _text(self, key: str, **params: Any) -> str:
        return text(key, self.language, **params)

    # -- view

    def settle(self, facts: TimelineFacts, settings: dict[str, Any]) -> dict[str, Any] | None:
        items = self._items
        items["Summary"].Text = self._text(
            "session.summary", name=facts.name, fps=f"{float(facts.rate.fps):.3f}", frames=facts.frames, tracks=len(facts.audio_tracks)
        )
        items["Register"].CurrentIndex = _REGISTERS.index(settings["register"])
        items["Range"].CurrentIndex = _RANGES.index(settings["range"])
        items["Conflict"].CurrentIndex = _CONFLICTS.index(settings["conflict"])
        items["Render"].CurrentIndex = _RENDERS.index(settings["render"])
        items["Codec"].CurrentIndex = _CODECS.index(settings["film_codec"])
        items["Style"].CurrentIndex = _STYLES.index(settings["film_style"]) if settings["film_style"] in _STYLES else 0
        items["Folder"].Text = settings["film_folder"]
        items["Model"].Text = settings["asr_model"]
        items["Tracks"].Text = ", ".join(str(index) for index in settings["audio_tracks"] or [one for one, _, on in facts.audio_tracks if on])
        self._enable(Start=True)
        if self._wait_for("Start") != "Start":
            return None
        self._enable(Start=False, **dict.fromkeys(_CHOSEN, False))
        return {**settings, **self._chosen(facts), **self._chosen_film(settings)}

    def _chosen(self, facts: TimelineFacts) -> dict[str, Any]:
        items = self._items
        numbers = [int(word) for word in str(items["Tracks"].Text).replace(",", " ").split() if word.isdigit()]
        enabled = [index for index, _, on in facts.audio_tracks if on]
        return {
            "register": _REGISTERS[int(items["Register"].CurrentIndex)],
            "range": _RANGES[int(items["Range"].CurrentIndex)],
            "conflict": _CONFLICTS[int(items["Conflict"].CurrentIndex)],
            "asr_model": str(items["Model"].Text).strip() or "auto",
            "audio_tracks": [] if numbers == enabled else numbers,
        }

    def _chosen_film(self, settings: dict[str, Any]) -> dict[str, Any]:
        items = self._items
        folder = os.path.expanduser(str(items["Folder"].Text).strip())
        return {
            "render": _RENDERS[int(items["Render"].CurrentIndex)],
            "film_codec": _CODECS[int(items["Codec"].CurrentIndex)],
            "film_style": _STYLES[int(items["Style"].CurrentIndex)],
            "film_folder": os.path.abspath(folder) if folder else settings["film_folder"],
        }

    def choose(self, question: str, answers: Sequence[str], default: str, **params: Any) -> str:
        self.say(question, **params)
        for name, answer in zip(("Answer1", "Answer2"), answers):
            self._items[name].Text = self._text(f"{question}.{answer}")
        self._enable(Answer1=True, Answer2=True)
        pressed = self._wait_for("Answer1", "Answer2")
        self._enable(Answer1=False, Answer2=False)
        return {"Answer1": answers[0], "Answer2": answers[1]}.get(pressed, default)

    def pick_file(self, question: str, **params: Any) -> str:
        self.say(question, **params)
        try:
            return str(self._fusion.RequestFile() or "")
        except Exception:
            return ""

    def progress(self, stage: str, place: tuple[int, int], fraction: float | None, eta_s: float | None) -> None:
        self._items["Progress"].Text = progress_line(self.language, stage, place, fraction, eta_s)

    def wait(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while True:
            self._step()
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(left_s, _STEP_S))

    def finish(self, lines: Sequence[str], show_me: Callable[[], None] | None) -> None:
        super().finish(lines, show_me)
        if self.cancelled:
            return
        self._items["Cancel"].Text = self._text("window.Close")
        self._finished = True
        self._enable(ShowMe=show_me is not None)
        while self._wait_for("ShowMe") == "ShowMe" and show_me is not None:
            with contextlib.suppress(PluginError):
                show_me()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._window.Hide()

    def _wait_for(self, *names: str) -> str:
        self._pressed = ""
        while True:
            self._step()
            if self._pressed in names or self.cancelled:
                return self._pressed
            time.sleep(_STEP_S)

    def _step(self) -> None:
        with contextlib.suppress(Exception):  # StepLoop raises for events that nobody handles
            self._dispatcher.StepLoop(False)

    def _append(self, line: str) -> None:
        self._lines = [*self._lines, line][-_LOG_LINES:]
        self._items["Log"].Text = "\n".join(self._lines)
