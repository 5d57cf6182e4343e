"""The recorded talks in `tests/wire/`, replayed from the engine's side: the plugin must say exactly what it said then.

A line is {"from": "engine" or "plugin", "say": message}; "@JOB@" stands for the job folder and "@RENDER@" for the rendered file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import FakeHost
from resolve_plugin.console import Console
from resolve_plugin.engine import Engine
from resolve_plugin.engine_talk import Talk
from resolve_plugin.errors import EngineFailedError, PluginError, Stopped
from resolve_plugin.jobs import create_job
from resolve_plugin.settings import DEFAULTS
from resolve_plugin.timeline_reader import read_timeline

Hosts = Callable[..., FakeHost]
FOLDER = Path(__file__).resolve().parents[1] / "wire"
ENDINGS = {
    "whole_run": None,
    "render_asked": None,
    "unknown_asked": None,
    "film_burnt": None,
    "cancelled": Stopped,
    "engine_error": EngineFailedError,
    "other_protocol": PluginError,
}


class Replay(Engine):
    """An engine that says the recorded lines, each when the plugin has said what came before it."""

    def __init__(self, lines: list[dict[str, Any]], job: str) -> None:
        super().__init__(["-"], "-")
        self.lines, self.job = lines, job
        self.said: list[dict[str, Any]] = []

    def __enter__(self) -> Replay:
        self.advance()
        return self

    def __exit__(self, *_: object) -> None:
        return

    def advance(self) -> None:
        while self.lines and self.lines[0]["from"] == "engine":
            self._lines.put(json.dumps(self.lines.pop(0)["say"]).replace("@JOB@", self.job).encode("utf-8"))

    def send(self, message: Any) -> None:
        self.said.append(dict(message))
        assert self.lines, f"the plugin said more: {message}"
        expected = json.loads(json.dumps(self.lines.pop(0)["say"]).replace("@JOB@", self.job))
        if "@RENDER@" in json.dumps(expected):
            expected["value"]["path"] = message["value"]["path"]
        assert message == expected
        self.advance()


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_replayed(name: str, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fakes.bench import connect

    host = hosts()
    plugin = connect(host)
    facts = read_timeline(plugin)
    job = create_job(str(tmp_path), {"id": facts.id, "name": "T", "project_id": facts.project_id}, {})
    recorded = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]
    replay = Replay(recorded, job.folder)
    monkeypatch.setattr("resolve_plugin.engine_talk.Engine", lambda command, log: replay)
    view = Console("en", lambda line: setattr(view, "cancelled", name == "cancelled"))
    folder = job.path("film") if name.startswith("film") else ""
    talk = Talk(plugin, job, facts, {**DEFAULTS, "language_ui": "en"}, view, folder)
    ending = ENDINGS[name]
    if ending is None:
        assert talk.run(["-"])["type"] == "result"
    else:
        with pytest.raises(ending):
            talk.run(["-"])
    assert replay.lines == []


def test_every_recorded_talk_is_replayed() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(ENDINGS)


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_lines_fit_the_wire(name: str) -> None:
    for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        assert said["from"] in ("engine", "plugin")
        assert len(json.dumps(said["say"])) <= 65536
        assert line.isascii()
