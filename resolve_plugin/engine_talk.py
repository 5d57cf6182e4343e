"""One job with the engine: start it, show its news, do what only Resolve can do when it asks, and bring back the result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .audio_render import RenderWish, render_audio
from .engine import Engine
from .errors import EngineFailedError, PluginError, Stopped
from .jobs import Job
from .rates import timecode
from .resolve_api import ResolveHost
from .timeline_reader import TimelineFacts
from .view import View

_SLICE_S = 0.05


@dataclass
class Talk:
    """A conversation about one job. `settings` are the session's; news of the engine go to the view.

    `folder` is what the engine works in: the job's own, or one inside it that asks for something else.
    """

    host: ResolveHost
    job: Job
    facts: TimelineFacts
    settings: dict[str, Any]
    view: View
    folder: str = ""

    def run(self, command: list[str]) -> dict[str, Any]:
        """The engine's `result` message. Raises Stopped, EngineFailedError, or PluginError `engine.*`."""
        folder = self.folder or self.job.folder
        with Engine(command, os.path.join(folder, "engine.log")) as engine:
            engine.greet()
            engine.send({"type": "run", "job": folder})
            return self._listen(engine)

    def _listen(self, engine: Engine) -> dict[str, Any]:
        heard_s = time.monotonic()
        while True:
            self.view.wait(0.0)
            if self.view.cancelled:
                engine.cancel()
            message = engine.receive(_SLICE_S)
            if message is not None:
                heard_s = time.monotonic()
                if engine.ended:
                    return self._ending(message)
                self._handle(engine, message)
            elif time.monotonic() - heard_s > self.settings["engine_silence_s"]:
                raise PluginError("engine.silent", seconds=int(self.settings["engine_silence_s"]))

    def _ending(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["type"] == "cancelled" or (message["type"] == "error" and self.view.cancelled):
            raise Stopped
        if message["type"] == "error":
            raise EngineFailedError(*(str(message.get(key, "")) for key in ("code", "message", "hint", "detail")))
        return message

    def _handle(self, engine: Engine, message: dict[str, Any]) -> None:
        handler = _NEWS.get(message["type"])
        if message["type"] == "ask":
            engine.send({"type": "reply", "id": message.get("id"), **self._answer(message)})
        elif handler:
            handler(self.view, message)
        else:
            self.host.calls.log(f"unknown message {message['type']!r}")

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        action = {"render_audio": self._render, "locate": self._locate, "jump": self._jump}.get(str(message.get("op")))
        if action is None:
            return {"ok": False, "error": f"unknown op {message.get('op')!r}"}
        params = message.get("params")
        try:
            return {"ok": True, "value": action(params if isinstance(params, dict) else {})}
        except Stopped:
            return {"ok": False, "error": "cancelled"}
        except PluginError as error:
            self.view.show_text(error.message(self.view.language))
            return {"ok": False, "error": str(error)}

    def _render(self, params: dict[str, Any]) -> dict[str, Any]:
        """Route 2; when Resolve cannot render, route 3: a file that the user picks."""
        if not self.settings["allow_render"]:
            raise PluginError("render.not_allowed")
        self.view.say("render.why", reasons=", ".join(str(one) for one in params.get("reasons") or ()) or "-")
        first, end = (int(frame) for frame in params.get("range") or (0, self.facts.frames))
        folder = self.job.path("render")
        os.makedirs(folder, exist_ok=True)
        wish = RenderWish(
            timeline_id=self.facts.id,
            start_frame=self.facts.start_frame,
            span=None if (first, end) == (0, self.facts.frames) else (first, end),
            audio_tracks=self.settings["audio_tracks"] or None,
            folder=folder,
        )
        try:
            return {"path": render_audio(self.host, self.job.journal, wish, self._rendering)}
        except PluginError as error:
            self.view.show_text(error.message(self.view.language))
            return {"path": self._picked("ask.audio_file") or _give_up(error)}

    def _rendering(self, percent: float, left_s: float | None) -> None:
        self.view.progress("render_audio", (0, 0), percent / 100, left_s)

    def _locate(self, params: dict[str, Any]) -> dict[str, Any]:
        path = self._picked("ask.locate", path=params.get("path", "-"))
        return {"path": path or _give_up(PluginError("locate.none"))}

    def _picked(self, question: str, **params: Any) -> str:
        path = self.view.pick_file(question, **params)
        return path if path and os.path.isfile(path) else ""

    def _jump(self, params: dict[str, Any]) -> bool:
        self.host.set_playhead(self.facts.id, timecode(int(params["frame"]), self.facts.rate))
        return True


def _give_up(error: PluginError) -> str:
    raise error


def _stage(view: View, message: dict[str, Any]) -> None:
    view.progress(str(message.get("stage")), (int(message.get("index", 0)), int(message.get("count", 0))), None, None)


def _progress(view: View, message: dict[str, Any]) -> None:
    done, total = message.get("done"), message.get("total")
    fraction = min(1.0, max(0.0, float(done) / float(total))) if done is not None and total else None
    eta_s = message.get("eta_s")
    place = (int(message.get("index", 0)), int(message.get("count", 0)))
    view.progress(str(message.get("stage")), place, fraction, float(eta_s) if eta_s is not None else None)


def _note(view: View, message: dict[str, Any]) -> None:
    view.show_text(str(message.get("message", "")))


def _partial(view: View, message: dict[str, Any]) -> None:
    for cue in list(message.get("cues") or ())[:3]:
        view.show_text(f"  {cue.get('text', '')}")


_NEWS: dict[str, Callable[[View, dict[str, Any]], None]] = {"stage": _stage, "progress": _progress, "note": _note, "partial": _partial}
