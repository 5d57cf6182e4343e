"""Fetching a model from a hub on this machine that misbehaves in every way we know."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import weights
from core.errors import Cancelled, EngineError
from core.models.table import model_entry
from core.progress import CancelToken, Progress
from fakes.hub_server import COMMIT, FakeHub, Fault, running_hub
from fakes.models import ENTRY, FILES, FOLDER, WEIGHTS, hub_with_model, install, set_home

SIZE = len(WEIGHTS)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return set_home(tmp_path, monkeypatch)


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with hub_with_model() as hub:
        yield hub


def _failure(server: FakeHub, **options: object) -> EngineError:
    with pytest.raises(EngineError) as caught:
        install(server, **options)
    return caught.value


def _parts(home: Path) -> list[int]:
    return [part.stat().st_size for part in (home / FOLDER).glob("*.part")]


def test_a_model_is_fetched_whole_and_only_what_it_needs(server: FakeHub, home: Path) -> None:
    seen: list[Progress] = []
    folder = install(server, reporter=seen.append)
    assert folder == home / FOLDER
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "manifest.json"} == {
        name: FILES[name] for name in ("config.json", "vocab.json", "model.safetensors")
    }
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["repo"], manifest["commit"], len(manifest["files"])) == (ENTRY.repo, COMMIT, 3)
    assert (seen[-1].done, seen[-1].total, seen[-1].unit) == (SIZE + 1825, SIZE + 1825, "B")


def test_an_installed_model_needs_no_network(home: Path) -> None:
    with running_hub() as server:
        server.repos[ENTRY.repo] = dict(FILES)
        install(server)
    assert install(server) == home / FOLDER
    assert weights.locate(FOLDER) == home / FOLDER


def test_a_lost_file_is_fetched_again_and_only_that(server: FakeHub, home: Path) -> None:
    install(server)
    (home / FOLDER / "vocab.json").unlink()
    assert not weights.is_installed(ENTRY)
    server.requests.clear()
    install(server)
    assert [request.path.rsplit("/")[-1] for request in server.requests] == ["main", "vocab.json"]


def test_sharded_weights_are_fetched_with_their_index(server: FakeHub) -> None:
    entry = model_entry("qwen3-4b-hf")
    shards = {f"model-0000{n}-of-00003.safetensors": os.urandom(5000) for n in (1, 2, 3)}
    server.repos[entry.repo] = {"config.json": b"{}", "model.safetensors.index.json": b'{"weight_map": {}}', **shards}
    folder = install(server, entry)
    assert {file.name for file in folder.iterdir()} == {"config.json", "model.safetensors.index.json", "manifest.json", *shards}
    assert all((folder / name).read_bytes() == data for name, data in shards.items())


def test_an_interrupted_file_goes_on_at_its_last_byte(server: FakeHub, home: Path) -> None:
    server.faults["model.safetensors"] = Fault(times=1, cut_after=600_000)
    folder = install(server)
    first, second = server.downloads("model.safetensors")
    assert (first.range, first.sent) == (None, 600_000)
    assert (second.range, second.sent) == ("bytes=600000-", SIZE - 600_000)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_later_run_resumes_what_an_earlier_one_left(server: FakeHub, home: Path) -> None:
    server.faults["model.safetensors"] = Fault(times=1, cut_after=400_000)
    assert _failure(server, attempts=1).code == "weights.interrupted"
    assert _parts(home) == [400_000]
    assert not weights.is_installed(ENTRY)
    seen: list[Progress] = []
    folder = install(server, reporter=seen.append)
    assert server.downloads("model.safetensors")[1].range == "bytes=400000-"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    # what is left to do is counted, so that the time left is not too hopeful
    assert seen[-1].total == SIZE - 400_000
    assert _parts(home) == []


def test_a_server_that_ignores_the_range_starts_over(server: FakeHub) -> None:
    server.faults["model.safetensors"] = Fault(times=2, cut_after=300_000, ignore_range=True)
    folder = install(server)
    assert [request.sent for request in server.downloads("model.safetensors")] == [300_000, 300_000, SIZE - 300_000]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_part_of_another_version_is_not_continued(server: FakeHub, home: Path) -> None:
    (home / FOLDER).mkdir(parents=True)
    (home / FOLDER / "model.safetensors.0123456789abcdef.part").write_bytes(b"x" * 1000)
    install(server)
    assert server.downloads("model.safetensors")[0].range is None
    assert _parts(home) == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_damaged_file_is_fetched_once_more(server: FakeHub, name: str) -> None:
    server.faults[name] = Fault(times=1, flip=True)
    folder = install(server)
    assert (folder / name).read_bytes() == FILES[name]
    assert len(server.downloads(name)) == 2


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_file_that_is_always_damaged_is_refused_and_removed(server: FakeHub, home: Path, name: str) -> None:
    server.faults[name] = Fault(times=99, flip=True)
    error = _failure(server)
    assert (error.code, error.params["file"]) == ("weights.corrupt", name)
    assert len(server.downloads(name)) == 2
    assert not (home / FOLDER / name).exists() and _parts(home) == []
    assert not weights.is_installed(ENTRY)


def test_a_stalled_server_is_asked_again(server: FakeHub) -> None:
    server.faults["model.safetensors"] = Fault(times=1, cut_after=500_000, stall=True)
    folder = install(server)
    assert server.downloads("model.safetensors")[1].range == "bytes=500000-"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_server_that_stays_silent_is_called_slow(server: FakeHub, home: Path) -> None:
    server.faults["model.safetensors"] = Fault(times=99, cut_after=0, stall=True)
    assert _failure(server, attempts=2).code == "weights.slow_network"
    assert len(server.downloads("model.safetensors")) == 2


def test_progress_resets_the_count_of_attempts(server: FakeHub) -> None:
    server.faults["model.safetensors"] = Fault(times=5, cut_after=200_000)
    install(server, attempts=2)
    assert len(server.downloads("model.safetensors")) == 6


def test_a_busy_server_is_asked_again(server: FakeHub) -> None:
    server.api_fault = Fault(times=1, status=503)
    server.faults["config.json"] = Fault(times=1, status=429)
    install(server)
    assert len(server.downloads("config.json")) == 2


@pytest.mark.parametrize(
    ("status", "error_code", "code"),
    [(404, "EntryNotFound", "weights.not_on_hub"), (401, "GatedRepo", "weights.gated"), (403, "", "weights.denied")],
)
def test_a_refused_file_is_not_asked_for_again(server: FakeHub, status: int, error_code: str, code: str) -> None:
    server.faults["config.json"] = Fault(times=9, status=status, error_code=error_code)
    assert _failure(server).code == code
    assert len(server.downloads("config.json")) == 1


def test_no_network_is_said_so() -> None:
    with running_hub() as gone:
        pass
    error = _failure(gone)
    assert (error.code, error.exit_code) == ("weights.no_network", 3)


def test_too_little_space_is_found_before_the_first_byte(server: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage(home.parent)._replace(free=200_000_000)
    monkeypatch.setattr("core.models.download.shutil.disk_usage", lambda folder: free)
    error = _failure(server)
    assert error.code == "weights.no_space"
    assert (error.params["needed"], error.params["free"]) == ("269 MB", "200 MB")
    assert not server.downloads("config.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full exists on Linux only")
def test_a_disk_that_fills_up_on_the_way_is_named(server: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.models.download.Download._part", lambda self, file: home / FOLDER / f"{file.path}.part")
    (home / FOLDER).mkdir(parents=True)
    (home / FOLDER / "model.safetensors.part").symlink_to("/dev/full")
    error = _failure(server)
    assert error.code == "weights.no_space"
    assert "CANTO_BEATS_MODELS" in error.hint()
    assert not weights.is_installed(ENTRY)


def test_a_models_folder_that_can_not_be_written_is_named(server: FakeHub, home: Path) -> None:
    home.write_text("a file stands where the folder should be")
    assert _failure(server).code == "files.not_a_folder"


def test_a_cancel_keeps_what_has_arrived(server: FakeHub, home: Path) -> None:
    cancel = CancelToken()
    server.faults["model.safetensors"] = Fault(times=1, cut_after=300_000, stall=True)
    stopper = threading.Thread(target=lambda: server.reached.wait(10) and cancel.cancel())
    stopper.start()
    with pytest.raises(Cancelled):
        install(server, cancel=cancel)
    stopper.join()
    [kept] = _parts(home)
    assert 0 < kept <= 300_000
    folder = install(server)
    assert server.downloads("model.safetensors")[1].range == f"bytes={kept}-"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_a_cancel_ends_the_wait_between_attempts(server: FakeHub) -> None:
    cancel = CancelToken()
    server.api_fault = Fault(times=99, status=503, retry_after="3600")
    stopper = threading.Timer(0.1, cancel.cancel)
    stopper.start()
    with pytest.raises(Cancelled):
        install(server, cancel=cancel)
    stopper.join()


def test_two_downloads_of_one_model_become_one(server: FakeHub, home: Path) -> None:
    server.faults["model.safetensors"] = Fault(times=1, cut_after=300_000, stall=True)
    folders: list[Path] = []
    runs = [threading.Thread(target=lambda: folders.append(install(server))) for _ in range(2)]
    runs[0].start()
    assert server.reached.wait(10)
    runs[1].start()
    server.hold.set()
    for run in runs:
        run.join()
    assert folders == [home / FOLDER] * 2
    assert [request.range for request in server.downloads("model.safetensors")] == [None, "bytes=300000-"]
    assert len([request for request in server.requests if request.path.startswith("/api/")]) == 1


def test_a_mirror_in_the_entry_s_place_is_asked_for_the_pinned_commit(server: FakeHub) -> None:
    pinned = replace(ENTRY, revision="f" * 40)
    install(server, pinned)
    assert server.requests[0].path == f"/api/models/{ENTRY.repo}/revision/{'f' * 40}"
