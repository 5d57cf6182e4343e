"""A real engine process at the other end of the wire, and jobs for it; used by every test that serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.demo import sample_timeline

Message = dict[str, Any]


class Engine:
    """A child that serves; `say` and `hear` are whole messages."""

    def __init__(self, log: Path) -> None:
        environment = {**os.environ, "CANTO_BEATS_LANG": "en", "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
        with log.open("wb") as errors:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "core", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
            )

    def say(self, **message: object) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(message).encode() + b"\n")
        self.child.stdin.flush()

    def hear(self) -> Message:
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        return json.loads(line) if line else {"type": "end of file"}

    def hear_until(self, *kinds: str) -> list[Message]:
        heard = [self.hear()]
        while heard[-1]["type"] not in (*kinds, "end of file"):
            heard.append(self.hear())
        return heard

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        for stream in (self.child.stdin, self.child.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def serving(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path / "engine.log")
    try:
        yield engine
    finally:
        engine.close()


def make_job(folder: Path, **more: object) -> Path:
    request = {
        "schema": "request/1",
        "input": str(sample_timeline()),
        "name": "示範",
        "rate": "25/1",
        "drop_frame": False,
        "start_frame": 90000,
        "in_frame": 0,
        "out_frame": 500,
        "asr_model": "practice",
        "device": "cpu",
        "language_ui": "zh",
        **more,
    }
    folder.mkdir()
    (folder / "request.json").write_text(json.dumps(request), "utf-8")
    return folder


LAST_WORDS = ("result", "error", "cancelled")


def greet(engine: Engine, job: Path) -> None:
    hello = engine.hear()
    assert (hello["type"], hello["protocol"], hello["pid"]) == ("hello", 1, engine.child.pid)
    engine.say(type="hello", protocol=1, version="test")
    engine.say(type="run", job=str(job))
