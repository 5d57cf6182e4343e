"""`canto-beats models`: what each verb prints, and its exit code."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from core import weights
from core.bench.plans import apple
from core.models.table import model_table
from core.verbs.models import models
from fakes.hub_server import FakeHub, Fault
from fakes.models import ENTRY, FOLDER, hub_with_model, install, pretend, set_home

MAC = apple("Apple M1", 8, 4, 8)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return set_home(tmp_path, monkeypatch)


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with hub_with_model() as hub:
        yield hub


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def _run(*arguments: str) -> Ran:
    result = CliRunner().invoke(models, arguments, env={"COLUMNS": "200"})
    return Ran(result.exit_code, result.stdout, result.stderr)


def test_list_as_json_says_what_is_here_and_what_fits(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(home, "whisper-small-cantonese")
    monkeypatch.setattr(weights, "this_machine", lambda: (MAC, "mlx"))
    ran = _run("list", "--json")
    answer = json.loads(ran.out)
    by_id = {row["id"]: row for row in answer["models"]}
    assert (ran.code, answer["folder"], answer["memory_bytes"]) == (0, str(home), 8 << 30)
    assert by_id["whisper-small-cantonese"]["installed"] and by_id["whisper-small-cantonese"]["recommended"]
    assert [by_id[name]["fits"] for name in ("whisper-small-cantonese", "whisper-large-v3")] == [True, False]
    assert by_id["qwen3-8b-hf"]["fits"] is False
    assert by_id["qwen2.5-7b"]["licence"] == "Apache-2.0"


def test_list_shows_every_model(home: Path) -> None:
    ran = _run("list")
    assert ran.code == 0
    assert all(entry.id in ran.out for entry in model_table())
    assert str(home) in ran.out.replace("\n", "")


def test_get_downloads_and_says_where(server: FakeHub, home: Path) -> None:
    ran = _run("get", FOLDER, "--mirror", server.url)
    assert (ran.code, ran.out) == (0, f"{FOLDER} is installed in {home / FOLDER}.\n")
    assert "model.safetensors" in ran.err
    assert weights.is_installed(ENTRY)


def test_ctrl_c_keeps_what_has_arrived_and_says_so(server: FakeHub, home: Path) -> None:
    server.faults["model.safetensors"] = Fault(times=1, cut_after=300_000, stall=True)

    def interrupt() -> None:
        server.reached.wait(10)
        os.kill(os.getpid(), signal.SIGINT)
        server.hold.set()

    stopper = threading.Thread(target=interrupt)
    stopper.start()
    ran = _run("get", FOLDER, "--mirror", server.url)
    stopper.join()
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.endswith("Stopped. What was downloaded is kept; run the same command to go on.\n")
    assert list((home / FOLDER).glob("model.safetensors.*.part"))


def test_get_takes_the_mirror_from_the_settings(server: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f'mirror = "{server.url}"')
    assert _run("get", FOLDER).code == 0
    assert weights.is_installed(ENTRY)


def test_get_warns_of_a_model_too_big_for_the_memory(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "this_machine", lambda: (replace(MAC, total_bytes=2_000_000_000), "mlx"))
    ran = _run("get", FOLDER, "--mirror", server.url)
    assert ran.code == 0
    assert "needs about 1.7 GB of memory; this machine has 2 GB" in ran.err


def test_get_of_an_unknown_model_exits_with_2_and_lists_the_known() -> None:
    ran = _run("get", "whisper-huge")
    assert (ran.code, ran.out) == (2, "")
    assert "whisper-huge" in ran.err and "whisper-turbo-cantonese" in ran.err


def test_remove_on_the_command_line(server: FakeHub) -> None:
    install(server)
    assert _run("remove", FOLDER) == (0, f"{FOLDER} was removed.\n", "")
    again = _run("remove", FOLDER)
    assert (again.code, again.out) == (3, "")


def test_convert_of_a_model_that_is_not_here_names_the_command() -> None:
    ran = _run("convert", FOLDER, "--to", "mlx")
    assert (ran.code, ran.out) == (3, "")
    assert f"canto-beats models get {FOLDER}" in ran.err
