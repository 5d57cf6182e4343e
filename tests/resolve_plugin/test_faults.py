"""A thousand runs with faults at random calls: always placed, rolled back or resumable; the user's state comes back; nothing is placed twice.

About a third of them make a film afterwards: it is whole or absent, and whatever becomes of it, the subtitles stay.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, NO_PAUSES, build_host, small_edit, without_ours
from fakes.engine import document
from fakes.resolve import FakeHost, Faults, Item, Quirks, Track, random_faults
from resolve_plugin.engine_talk import Talk
from resolve_plugin.session import run

RUNS = 1000
BATCH = 100
PROFILES = ("studio_18_6", "studio_19_1", "studio_20_2", "studio_21_1", "free_19_0", "free_20", "studio_20_2_zh", "studio_20_2_pt")
NEW = [tuple(cue) for cue in CUES]
CLIP = (Path(__file__).resolve().parents[1] / "fakes" / "resolve" / "clip.mp4").read_bytes()
OLD = [(0, 20, "舊字幕"), (30, 50, "改過嘅")]


def build(chance: random.Random) -> FakeHost:
    timeline = small_edit(rate=chance.choice((23.976, 25.0, 29.97)))
    if chance.random() < 0.5:
        timeline.tracks["subtitle"].append(Track("English", items=[Item(90010, 90050, "Hello")], style="theirs"))
    if chance.random() < 0.4:
        items = [Item(90000 + start, 90000 + end, text) for start, end, text in OLD]
        timeline.tracks["subtitle"].append(Track("Canto-Beats 口語", items=items, style="set by the user", enabled=chance.random() < 0.8))
    quirks = Quirks(
        append_return=chance.choice(("items", "none", "none_list", "empty")),
        empty_list_is_none=chance.random() < 0.5,
        append_partial_times=chance.choice((0, 0, 0, 1, 2)),
        append_nothing_times=chance.choice((0, 0, 0, 1, 2)),
        append_garbled_times=chance.choice((0, 0, 0, 1, 2)),
        wav_codec=chance.choice(("lpcm", "LinearPCM", None)),
        start_form=chance.choice(("list", "positional")),
    )
    return build_host(chance.choice(PROFILES), timeline, quirks)


def ours(host: FakeHost) -> list[tuple[str, list[tuple[int, int, str]]]]:
    start = host.project.timelines[0].start_frame
    return [
        (track.name, [(item.start - start, item.end - start, item.name) for item in sorted(track.items, key=lambda one: one.start)])
        for track in host.project.timelines[0].tracks["subtitle"]
        if track.name.startswith("Canto-Beats")
    ]


def users(host: FakeHost) -> dict[str, Any]:
    """The user's state; before 19.1 a preset cannot be deleted by a script, so ours may stay in the list."""
    state = without_ours(host.snapshot())
    if host.profile.version < (19, 1, 0):
        presets = state["render"]["presets"]
        state["render"]["presets"] = {name: one for name, one in presets.items() if not name.startswith("Canto-Beats")}
    return state


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """An engine in this process: it may ask for a render, then it has the documents."""
    options = {"render": False}

    def recognise(self: Talk, command: list[str]) -> dict[str, Any]:
        if self.folder:
            return burn_in(Path(self.folder))
        if options["render"]:
            end = 500 if self.facts.marks is not None else self.facts.frames
            self._answer({"op": "render_audio", "params": {"reasons": ["multicam"], "range": [0, end]}})
        request = json.loads(Path(self.job.path("request.json")).read_text("utf-8"))
        for register, name in (("spoken", "document.json"), ("written", "document.written.json")):
            findings = [{"code": "x", "cue_id": "c2", "level": "warning", "message": "?"}] if register == "spoken" else []
            Path(self.job.path(name)).write_text(json.dumps(document(request, register, CUES, findings)), "utf-8")
        return {"type": "result", "document": self.job.path("document.json")}

    monkeypatch.setattr(Talk, "run", recognise)
    return options


def burn_in(folder: Path) -> dict[str, Any]:
    request = json.loads((folder / "request.json").read_text("utf-8"))
    Path(request["out"]).write_bytes(Path(request["input"]).read_bytes() + b"burnt in")
    return {"type": "result", "film": request["out"]}


def go(host: FakeHost, folder: Path, register: str, film: str) -> Any:
    settings = {
        "pauses": NO_PAUSES, "job_root": str(folder / "Jobs"), "settings_path": str(folder / "s.json"), "language_ui": "en", "window": False,
        "register": register, "engine_command": ["-"], "render": film, "film_folder": str(folder / "Films"),
    }  # fmt: skip
    return run(**host.menu_globals(), settings=settings)


def expected(register: str) -> list[tuple[str, list[tuple[int, int, str]]]]:
    names = ["Canto-Beats 口語"] + (["Canto-Beats 書面語"] if register == "both" else [])
    return [(name, NEW) for name in names]


def behave(host: FakeHost) -> None:
    host.quirks.append_partial_times = host.quirks.append_nothing_times = host.quirks.append_garbled_times = 0
    host.quirks.render_fails = host.quirks.render_makes_no_file = host.quirks.job_stuck_at_ready = False


def check_film(host: FakeHost, result: Any, film: str) -> None:
    """A film that is said to be done is whole and has our track; one that is not leaves no piece of itself, whenever it was stopped."""
    assert bool(result.film) == (film != "none" and result.status == "placed"), result
    if result.film.get("status") == "done":
        content = Path(result.film["path"]).read_bytes()
        assert content == (CLIP + b"burnt in" if film == "burn" else CLIP)
        assert all(one["burnt"] == ("Canto-Beats 口語" if film == "resolve" else "") for one in host.films), host.films
    elif result.film:
        assert result.film["path"] == ""


def finished_films(folder: Path) -> list[bytes]:
    """What is in the folder of films; an unfinished render would be a folder in it."""
    return [path.read_bytes() for path in sorted((folder / "Films").glob("*"))]


def one_run(seed: int, folder: Path, engine: dict[str, bool]) -> str:
    chance = random.Random(seed)
    host = build(chance)
    register = chance.choice(("spoken", "spoken", "both"))
    engine["render"] = chance.random() < 0.4
    film = chance.choice(("none", "none", "none", "none", "resolve", "burn"))
    host.quirks.deliver_burns_in, host.quirks.codecs = chance.random() < 0.5, chance.choice(("mac", "windows"))
    before, before_ours = users(host), ours(host)
    placed_after = 420 if engine["render"] else 220
    late = film != "none" and chance.random() < 0.7  # the subtitles are placed as asked, and the film meets the trouble
    if late:
        behave(host)
        if not engine["render"]:
            setattr(host.quirks, chance.choice(("stop_is_slow", "render_fails", "render_makes_no_file", "job_stuck_at_ready")), True)
    host.faults = random_faults(seed, placed_after + 200 if film != "none" else placed_after, first=placed_after - 20 if late else 1)
    result = go(host, folder, register, film)
    assert result.status in ("placed", "rolled_back", "resumable"), result
    check_film(host, result, film)
    if result.status == "placed":
        assert ours(host) == expected(register)
    if result.status == "rolled_back":
        assert users(host) == before
        assert ours(host) == before_ours or result.placements
    host.desk.modal_calls, host.faults = 0, Faults()
    behave(host)
    again = go(host, folder, register, film)
    assert again.status == "placed", again
    check_film(host, again, film)
    by_hand = film == "resolve" and host.profile.version < (20, 2, 0)
    assert again.film.get("status", "none") == ("none" if film == "none" else "by_hand" if by_hand else "done"), again
    assert set(finished_films(folder)) <= {CLIP, CLIP + b"burnt in"}
    assert ours(host) == expected(register)
    assert users(host) == before
    assert host.desk.violations == []
    return f"{result.status} {result.film.get('status', '')}".strip()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where the system has such a thing: a thousand runs write some forty thousand small files."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        yield Path(folder)


@pytest.mark.parametrize("first", range(0, RUNS, BATCH))
def test_random_faults(first: int, memory: Path, engine: dict[str, bool]) -> None:
    seen = set()
    for seed in range(first, first + BATCH):
        folder = memory / str(seed)
        os.mkdir(folder)
        try:
            seen.add(one_run(seed, folder, engine))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        shutil.rmtree(folder)
    assert {"placed", "placed done", "placed failed", "rolled_back", "resumable"} <= seen
