"""Rates, SRT, files, settings, jobs, lock: the small parts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from resolve_plugin import messages
from resolve_plugin.errors import PluginError
from resolve_plugin.files import fresh_path, read_json, safe_name, write_json
from resolve_plugin.jobs import all_jobs, create_job, jobs_to_put_back, unfinished_job
from resolve_plugin.lock import single_instance
from resolve_plugin.rates import Rate, rate_of, srt_time, timecode
from resolve_plugin.settings import default_folder, load_settings, remember
from resolve_plugin.srt import Cue, same_text, srt_text

TIMELINE = {"id": "t1", "name": "訪問/1: a", "project_id": "p1"}


@pytest.mark.parametrize(
    ("reported", "rate"),
    [
        ("23.976", Fraction(24000, 1001)), ("24.0", Fraction(24)), ("29.97", Fraction(30000, 1001)), ("29.97 DF", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)), ("60.0", Fraction(60)), ("47.952", Fraction(48000, 1001)), ("119.88", Fraction(120000, 1001)),
        ("23.976024627685547", Fraction(24000, 1001)),
    ],
)  # fmt: skip
def test_rates_are_exact(reported: str, rate: Fraction) -> None:
    assert rate_of(reported).fps == rate


@pytest.mark.parametrize("reported", ["33", "", "abc", "0", "1/0"])
def test_other_rates_are_refused(reported: str) -> None:
    with pytest.raises(PluginError) as caught:
        rate_of(reported)
    assert caught.value.code == "timeline.rate"


@pytest.mark.parametrize(
    ("reported", "drop_frame", "frame", "label"),
    [
        ("23.976", False, 86400, "01:00:00:00"), ("29.97", True, 107892, "01:00:00;00"), ("29.97", True, 1799, "00:00:59;29"),
        ("29.97", True, 1800, "00:01:00;02"), ("29.97", True, 17982, "00:10:00;00"), ("59.94", True, 3600, "00:01:00;04"),
        ("50", False, 180049, "01:00:00:49"), ("25", False, 2159999, "23:59:59:24"),
    ],
)  # fmt: skip
def test_timecode(reported: str, drop_frame: bool, frame: int, label: str) -> None:
    assert timecode(frame, rate_of(reported, drop_frame)) == label


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (1, Rate(Fraction(24000, 1001)), "00:00:00,042"),
        (86400, Rate(Fraction(24000, 1001)), "01:00:03,600"),
        (90000, Rate(Fraction(25)), "01:00:00,000"),
        (1, Rate(Fraction(60000, 1001)), "00:00:00,017"),
    ],
)
def test_srt_times_are_rounded_up(frame: int, rate: Rate, text: str) -> None:
    assert srt_time(frame, rate) == text


def test_the_file_has_no_empty_line_inside_a_cue() -> None:
    cues = [Cue(0, 25, "一\r\n\r\n二"), Cue(25, 50, " 三 ")]
    assert srt_text(cues, Rate(Fraction(25))) == ("1\n00:00:00,000 --> 00:00:01,000\n一\n二\n\n2\n00:00:01,000 --> 00:00:02,000\n三\n")
    assert same_text("一\u2028二 ") == same_text("一\n二")


def test_names_and_paths(tmp_path: Path) -> None:
    assert safe_name('a/b\\c: "d"*?') == "a b c d"
    assert safe_name("../..") == "Timeline"
    first = fresh_path(str(tmp_path), "訪問", ".srt")
    Path(first).touch()
    assert fresh_path(str(tmp_path), "訪問", ".srt") != first


def test_json_is_whole_or_absent(tmp_path: Path) -> None:
    path = str(tmp_path / "a.json")
    write_json(path, {"字": 1})
    assert read_json(path) == {"字": 1}
    assert os.listdir(tmp_path) == ["a.json"]
    Path(path).write_text("{")
    assert read_json(path) is None


def test_settings_come_in_order(tmp_path: Path) -> None:
    path = str(tmp_path / "c" / "settings.json")
    assert load_settings({}, path)["register"] == "spoken"
    remember({"register": "both", "asr_model": "m", "job_root": "not kept"}, path)
    assert load_settings({}, path)["register"] == "both"
    assert load_settings({"register": "written"}, path)["register"] == "written"
    assert "job_root" not in json.loads(Path(path).read_text("utf-8"))


def test_a_broken_settings_file_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("[1")
    assert load_settings({}, str(tmp_path / "settings.json"))["conflict"] == "replace"


def test_jobs_live_below_the_movies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/Users/ed")
    assert default_folder("Jobs") == "/Users/ed/Movies/Canto-Beats/Jobs"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_HK.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"CANTO_BEATS_LANG": "zh", "LANG": "en"}, "zh"),
        ({"LC_ALL": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_system(variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CANTO_BEATS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert messages.system_language() == language


def test_a_mac_without_variables_asks_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import plistlib

    for name in ("CANTO_BEATS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Library" / "Preferences").mkdir(parents=True)
    with (tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist").open("wb") as file:
        plistlib.dump({"AppleLanguages": ["zh-Hant-HK", "en-HK"]}, file)
    assert messages.system_language() == "zh"


def test_a_job_remembers_where_it_stands(tmp_path: Path) -> None:
    root = str(tmp_path)
    first = create_job(root, TIMELINE, {"register": "spoken"})
    second = create_job(root, TIMELINE, {"register": "spoken"})
    assert os.path.basename(first.folder).startswith("訪問 1 a 20")
    assert second.folder != first.folder
    first.set_phase("ready", documents=["/d.json"])
    second.set_phase("placed")
    found = unfinished_job(root, "t1")
    assert found is not None
    assert (found.folder, found.phase, found.state["documents"]) == (first.folder, "ready", ["/d.json"])
    assert unfinished_job(root, "t2") is None
    assert len(list(all_jobs(root))) == 2


def test_a_job_that_left_something_is_found_by_its_project(tmp_path: Path) -> None:
    job = create_job(str(tmp_path), TIMELINE, {})
    job.journal.will_restore("page", page="color")
    (found,) = jobs_to_put_back(str(tmp_path), "p1")
    assert found.journal.pending
    assert jobs_to_put_back(str(tmp_path), "p2") == []


def test_one_instance_at_a_time(tmp_path: Path) -> None:
    with single_instance(str(tmp_path)):
        with pytest.raises(PluginError) as caught, single_instance(str(tmp_path)):
            raise AssertionError("two at once")
        assert caught.value.code == "session.running"
    with single_instance(str(tmp_path)):
        assert os.listdir(tmp_path) == [".canto-beats.lock"]
    assert os.listdir(tmp_path) == []


def test_the_lock_of_the_dead_is_taken(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    write_json(str(tmp_path / ".canto-beats.lock"), {"pid": dead.pid, "heartbeat": time.time()})
    with single_instance(str(tmp_path)):
        assert read_json(str(tmp_path / ".canto-beats.lock"))["pid"] == os.getpid()


def test_the_lock_without_a_heartbeat_is_taken(tmp_path: Path) -> None:
    lock = tmp_path / ".canto-beats.lock"
    write_json(str(lock), {"pid": os.getppid(), "heartbeat": 0})
    with pytest.raises(PluginError), single_instance(str(tmp_path)):
        raise AssertionError("a fresh file counts as alive")
    os.utime(lock, (time.time() - 60, time.time() - 60))
    with single_instance(str(tmp_path)):
        pass
