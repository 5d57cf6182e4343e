"""The self-test runs to its end against every fake Resolve that lets a script in, and leaves no trace in the user's project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import SetupError
from core.messages import catalogue
from core.selftest import run as main_path
from core.selftest.desk import Options
from core.selftest.machine import PROBES as MACHINE_PROBES
from core.selftest.report import as_json, as_text, write_report
from core.selftest.run import PROBES, Answer, Outcome, run_selftest
from fakes.bench import CUES, NO_PAUSES, build_host, engine_script
from fakes.resolve import PROFILES, FakeHost, Quirks
from resolve_plugin.resolve_api import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
MENU = [name for name, profile in PROFILES.items() if profile.menu_python]


def options(host: FakeHost, folder: Path) -> Options:
    engine = engine_script(folder / "engine", [{"result": CUES}])
    return Options(folder / "run", ROOT, tuple(engine), NO_PAUSES, host.pause)


def go(host: FakeHost, folder: Path) -> Outcome:
    return run_selftest(options(host, folder), host.menu_globals()["resolve"])


def data(outcome: Outcome, name: str) -> dict[str, object]:
    return next(answer.data for answer in outcome.answers if answer.name == name)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> tuple[FakeHost, Outcome, Path]:
    """One whole run on Studio 21.1."""
    host, folder = build_host("studio_21_1"), tmp_path_factory.mktemp("selftest")
    return host, go(host, folder), folder


@pytest.mark.parametrize("profile", MENU)
def test_it_comes_to_its_end_and_the_users_project_is_as_it_was(profile: str, tmp_path: Path) -> None:
    host = build_host(profile)
    before = host.snapshot()
    outcome = go(host, tmp_path)
    assert [answer.error for answer in outcome.answers if answer.error] == []
    assert [answer.name for answer in outcome.answers] == [probe.name for probe in PROBES]
    assert host.snapshot() == before
    assert [project.name for project in host.projects] == ["Film"]
    assert outcome.restored == {"project": True, "timeline": True, "playhead": True, "page": True, "scratch_deleted": True}
    assert host.desk.violations == []
    assert outcome.ok


def test_every_operation_of_the_plugin_is_run(studio: tuple[FakeHost, Outcome, Path]) -> None:
    assert set(studio[1].operations) == set(OPERATIONS)


def test_no_studio_only_call_is_made_on_a_free_edition(tmp_path: Path) -> None:
    host = build_host("free_20")
    go(host, tmp_path)
    assert host.desk.modal_calls == 0


def test_answers_are_what_this_resolve_did(studio: tuple[FakeHost, Outcome, Path]) -> None:
    _, outcome, _ = studio
    assert data(outcome, "tracks_and_cues")["read_back"] == [[25, 75, "你好"], [100, 150, "今日天氣幾好"], [175, 240, "多謝晒"]]
    assert data(outcome, "append_target")["first filled, both on"] == {"before": [1, 0], "after": [1, 3], "starts": [[200], [25, 100, 175]]}
    assert data(outcome, "whole_run")["status"] == "placed"
    assert data(outcome, "deliver_page")["files"] == {"sound.wav": 96044, **_presets(outcome)}
    assert data(outcome, "without_track")["tracks"] == []


def _presets(outcome: Outcome) -> dict[str, int]:
    files: dict[str, int] = data(outcome, "deliver_page")["files"]  # type: ignore[assignment]
    return {name: size for name, size in files.items() if name.startswith("backup")}


def test_another_behaviour_gives_another_answer(tmp_path: Path) -> None:
    outcome = go(build_host("studio_20_2", None, Quirks(append_target="last", srt_rounding="floor", append_return="none")), tmp_path)
    assert data(outcome, "append_target")["first filled, only second on"]["after"] == [0, 4]  # type: ignore[index]
    assert starts(outcome, "25") == [100, 202, 303, 1000, 2002, 3003]
    assert starts(outcome, "29.97 DF") == [100, 202, 303, 1000, 2002, 3003]


def starts(outcome: Outcome, rate: str) -> list[int]:
    return [start for start, _, _ in data(outcome, "rounding")[rate]["read"]]  # type: ignore[index]


@pytest.mark.parametrize(("rate", "says"), [("23.976", ("23.976", False)), ("29.97 DF", ("29.97", True)), ("60", ("60.0", False))])
def test_rounding_is_asked_at_every_rate(studio: tuple[FakeHost, Outcome, Path], rate: str, says: tuple[str, bool]) -> None:
    timeline = data(studio[1], "rounding")[rate]["timeline"]  # type: ignore[index]
    assert (timeline["rate"], timeline["drop_frame"]) == says
    assert starts(studio[1], rate) == [101, 202, 303, 1001, 2002, 3003]


def test_the_report_has_everything_and_reads_in_both_languages(studio: tuple[FakeHost, Outcome, Path], tmp_path: Path) -> None:
    _, outcome, _ = studio
    files = write_report(outcome, tmp_path, "en")
    report = json.loads(files[0].read_text("utf-8"))
    assert [probe["name"] for probe in report["probes"]] == [probe.name for probe in PROBES]
    assert any(call["call"] == "append_subtitles" for call in report["probes"][4]["calls"])
    english = files[1].read_text("utf-8")
    assert "## append_target\n\nWhich subtitle track does an append choose" in english
    assert "- your project is open again: ✓" in english
    chinese = write_report(outcome, tmp_path, "zh")[1].read_text("utf-8")
    assert "加入字幕時會選哪條字幕軌" in chinese
    assert f"Report: {files[1]}" in as_text(outcome, files, "en")
    assert json.loads(as_json(outcome, files))["ok"] is True


def test_every_probe_has_its_question() -> None:
    names = [probe.name for probe in (*PROBES, *MACHINE_PROBES)]
    assert {f"selftest.question_{name}" for name in names} == {key for key in catalogue() if key.startswith("selftest.question_")}


def _with(monkeypatch: pytest.MonkeyPatch, probe: object) -> None:
    monkeypatch.setattr(main_path, "PROBES", (PROBES[0], PROBES[3]._replace(run=probe), PROBES[5]))


def test_a_probe_that_breaks_is_reported_and_the_next_ones_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def breaks(desk: object) -> dict[str, object]:
        raise KeyError("Duration")

    _with(monkeypatch, breaks)
    outcome = go(build_host(), tmp_path)
    assert [bool(answer.error) for answer in outcome.answers] == [False, True, False]
    assert not outcome.ok
    assert "KeyError: 'Duration'" in write_report(outcome, tmp_path, "en")[1].read_text("utf-8")


def test_ctrl_c_restores_the_project_and_keeps_what_was_answered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(desk: object) -> dict[str, object]:
        raise KeyboardInterrupt

    _with(monkeypatch, interrupted)
    host = build_host()
    before = host.snapshot()
    outcome = go(host, tmp_path)
    assert (outcome.stopped, outcome.ok, [answer.name for answer in outcome.answers]) == (True, False, ["build"])
    assert host.snapshot() == before
    assert [project.name for project in host.projects] == ["Film"]


def test_a_project_that_cannot_be_saved_is_not_left(tmp_path: Path) -> None:
    host = build_host()
    host.project.name = "Untitled Project"
    before = host.snapshot()
    with pytest.raises(SetupError) as caught:
        go(host, tmp_path)
    assert caught.value.code == "selftest.unsaved"
    assert host.snapshot() == before
    assert len(host.projects) == 1


def test_a_bridge_that_raises_now_and_then_stops_nothing(tmp_path: Path) -> None:
    host = build_host()
    host.faults.plan = {number: "raise" for number in range(60, 2000, 97)}
    outcome = go(host, tmp_path)
    assert len(outcome.answers) == len(PROBES)
    assert any("FakeConnectionError" in str(call.get("error", "")) for answer in outcome.answers for call in answer.calls)


def test_what_did_not_come_back_is_said(tmp_path: Path) -> None:
    outcome = Outcome((Answer("build", 0.1, {}, "", []),), {"project": True, "playhead": False}, (), False)
    assert not outcome.ok
    files = write_report(outcome, tmp_path, "en")
    assert "- the playhead is where it was: ✗" in files[1].read_text("utf-8")
    assert "✗ the playhead is where it was" in as_text(outcome, files, "en")


def test_it_needs_nothing_but_the_standard_library_and_the_plugin() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); before = set(sys.modules)\n"
        "import core.selftest.run, core.selftest.report\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before} - {'core', 'resolve_plugin'}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
