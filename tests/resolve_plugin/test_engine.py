"""The plugin's end of the wire against a scripted child: news, questions, crashes, silence, cancel."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, connect, engine_script
from fakes.resolve import FakeHost, Quirks
from resolve_plugin.console import Console
from resolve_plugin.engine import Engine, engine_command, engine_environment
from resolve_plugin.engine_talk import Talk
from resolve_plugin.errors import EngineFailedError, PluginError, Stopped
from resolve_plugin.jobs import Job, create_job
from resolve_plugin.settings import DEFAULTS
from resolve_plugin.timeline_reader import export_timeline, fingerprint, read_timeline, request

Hosts = Callable[..., FakeHost]


class Spoken(Console):
    """Collects lines; `stop_at` names the text at which the user cancels."""

    def __init__(self, stop_at: str = "") -> None:
        super().__init__("en", self.hear)
        self.lines: list[str] = []
        self.stop_at = stop_at
        self.file = ""

    def hear(self, line: str) -> None:
        self.lines.append(line)
        self.cancelled = self.cancelled or bool(self.stop_at and self.stop_at in line)

    def pick_file(self, question: str, **params: Any) -> str:
        return self.file


def talk(host: FakeHost, folder: Path, view: Spoken | None = None, **settings: Any) -> Talk:
    plugin = connect(host)
    facts = read_timeline(plugin)
    job = create_job(str(folder / "Jobs"), {"id": facts.id, "name": facts.name, "project_id": facts.project_id}, {"register": "spoken"})
    values = {**DEFAULTS, "language_ui": "en", **settings}
    otio = job.path("timeline.otio")
    export_timeline(plugin, facts, otio)
    job.path("request.json")
    Path(job.path("request.json")).write_text(json.dumps(request(facts, otio, None, values, [])), "utf-8")
    job.set_phase("engine", fingerprint=fingerprint(facts, otio).as_dict())
    return Talk(plugin, job, facts, values, view or Spoken())


def replies(job: Job) -> Any:
    return json.loads(Path(job.path("replies.json")).read_text("utf-8"))


def test_news_is_shown_and_the_result_comes_back(hosts: Hosts, tmp_path: Path) -> None:
    steps = [
        {"send": {"type": "stage", "stage": "transcribe", "index": 3, "count": 6}},
        {"send": {"type": "progress", "stage": "transcribe", "index": 3, "count": 6, "done": 5, "total": 10, "unit": "s", "eta_s": 65.2, "note": ""}},
        {"send": {"type": "note", "level": "info", "message": "on the CPU"}},
        {"send": {"type": "partial", "cues": [{"start_frame": 1, "end_frame": 2, "text": "早晨"}]}},
        {"send": {"type": "weather", "sunny": True}},
        {"result": CUES},
    ]
    view = Spoken()
    one = talk(hosts(), tmp_path, view)
    assert one.run(engine_script(tmp_path, steps))["cues"] == 3
    assert view.lines == ["3/6 Recognising Cantonese", "on the CPU", "  早晨"]


def test_progress_says_stage_share_and_time_left() -> None:
    view = Spoken()
    view.progress("transcribe", (3, 6), 0.5, 65.2)
    view.progress("frobnicate", (0, 0), None, None)
    assert view.lines == ["3/6 Recognising Cantonese · 50 % · 1:05 left", "frobnicate"]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([{"protocol": 2}], "engine.protocol"),
        ([{"exit": 3}], "engine.crashed"),
        ([{"raw": "warming up\n"}, {"sleep": 30}], "engine.garbage"),
        ([{"raw": "x" * 70000 + "\n"}, {"sleep": 30}], "engine.garbage"),
        ([{"raw": '["list"]\n'}, {"sleep": 30}], "engine.garbage"),
        ([{"sleep": 30}], "engine.silent"),
        ([], "engine.crashed"),
    ],
)
def test_an_engine_that_misbehaves_is_named_and_gone(hosts: Hosts, tmp_path: Path, steps: list[dict[str, Any]], code: str) -> None:
    one = talk(hosts(), tmp_path, engine_silence_s=1.0)
    with pytest.raises(PluginError) as caught:
        one.run(engine_script(tmp_path, steps))
    assert caught.value.code == code
    assert caught.value.hint()
    assert caught.value.hint("zh")


def test_a_crash_keeps_the_engines_last_words(hosts: Hosts, tmp_path: Path) -> None:
    with pytest.raises(PluginError) as caught:
        talk(hosts(), tmp_path).run(engine_script(tmp_path, [{"exit": 3}]))
    assert "the engine fell over" in caught.value.detail
    assert "status 3" in caught.value.message()


def test_an_error_of_the_engine_is_shown_in_its_words(hosts: Hosts, tmp_path: Path) -> None:
    error = {"type": "error", "code": "input.no_audio", "message": "沒有聲音。", "hint": "請加聲音。", "detail": ""}
    with pytest.raises(EngineFailedError) as caught:
        talk(hosts(), tmp_path).run(engine_script(tmp_path, [{"send": error}]))
    assert (caught.value.engine_code, caught.value.message("zh"), caught.value.hint("zh")) == ("input.no_audio", "沒有聲音。", "請加聲音。")


def test_a_program_that_cannot_start(hosts: Hosts, tmp_path: Path) -> None:
    with pytest.raises(PluginError) as caught:
        talk(hosts(), tmp_path).run([str(tmp_path / "nothing")])
    assert caught.value.code == "engine.start"


def test_an_engine_that_is_not_installed() -> None:
    with pytest.raises(PluginError) as caught:
        engine_command({**DEFAULTS, "engine_python": "/nowhere/python"})
    assert caught.value.code == "engine.missing"
    assert "install.py" in caught.value.hint()


def test_the_command_is_isolated(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.touch()
    assert engine_command({**DEFAULTS, "engine_python": str(python)}) == [str(python), "-I", "-m", "core", "serve"]


def test_the_childs_environment_has_nothing_of_the_host() -> None:
    theirs = ("PYTHONHOME", "PYTHONPATH", "PYTHON3HOME", "DYLD_LIBRARY_PATH", "__PYVENV_LAUNCHER__")
    host = {**{name: "/theirs" for name in theirs}, "HOME": "/h", "LC_ALL": "C"}
    assert engine_environment(host) == {"HOME": "/h", "LC_ALL": "C.UTF-8"}


def test_the_engine_may_ask_for_a_render(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    ask = {"type": "ask", "id": 7, "op": "render_audio", "params": {"reasons": ["multicam"], "range": [0, 2000]}}
    one = talk(host, tmp_path)
    one.run(engine_script(tmp_path, [{"ask": ask}, {"result": CUES}]))
    (reply,) = replies(one.job)
    assert (reply["type"], reply["id"], reply["ok"]) == ("reply", 7, True)
    assert Path(reply["value"]["path"]).read_bytes()[:4] == b"RIFF"
    assert Path(reply["value"]["path"]).parent == Path(one.job.folder) / "render"


def test_a_render_that_fails_falls_back_to_a_file_of_the_user(hosts: Hosts, tmp_path: Path) -> None:
    ask = {"type": "ask", "id": 1, "op": "render_audio", "params": {"reasons": [], "range": [0, 2000]}}
    steps = [{"ask": ask}, {"result": CUES}]
    view = Spoken()
    view.file = str(tmp_path / "mix.wav")
    Path(view.file).write_bytes(b"RIFF")
    one = talk(hosts("studio_20_2", None, Quirks(render_fails=True)), tmp_path, view)
    one.run(engine_script(tmp_path, steps))
    assert replies(one.job)[0]["value"] == {"path": view.file}
    refused = talk(hosts("studio_20_2", None, Quirks(render_fails=True)), tmp_path / "b")
    refused.run(engine_script(tmp_path, steps))
    assert replies(refused.job)[0]["ok"] is False


def test_rendering_can_be_forbidden(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    ask = {"type": "ask", "id": 1, "op": "render_audio", "params": {"reasons": [], "range": [0, 2000]}}
    one = talk(host, tmp_path, allow_render=False)
    one.run(engine_script(tmp_path, [{"ask": ask}, {"result": CUES}]))
    assert replies(one.job)[0]["ok"] is False
    assert host.rendered == []


def test_other_questions(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    view = Spoken()
    view.file = str(tmp_path / "moved.mov")
    Path(view.file).touch()
    asks = [
        {"type": "ask", "id": 1, "op": "locate", "params": {"path": "/gone.mov"}},
        {"type": "ask", "id": 2, "op": "jump", "params": {"frame": 90250}},
        {"type": "ask", "id": 3, "op": "make_coffee", "params": {}},
    ]
    one = talk(host, tmp_path, view)
    one.run(engine_script(tmp_path, [*({"ask": ask} for ask in asks), {"result": CUES}]))
    assert [(reply["id"], reply["ok"]) for reply in replies(one.job)] == [(1, True), (2, True), (3, False)]
    assert replies(one.job)[0]["value"] == {"path": view.file}
    assert host.project.timelines[0].playhead == 90250


def test_cancel_ends_the_engine(hosts: Hosts, tmp_path: Path) -> None:
    steps = [{"send": {"type": "note", "level": "info", "message": "long work"}}, {"sleep": 60}]
    began_s = time.monotonic()
    with pytest.raises(Stopped):
        talk(hosts(), tmp_path, Spoken("long work")).run(engine_script(tmp_path, steps))
    assert time.monotonic() - began_s < 10


def test_a_deaf_engine_is_ended_by_force(tmp_path: Path) -> None:
    command = engine_script(tmp_path, [{"deaf": True}, {"sleep": 60}])
    with Engine(command, str(tmp_path / "log"), terminate_s=0.2, kill_s=0.2) as engine:
        engine.greet()
        engine.send({"type": "run", "job": str(tmp_path)})
        engine.cancel()
        pid = engine.pid
        with pytest.raises(PluginError) as caught:
            while True:
                engine.receive(0.05)
    assert caught.value.code == "engine.crashed"
    assert not alive(pid)


def test_leaving_the_block_ends_even_a_deaf_engine(tmp_path: Path) -> None:
    command = engine_script(tmp_path, [{"deaf": True}, {"sleep": 60}])
    with Engine(command, str(tmp_path / "log"), terminate_s=0.2, kill_s=0.2) as engine:
        engine.greet()
        engine.send({"type": "run", "job": str(tmp_path)})
        pid = engine.pid
    assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
