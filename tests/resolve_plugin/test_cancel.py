"""Cancel at any moment: nothing half placed, everything put back, and the next start finishes the job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, build_host, placed_cues, small_edit, without_ours
from fakes.engine import document
from fakes.resolve import FakeHost, Item, Track
from resolve_plugin.console import Console
from resolve_plugin.engine_talk import Talk
from resolve_plugin.session import SessionResult, run

OLD = Track("Canto-Beats 口語", items=[Item(90000, 90020, "舊")], style="theirs")


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> list[Console]:
    """Every view that a session opens, and an engine in this process that asks for a render."""
    opened: list[Console] = []

    def open_view(*args: Any) -> Console:
        opened.append(Console("en", lambda line: None))
        return opened[-1]

    def recognise(self: Talk, command: list[str]) -> dict[str, Any]:
        self._answer({"op": "render_audio", "params": {"reasons": [], "range": [0, 500]}})
        self.host.calls.check()
        request = json.loads(Path(self.job.path("request.json")).read_text("utf-8"))
        Path(self.job.path("document.json")).write_text(json.dumps(document(request, "spoken", CUES, [])), "utf-8")
        return {"document": self.job.path("document.json")}

    monkeypatch.setattr("resolve_plugin.session.open_view", open_view)
    monkeypatch.setattr(Talk, "run", recognise)
    return opened


def host_with_old_cues() -> FakeHost:
    edit = small_edit()
    edit.tracks["subtitle"] = [Track("English", items=[Item(90010, 90050, "Hello")]), Track(OLD.name, items=list(OLD.items), style=OLD.style)]
    return build_host("studio_20_2", edit)


def cancelled_at(number: int, views: list[Console]) -> Callable[[int, str], None]:
    def before(count: int, call: str) -> None:
        if count == number:
            views[-1].cancelled = True

    return before


def contents(host: FakeHost) -> list[tuple[str, list[str]]]:
    return [(track.name, [item.name for item in track.items]) for track in host.project.timelines[0].tracks["subtitle"]]


def go(host: FakeHost, settings: dict[str, Any]) -> SessionResult:
    names = host.menu_globals()
    assert names is not None
    return run(**names, settings={**settings, "engine_command": ["-"]})


@pytest.mark.parametrize("first", (1, 5, 9))
def test_cancel_all_along(first: int, settings: dict[str, Any], views: list[Console], tmp_path: Path) -> None:
    seen = set()
    for number in range(first, 620, 11):
        host = host_with_old_cues()
        before, old = without_ours(host.snapshot()), contents(host)
        host.desk.before = cancelled_at(number, views)
        root = {"job_root": str(tmp_path / str(number))}
        result = go(host, {**settings, **root})
        seen.add(result.status)
        assert result.status in ("cancelled", "placed"), (number, result)
        assert without_ours(host.snapshot()) == before, number
        if result.status == "cancelled":
            assert contents(host) == old, number
        host.desk.before = lambda count, call: None
        assert go(host, {**settings, **root}).status == "placed", number
        assert placed_cues(host, 2) == [tuple(cue) for cue in CUES], number
        assert len(contents(host)) == 2
        assert host.desk.violations == []
    assert seen == {"cancelled", "placed"}


def test_cancel_all_along_a_film(settings: dict[str, Any], views: list[Console], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the placing on: the subtitles stay once they are placed, no piece of a film is left, and the next start makes it."""
    monkeypatch.setattr(Talk, "_answer", lambda self, message: {})
    seen = set()
    for number in range(200, 640, 13):
        host = host_with_old_cues()
        before = without_ours(host.snapshot())
        host.desk.before = cancelled_at(number, views)
        root = {"job_root": str(tmp_path / str(number)), "film_folder": str(tmp_path / f"{number} films"), "render": "resolve"}
        result = go(host, {**settings, **root})
        seen.add((result.status, result.film.get("status", "")))
        assert without_ours(host.snapshot()) == before, number
        assert host.project.render.running == ""
        assert len(films(root)) == (result.film.get("status") == "done"), number
        host.desk.before = lambda count, call: None
        again = go(host, {**settings, **root})
        assert (again.status, again.film["status"]) == ("placed", "done"), number
        assert placed_cues(host, 2) == [tuple(cue) for cue in CUES], number
        assert all(name.endswith(".mp4") for name in films(root))
        assert host.desk.violations == []
    assert seen == {("cancelled", ""), ("placed", "cancelled"), ("placed", "done")}


def films(settings: dict[str, str]) -> list[str]:
    folder = Path(settings["film_folder"])
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_track_that_was_finished_before_is_named(settings: dict[str, Any], views: list[Console], monkeypatch: pytest.MonkeyPatch) -> None:
    host = host_with_old_cues()

    def recognise(self: Talk, command: list[str]) -> dict[str, Any]:
        request = json.loads(Path(self.job.path("request.json")).read_text("utf-8"))
        for register, name in (("spoken", "document.json"), ("written", "document.written.json")):
            Path(self.job.path(name)).write_text(json.dumps(document(request, register, CUES, [])), "utf-8")
        return {"document": self.job.path("document.json")}

    def stop_at_second_append(count: int, call: str) -> None:
        views[-1].cancelled = views[-1].cancelled or host.desk.names().count("MediaPool.AppendToTimeline") == 2

    monkeypatch.setattr(Talk, "run", recognise)
    host.desk.before = stop_at_second_append
    result = go(host, {**settings, "register": "both"})
    assert result.status == "cancelled"
    assert result.message.splitlines() == [
        "Stopped. What was finished before stays on the timeline:",
        "3 subtitles are on the track Canto-Beats 口語; every one was read back and is right.",
    ]
    assert [name for name, _ in contents(host)] == ["English", "Canto-Beats 口語"]
