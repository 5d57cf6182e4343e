"""The film after the subtitles: by Resolve or burnt in, beside what is there, resumable, and never at the expense of what was placed."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import CUES, connect, engine_script, go, placed_cues, small_edit, without_ours
from fakes.resolve import PROFILES, FakeHost, Item, Quirks, Track, choose, click
from resolve_plugin.__main__ import main
from resolve_plugin.engine_talk import Talk
from resolve_plugin.errors import PluginError
from resolve_plugin.files import move_new
from resolve_plugin.session import SessionResult
from resolve_plugin.undo import Journal

Hosts = Callable[..., FakeHost]
Settings = dict[str, Any]
MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]
PLACED = [tuple(cue) for cue in CUES]


def films(settings: Settings) -> list[str]:
    """Names in the folder of films, without their time stamps."""
    return sorted(" ".join(word for word in name.split(" ") if not word[:8].isdigit()) for name in os.listdir(settings["film_folder"]))


def users(host: FakeHost) -> dict[str, Any]:
    state = without_ours(host.snapshot())
    state["render"]["presets"] = {} if host.profile.version < (19, 1, 0) else state["render"]["presets"]
    return state


@pytest.mark.parametrize("profile", ["studio_20_2", "studio_21_1", "studio_20_2_zh"])
def test_resolve_renders_with_our_track_burnt_in(hosts: Hosts, settings: Settings, profile: str) -> None:
    edit = small_edit()
    edit.tracks["subtitle"].append(Track("English", items=[Item(90010, 90050, "Hello")]))
    host = hosts(profile, edit)
    before = users(host)
    result = go(host, settings, render="resolve", film_codec="h265")
    assert (result.status, result.film["status"], result.film["kept"]) == ("placed", "done", "")
    assert placed_cues(host, 2) == PLACED
    assert Path(result.film["path"]).read_bytes()[4:8] == b"ftyp"
    assert Path(result.film["path"]).name.startswith("訪問 v2 20")
    assert [film["burnt"] for film in host.films] == ["Canto-Beats 口語"]
    assert len(os.listdir(settings["film_folder"])) == 1
    assert users(host) == before
    assert result.notes == (
        f"The film is here: {result.film['path']}",
        "Resolve does not say whether it burnt the subtitles in. Look at the film at 01:00:00:10, the first subtitle.",
    )


@pytest.mark.parametrize("profile", MENU)
def test_every_profile_can_have_it_burnt_in_by_us(hosts: Hosts, settings: Settings, profile: str) -> None:
    host = hosts(profile)
    before = users(host)
    result = go(host, settings, render="burn", film_style="hk_box", film_quality="high")
    assert (result.status, result.film["status"]) == ("placed", "done"), result
    assert Path(result.film["path"]).read_bytes().endswith(b"burnt in")
    assert [film["burnt"] for film in host.films] == [""]
    assert films(settings) == ["訪問 v2"]  # the clean one is gone
    request = json.loads((Path(result.job) / "film" / "request.json").read_text("utf-8"))
    assert Path(request.pop("out")).parent.name.startswith("Canto-Beats in progress 20")
    (subtitles,) = request.pop("subtitles")
    assert Path(subtitles).read_text("utf-8").startswith("1\n00:00:00,400 --> 00:00:01,600\n你好\n")
    assert Path(request.pop("input")).name.startswith("訪問 v2 clean 20")
    assert request == {
        "schema": "request/1", "task": "render", "rate": "25/1", "drop_frame": False, "style": "hk_box", "codec": "h264", "quality": "high",
        "language_ui": "en",
    }  # fmt: skip
    assert users(host) == before


def test_both_registers_are_burnt_in_together(hosts: Hosts, settings: Settings) -> None:
    result = go(hosts(), settings, render="burn", register="both")
    request = json.loads((Path(result.job) / "film" / "request.json").read_text("utf-8"))
    assert [Path(one).name.split(" 2")[0] for one in request["subtitles"]] == ["Canto-Beats 書面語", "Canto-Beats 口語"]


def test_the_bilingual_style_needs_both_before_anything_is_rendered(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    result = go(host, settings, render="burn", film_style="bilingual")
    assert (result.status, result.film["status"]) == ("placed", "failed")
    assert result.notes[0] == "The bilingual style needs both registers, and only Canto-Beats 口語 is on the timeline."
    assert host.films == []
    assert go(host, settings, render="burn", film_style="bilingual", register="both").film["status"] == "done"


def test_resolve_shows_one_track_and_the_other_is_named(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    result = go(host, settings, render="resolve", register="both")
    assert host.films[0]["burnt"] == "Canto-Beats 口語"
    assert "Resolve shows one subtitle track at a time: the film has Canto-Beats 口語." in result.notes


def test_times_are_counted_from_the_range(hosts: Hosts, settings: Settings) -> None:
    result = go(hosts(), settings, render="burn", range="in_out")
    request = json.loads((Path(result.job) / "film" / "request.json").read_text("utf-8"))
    assert Path(request["subtitles"][0]).read_text("utf-8").startswith("1\n00:00:00,400 --> 00:00:01,600\n你好\n")


def test_before_20_2_the_way_by_hand_is_told_and_nothing_rendered(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_19_1")
    result = go(host, settings, render="resolve")
    assert (result.status, result.film) == ("placed", {"how": "resolve", "status": "by_hand", "path": "", "kept": ""})
    assert "Burn into video" in result.notes[-1]
    assert host.films == []
    assert go(host, settings, render="resolve").job != result.job  # nothing is left to resume


def test_before_20_2_the_window_offers_our_burning_in(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_19_1")
    host.ui_events = [choose("Render", CurrentIndex=1), click("Start"), click("Answer1", "Let Canto-Beats burn them in"), click("Cancel", "Close")]
    result = go(host, settings, window=True)
    assert (result.film["how"], result.film["status"]) == ("burn", "done")
    assert json.loads(Path(settings["settings_path"]).read_text("utf-8"))["render"] == "resolve"


def test_the_window_knows_the_engines_styles() -> None:
    from resolve_plugin.window import _STYLES

    looks = (Path(__file__).resolve().parents[2] / "core" / "data" / "ass_styles.toml").read_text("utf-8")
    assert set(_STYLES) == {"", *re.findall(r"^\[(\w+)\]$", looks, re.MULTILINE)}


def test_the_window_has_the_choice(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    host = hosts()
    host.ui_events = [
        choose("Render", CurrentIndex=2), choose("Codec", CurrentIndex=1), choose("Style", CurrentIndex=3),
        choose("Folder", Text=str(tmp_path / "other")),
        click("Start"), click("Cancel", "Close"),
    ]  # fmt: skip
    result = go(host, settings, window=True)
    assert os.path.dirname(result.film["path"]) == str(tmp_path / "other")
    request = json.loads((Path(result.job) / "film" / "request.json").read_text("utf-8"))
    assert (request["codec"], request["style"]) == ("hevc", "kai_drama")


@pytest.mark.parametrize("how", ["resolve", "burn"])
def test_a_failed_render_keeps_the_subtitles_and_the_next_start_makes_the_film(hosts: Hosts, settings: Settings, how: str) -> None:
    host = hosts("studio_20_2", None, Quirks(render_fails=True))
    before = users(host)
    first = go(host, settings, render=how)
    assert (first.status, first.film["status"]) == ("placed", "failed")
    assert "The render of the film failed." in first.notes
    assert "The subtitles on the timeline are not affected." in first.notes
    assert placed_cues(host) == PLACED
    assert users(host) == before
    assert films(settings) == []
    host.quirks.render_fails = False
    second = go(host, settings, render=how)
    assert (second.status, second.job, second.film["status"]) == ("placed", first.job, "done")
    assert placed_cues(host) == PLACED
    assert films(settings) == ["訪問 v2"]


def test_a_film_that_fails_twice_is_not_tried_for_ever(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2", None, Quirks(render_fails=True))
    jobs = [go(host, settings, render="resolve").job for _ in range(3)]
    assert jobs[0] == jobs[1] != jobs[2]


def test_who_wants_no_film_any_more_gets_subtitles(hosts: Hosts, settings: Settings) -> None:
    host = hosts("studio_20_2", None, Quirks(render_fails=True))
    first = go(host, settings, render="resolve")
    second = go(host, settings)
    assert second.job != first.job
    assert second.film == {}


def test_a_clean_film_is_kept_when_burning_in_fails_and_used_again(
    hosts: Hosts, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = hosts()
    real = Talk.run

    def fall_over(self: Talk, command: list[str]) -> dict[str, Any]:
        return real(self, engine_script(tmp_path / "bad", [{"exit": 3}]) if self.folder else command)

    monkeypatch.setattr(Talk, "run", fall_over)
    first = go(host, settings, render="burn")
    assert (first.status, first.film["status"], first.film["path"]) == ("placed", "failed", "")
    assert f"The clean film without subtitles is kept: {first.film['kept']}" in first.notes
    assert films(settings) == ["訪問 v2 clean"]
    host.project.timelines[0].tracks["subtitle"][0].items[0].name = "改咗"  # a correction by hand
    monkeypatch.setattr(Talk, "run", real)
    second = go(host, settings, render="burn")
    assert second.film["status"] == "done"
    assert len(host.films) == 1
    assert films(settings) == ["訪問 v2"]
    request = json.loads((Path(second.job) / "film" / "request.json").read_text("utf-8"))
    assert "改咗" in Path(request["subtitles"][0]).read_text("utf-8")


def test_what_a_broken_engine_leaves_is_removed(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(self: Talk, command: list[str]) -> dict[str, Any]:
        if not self.folder:
            return real(self, command)
        request = json.loads((Path(self.folder) / "request.json").read_text("utf-8"))
        Path(request["out"] + ".part").write_bytes(b"half")
        raise PluginError("engine.crashed", status=-9, log="-")

    real = Talk.run
    monkeypatch.setattr(Talk, "run", die)
    result = go(hosts(), settings, render="burn")
    assert result.film["status"] == "failed"
    assert films(settings) == ["訪問 v2 clean"]


def test_cancel_while_resolve_renders_leaves_no_piece(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    before = users(host)
    host.ui_events = [choose("Render", CurrentIndex=1), click("Start"), lambda host: bool(host.project.render.running), click("Cancel")]
    pieces: list[int] = []
    host.desk.before = lambda number, call: pieces.extend(len(names) for _, _, names in os.walk(settings["film_folder"]) if names)
    result = go(host, settings, window=True)
    assert (result.status, result.film["status"]) == ("placed", "cancelled")
    assert pieces, "the piece was there"
    assert os.listdir(settings["film_folder"]) == []
    assert placed_cues(host) == PLACED
    assert users(host) == before


def test_cancel_while_burning_in_keeps_the_clean_film(hosts: Hosts, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    real = Talk.run

    def slow(self: Talk, command: list[str]) -> dict[str, Any]:
        if self.folder:
            host.ui_events.append(click("Cancel"))
        return real(self, engine_script(tmp_path / "slow", [{"sleep": 60}]) if self.folder else command)

    monkeypatch.setattr(Talk, "run", slow)
    host.ui_events = [choose("Render", CurrentIndex=2), click("Start")]
    result = go(host, settings, window=True)
    assert result.film["status"] == "cancelled"
    assert films(settings) == ["訪問 v2 clean"]


def test_a_lost_connection_is_put_in_order_at_the_next_start_and_the_film_made(hosts: Hosts, settings: Settings) -> None:
    host = hosts()
    before = users(host)
    host.desk.before = lambda number, call: host.__dict__.update(closed=host.closed or call == "Project.StartRendering")
    first = go(host, settings, render="resolve")
    assert (first.status, first.film["status"]) == ("placed", "failed")
    assert "Some settings of Resolve could not be put back yet. Start Canto-Beats again to do so." in first.notes
    host.desk.before, host.closed = (lambda number, call: None), False
    second = go(host, settings, render="resolve")
    assert (second.job, second.film["status"]) == (first.job, "done")
    assert films(settings) == ["訪問 v2"]
    assert placed_cues(host) == PLACED
    assert users(host) == before
    assert [job["JobId"] for job in host.project.render.jobs] == ["theirs"]


def test_a_small_disk_is_noticed_before_the_render(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    host = hosts()
    usage = shutil.disk_usage("/")._replace(free=2_000_000_000)
    monkeypatch.setattr("resolve_plugin.film.shutil.disk_usage", lambda path: usage)
    result = go(host, settings, render="burn")
    assert result.film["status"] == "failed"
    assert f"The disk of {settings['film_folder']} has 2.0 GB free; the film may need 2.6 GB." in result.notes
    assert host.films == []
    assert go(host, settings, render="resolve").film["status"] == "done"  # 2000 frames of H.264 would fit


def test_a_folder_that_cannot_be_made_is_named(hosts: Hosts, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = go(hosts(), settings, render="resolve", film_folder=str(tmp_path / "file" / "x"))
    assert (result.status, result.film["status"]) == ("placed", "failed")
    assert "could not be written" in result.notes[0]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("new")
    target.write_text("old")
    with pytest.raises(FileExistsError):
        move_new(str(source), str(target))
    assert (source.read_text(), target.read_text()) == ("new", "old")


def test_a_disk_without_links_is_renamed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: str, target: str) -> None:
        raise PermissionError("exFAT")

    monkeypatch.setattr("resolve_plugin.files.os.link", no_links)
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("new")
    move_new(str(source), str(target))
    assert (source.exists(), target.read_text()) == (False, "new")
    source.write_text("newer")
    with pytest.raises(FileExistsError):
        move_new(str(source), str(target))


def test_only_our_own_folder_is_ever_deleted(hosts: Hosts, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "Canto-Beats in progress 1", tmp_path / "Films"
    for folder in (mine, theirs):
        folder.mkdir()
        (folder / "x.mov").touch()
    journal = Journal({}, lambda: None)
    host = connect(hosts())
    journal.will_restore("drop_folder", folder=str(mine))
    assert journal.put_back(host)
    journal.will_restore("drop_folder", folder=str(theirs))
    assert not journal.put_back(host)
    assert [folder.exists() for folder in (mine, theirs)] == [False, True]


def test_the_command_line_tells_a_missing_film(hosts: Hosts, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    results = [SessionResult("placed"), SessionResult("placed", film={"status": "done"}), SessionResult("placed", film={"status": "failed"})]
    monkeypatch.setattr("resolve_plugin.__main__.connect", lambda: None)
    monkeypatch.setattr("resolve_plugin.__main__.run", lambda resolve, settings: results.pop(0))
    assert [main(["render=burn"]) for _ in range(3)] == [0, 0, 1]
