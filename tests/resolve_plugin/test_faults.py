"""A thousand runs with faults at random calls: always placed, rolled back or resumable; the user's state comes back; nothing is placed twice."""

from __future__ import annotations

import json
import os
import random
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


def go(host: FakeHost, folder: Path, register: str) -> Any:
    settings = {
        "pauses": NO_PAUSES, "job_root": str(folder), "settings_path": str(folder / "s.json"), "language_ui": "en", "window": False,
        "register": register, "engine_command": ["-"],
    }  # fmt: skip
    return run(**host.menu_globals(), settings=settings)


def expected(register: str) -> list[tuple[str, list[tuple[int, int, str]]]]:
    names = ["Canto-Beats 口語"] + (["Canto-Beats 書面語"] if register == "both" else [])
    return [(name, NEW) for name in names]


def one_run(seed: int, folder: Path, engine: dict[str, bool]) -> str:
    chance = random.Random(seed)
    host = build(chance)
    register = chance.choice(("spoken", "spoken", "both"))
    engine["render"] = chance.random() < 0.4
    before, before_ours = users(host), ours(host)
    host.faults = random_faults(seed, 420 if engine["render"] else 220)
    result = go(host, folder, register)
    assert result.status in ("placed", "rolled_back", "resumable"), result
    if result.status == "placed":
        assert ours(host) == expected(register)
    if result.status == "rolled_back":
        assert users(host) == before
        assert ours(host) == before_ours or result.placements
    host.desk.modal_calls, host.faults = 0, Faults()
    host.quirks.append_partial_times = host.quirks.append_nothing_times = host.quirks.append_garbled_times = 0
    again = go(host, folder, register)
    assert again.status == "placed", again
    assert ours(host) == expected(register)
    assert users(host) == before
    assert host.desk.violations == []
    return str(result.status)


@pytest.mark.parametrize("first", range(0, RUNS, BATCH))
def test_random_faults(first: int, tmp_path: Path, engine: dict[str, bool]) -> None:
    seen = set()
    for seed in range(first, first + BATCH):
        folder = tmp_path / str(seed)
        os.mkdir(folder)
        try:
            seen.add(one_run(seed, folder, engine))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert seen == {"placed", "rolled_back", "resumable"}
