"""The two ways into the self-test: the command, which connects from outside, and a console inside Resolve under another Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.selftest import machine
from core.selftest import run as main_path
from core.selftest.desk import plugin_folder
from core.selftest.surroundings import bundled, menu_facts
from core.selftest.verdict import failed, not_here
from core.setup.machine import Machine
from core.verbs.selftest import selftest
from fakes.interpreters import interpreter
from fakes.resolve_files import linux_app, log_line

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scripting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Developer/Scripting folder whose module leads to a fake Resolve; two probes, so that the pauses of the real thing do not add up."""
    module = tmp_path / "Scripting" / "Modules" / "DaVinciResolveScript.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "from fakes.bench import build_host\nhost = build_host('studio_21_1')\ndef scriptapp(name):\n    return host.menu_globals()['resolve']\n",
        "utf-8",
    )
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path / "Scripting"))
    monkeypatch.setenv("RESOLVE_SCRIPT_LIB", "unused")
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")
    monkeypatch.setenv("CANTO_BEATS_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "DaVinciResolveScript", raising=False)
    monkeypatch.setattr(main_path, "PROBES", main_path.PROBES[:2])
    monkeypatch.setattr(machine, "PROBES", (machine.MachineProbe("power", lambda folder: not_here("selftest.power_needs_root")),))
    return module


def test_the_command_connects_asks_and_writes_the_report(scripting: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(selftest, ["--out", str(tmp_path / "out"), "--yes", "--json"])
    answer = json.loads(done.stdout)
    assert (answer["ok"], done.exit_code) == (True, 0)
    assert [Path(file).name for file in answer["report"]] == ["report.json", "report.md"]
    probes = json.loads(Path(answer["report"][0]).read_text("utf-8"))["probes"]
    assert [probe["name"] for probe in probes] == ["build", "menu_entry", "power"]
    assert probes[0]["data"]["product"] == "DaVinci Resolve Studio"
    assert answer["verdicts"] == {"power": "not_here"}
    del sys.modules["DaVinciResolveScript"]


def test_without_resolve_nothing_of_it_is_touched_or_asked(scripting: Path, tmp_path: Path) -> None:
    scripting.write_text("raise RuntimeError('Resolve was looked for')\n", "utf-8")
    done = CliRunner().invoke(selftest, ["--out", str(tmp_path / "out"), "--no-resolve"])
    assert done.exit_code == 0
    assert "1 of 1 probes ran.\n– power: not here. Only root may read powermetrics, and nothing here asks for a password." in done.output


def test_a_machine_that_fails_ends_with_1(scripting: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = machine.MachineProbe("power", lambda folder: failed("selftest.power_unread", {}, why="nothing"))
    monkeypatch.setattr(machine, "PROBES", (probe,))
    done = CliRunner().invoke(selftest, ["--out", str(tmp_path / "out"), "--no-resolve"])
    assert done.exit_code == 1
    assert "✗ power: failed. powermetrics told no power: nothing" in done.output


def test_nothing_starts_without_consent(scripting: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(selftest, ["--out", str(tmp_path / "out")])
    assert done.exit_code == 3
    assert "Nothing was started." in done.output
    assert not (tmp_path / "out").exists()


def test_a_resolve_that_refuses_is_explained(scripting: Path, tmp_path: Path) -> None:
    scripting.write_text("def scriptapp(name):\n    return None\n", "utf-8")
    done = CliRunner().invoke(selftest, ["--out", str(tmp_path / "out"), "--yes"])
    assert done.exit_code == 3
    assert "External scripting using" in " ".join(done.output.split())
    del sys.modules["DaVinciResolveScript"]


def test_the_plugin_is_found_in_the_installed_engine_before_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plugin_folder() == ROOT
    inside = tmp_path / "plugin" / "resolve_plugin"
    inside.mkdir(parents=True)
    (inside / "session.py").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert plugin_folder() == tmp_path / "plugin"


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_it_runs_in_a_console_of_resolve_under_another_python(version: str, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT / 'tests')!r}, {str(ROOT)!r}]\n"
        "from pathlib import Path\n"
        "from fakes.bench import NO_PAUSES, build_host\n"
        "from core.selftest.desk import Options\n"
        "from core.selftest.report import write_report\n"
        "from core.selftest.run import run_selftest\n"
        "host = build_host('free_20')\n"
        f"options = Options(Path({str(tmp_path)!r}), Path({str(ROOT)!r}), (), NO_PAUSES, host.pause)\n"
        "outcome = run_selftest(options, host.menu_globals()['resolve'])\n"
        "files = write_report(outcome, options.folder, 'zh')\n"
        "print(outcome.ok, len(outcome.answers), files[1].name)"
    )
    done = subprocess.run([interpreter(version), "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == f"True {len(main_path.PROBES)} report.md\n", done.stderr


def test_the_menus_forecast_is_part_of_the_report(tmp_path: Path) -> None:
    machine = Machine("linux", tmp_path / "home", tmp_path / "root", {})
    linux_app(machine)
    log_line(machine, "DaVinci Resolve v21.1.0.0014")
    facts = menu_facts(machine)
    assert facts["apps"][0]["edition"] == "free"
    assert facts["apps"][0]["verdict"] == {"appears": "no", "reasons": ("install.menu.free_without_python", "install.menu.not_deployed")}
    assert facts["launcher"]["state"] == "absent"


def test_a_python_inside_the_application_is_listed_once(tmp_path: Path) -> None:
    for file in ("Contents/Frameworks/ResolvePython/bin/python3.14", "Contents/Libraries/libpython3.14.dylib", "Contents/MacOS/Resolve"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert bundled(tmp_path) == ["Contents/Frameworks/ResolvePython", "Contents/Libraries/libpython3.14.dylib"]
