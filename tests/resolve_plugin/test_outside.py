"""A run of the In/Out range: the cues of our track outside it stay, hand edits included, and so do our markers there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import connect, engine_script, placed_cues, small_edit
from fakes.resolve import FakeHost, Item, Quirks, TimelineState, Track
from resolve_plugin.outside import whole_cues, with_new
from resolve_plugin.session import run
from resolve_plugin.srt import Cue
from resolve_plugin.timeline_reader import read_timeline

Hosts = Callable[..., FakeHost]
Settings = dict[str, Any]
SPOKEN = "Canto-Beats 口語"


def edit(*cues: tuple[int, int, str], name: str = SPOKEN) -> TimelineState:
    """An edit with In and Out at 100 and 899 and a subtitle track."""
    made = small_edit()
    made.tracks["subtitle"].append(Track(name, items=[Item(90000 + start, 90000 + end, text) for start, end, text in cues]))
    return made


def go(host: FakeHost, settings: Settings, tmp_path: Path, cues: list[list[Any]], **more: Any) -> Any:
    command = engine_script(tmp_path, [{"result": cues, "findings": more.pop("findings", [])}])
    return run(**host.menu_globals(), settings={**settings, "engine_command": command, "range": "in_out", **more})


WHOLE = [(10, 60, "頭一句，手改過"), (200, 300, "入面"), (400, 500, "入面二"), (1000, 1100, "尾句\n兩行")]


@pytest.mark.parametrize("separator", ["\n", "\u2028"])
def test_cues_outside_the_range_stay_on_the_track(hosts: Hosts, settings: Settings, tmp_path: Path, separator: str) -> None:
    host = hosts("studio_20_2", edit(*WHOLE), Quirks(text_separator=separator))
    result = go(host, settings, tmp_path, [[50, 150, "新一句"], [200, 260, "新二句"], [300, 330, "新三句"]])
    assert result.status == "placed", result
    assert placed_cues(host) == [
        (10, 60, "頭一句，手改過"),
        (150, 250, "新一句"),
        (300, 360, "新二句"),
        (400, 430, "新三句"),
        (1000, 1100, "尾句\n兩行"),
    ]
    assert len(host.project.timelines[0].tracks["subtitle"]) == 1


def test_the_range_grows_to_whole_cues(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts("studio_20_2", edit((10, 60, "頭"), (80, 130, "跨入點"), (880, 960, "跨出點"), (1000, 1100, "尾")))
    result = go(host, settings, tmp_path, [[0, 40, "新頭"], [800, 870, "新尾"]])
    wish = json.loads((Path(result.job) / "request.json").read_text("utf-8"))
    assert (wish["in_frame"], wish["out_frame"]) == (80, 960)
    assert placed_cues(host) == [(10, 60, "頭"), (80, 120, "新頭"), (880, 950, "新尾"), (1000, 1100, "尾")]


@pytest.mark.parametrize("conflict", ["new", "skip"])
def test_another_choice_than_replacing_keeps_its_meaning(hosts: Hosts, settings: Settings, tmp_path: Path, conflict: str) -> None:
    host = hosts("studio_20_2", edit((80, 130, "跨入點")))
    result = go(host, settings, tmp_path, [[0, 40, "新"]], conflict=conflict)
    assert json.loads((Path(result.job) / "request.json").read_text("utf-8"))["in_frame"] == 100
    assert placed_cues(host, 1) == [(80, 130, "跨入點")]


def test_the_other_register_and_other_tracks_are_not_touched(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    made = edit(*WHOLE)
    made.tracks["subtitle"].append(Track("Canto-Beats 書面語", items=[Item(90080, 90130, "書面")]))
    host = hosts("studio_20_2", made)
    go(host, settings, tmp_path, [[50, 150, "新"]])
    assert placed_cues(host, 1) == [(10, 60, "頭一句，手改過"), (150, 250, "新"), (1000, 1100, "尾句\n兩行")]
    assert placed_cues(host, 2) == [(80, 130, "書面")]


def test_a_failure_puts_every_cue_back(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts("studio_20_2", edit(*WHOLE), Quirks(append_partial_times=2))
    result = go(host, settings, tmp_path, [[50, 150, "新一句"], [200, 260, "新二句"]])
    assert result.status == "rolled_back", result
    assert placed_cues(host) == WHOLE


def test_markers_outside_the_range_stay(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts("studio_20_2", edit(*WHOLE))
    ours = {"color": "Red", "name": "", "note": "", "duration": 1}
    markers = host.project.timelines[0].markers
    markers[20] = {**ours, "customData": "canto-beats:spoken:c1"}
    markers[220] = {**ours, "customData": "canto-beats:spoken:c2"}
    doubt = {"code": "asr.low", "cue_id": "c1", "level": "warning", "message": "?"}
    result = go(host, settings, tmp_path, [[50, 150, "新"]], findings=[doubt])
    assert sorted(markers) == [5, 20, 150] and result.markers == 1


def test_cues_that_hold_hands_over_the_edge_come_one_by_one(hosts: Hosts) -> None:
    host = hosts("studio_20_2", edit((80, 101, "一"), (101, 140, "二"), (898, 920, "三"), (920, 940, "四")))
    resolve = connect(host)
    assert whole_cues(resolve, read_timeline(resolve), (100, 900), ("spoken",)) == (80, 920)


def test_a_new_cue_gives_way_to_one_that_stays() -> None:
    kept = (Cue(0, 50, "留"), Cue(90, 120, "留"))
    new = (Cue(40, 60, "新"), Cue(10, 20, "冇位"), Cue(80, 130, "新"))
    assert with_new(kept, new) == (Cue(0, 50, "留"), Cue(50, 60, "新"), Cue(80, 90, "新"), Cue(90, 120, "留"))
