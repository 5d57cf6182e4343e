"""Installing for good on made-up machines: fake Pythons, fake file trees, the real source of this repository where it is copied."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from core import __version__, messages
from core.errors import SetupError
from core.setup import commands, pythons
from core.setup.install_verb import Kit, install
from core.setup.launcher import NAME, inspect
from core.setup.machine import Machine, app_folder, jobs_folder, scripts_folder
from core.setup.permanent import current
from core.setup.pythons import Places, Python
from core.setup.screen import Screen
from fakes.pythons import make_python
from fakes.resolve_files import linux_app, log_line, mac_app, mac_python

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def download(checkout: Path) -> Path:
    """A downloaded folder with the little of the source that installing looks at."""
    for name, text in {"core/__init__.py": "one", "resolve_plugin/session.py": "two", "README.md": "", "LICENSE": ""}.items():
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text(text, "utf-8")
    (checkout / "resolve_plugin" / NAME).write_bytes((ROOT / "resolve_plugin" / NAME).read_bytes())
    return checkout


@pytest.fixture
def kit(download: Path, linux: Machine, screen: Screen, tmp_path: Path) -> Kit:
    base = Python(str(make_python(tmp_path / "bin" / "python3.12")), "3.12.4")
    return Kit(download, linux, screen, lambda place: base)


def engines(kit: Kit) -> list[str]:
    return sorted(path.name for path in kit.home.glob("engine*"))


def calls(kit: Kit, number: int = 1) -> list[str]:
    return (kit.home / f"engine-{__version__}-{number}" / "calls").read_text("utf-8").splitlines()


def changed(kit: Kit) -> None:
    """A new version of the source."""
    (kit.root / "core" / "__init__.py").write_text("three", "utf-8")


def test_a_first_installation(kit: Kit, page) -> None:  # type: ignore[no-untyped-def]
    install(kit)
    engine = kit.home / f"engine-{__version__}-1"
    assert engines(kit) == ["engine", engine.name]
    assert (kit.home / "engine").resolve() == engine.resolve()
    assert f"{engine}/source[llm,mac,qwen] -c {kit.root}/constraints.txt" in calls(kit)[1]
    assert " -e " not in calls(kit)[1]
    assert calls(kit)[2:] == [
        "-I -m core doctor --json",
        f"ran -I -c import sys; sys.path.insert(0, sys.argv[1]); import resolve_plugin.session {engine}/plugin",
    ]
    assert (engine / "plugin" / "resolve_plugin" / "session.py").read_text("utf-8") == "two"
    assert not (engine / "source").exists()
    launcher = inspect(scripts_folder(kit.machine))
    assert (launcher.state, launcher.engine_python) == ("ours", f"{engine}/bin/python")
    assert repr(f"{engine}/plugin") in launcher.path.read_text("utf-8")
    assert "This folder can be deleted." in page.getvalue()


def test_nothing_is_written_into_the_download(kit: Kit) -> None:
    before = sorted(kit.root.rglob("*"))
    install(kit)
    assert sorted(kit.root.rglob("*")) == before


def test_the_same_again_changes_nothing(kit: Kit, page) -> None:  # type: ignore[no-untyped-def]
    install(kit)
    install(kit)
    assert engines(kit) == ["engine", f"engine-{__version__}-1"]
    assert sum("pip install" in call for call in calls(kit)) == 2
    assert "is already installed and works" in page.getvalue()


def test_an_update_takes_over_and_keeps_what_is_the_users(kit: Kit) -> None:
    install(kit)
    (kit.home / "models" / "m").mkdir(parents=True)
    (kit.home / "models" / "m" / "weights").write_text("mine", "utf-8")
    settings = kit.machine.home / ".config" / "canto-beats" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("max_width = 14\n", "utf-8")
    changed(kit)
    install(kit)
    assert engines(kit) == ["engine", f"engine-{__version__}-2"]
    assert (kit.home / "engine").resolve().name == f"engine-{__version__}-2"
    assert f"engine-{__version__}-2" in inspect(scripts_folder(kit.machine)).engine_python
    assert (kit.home / "models" / "m" / "weights").read_text("utf-8") == "mine"
    assert settings.read_text("utf-8") == "max_width = 14\n"


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("FAKE_PIP_FAILS", "ERROR: No matching distribution found for numpy==2.4.6", "install.no_wheel"),
        ("FAKE_DOCTOR", "ImportError: libsoxr", "install.not_verified"),
        ("FAKE_VERB_EXIT", "1", "install.not_verified"),  # the plugin does not import
        ("FAKE_FFMPEG", "false", "install.not_verified"),
    ],
)
def test_a_failed_update_leaves_the_old_one_working(kit: Kit, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, code: str) -> None:
    install(kit)
    launcher = (scripts_folder(kit.machine) / NAME).read_bytes()
    changed(kit)
    monkeypatch.setenv(variable, value)
    with pytest.raises(SetupError) as caught:
        install(kit)
    assert caught.value.code == code
    old = current(kit.root, kit.home)
    assert old is not None and old.folder.name == f"engine-{__version__}-1" and old.answers()
    assert (scripts_folder(kit.machine) / NAME).read_bytes() == launcher
    monkeypatch.delenv(variable)
    install(kit)
    assert len(engines(kit)) == 2


def test_a_run_killed_before_the_switch_is_taken_up(kit: Kit, page) -> None:  # type: ignore[no-untyped-def]
    install(kit)
    changed(kit)
    install(kit)
    os.replace(kit.home / "engine", kit.home / "gone")  # the link is the last thing to be missing
    (kit.home / "gone").unlink()
    install(kit)
    assert engines(kit) == ["engine", f"engine-{__version__}-2"]
    assert "was built by an earlier run" in page.getvalue()


def test_a_version_that_is_at_work_stays_until_the_next_update(kit: Kit, tmp_path: Path, page) -> None:  # type: ignore[no-untyped-def]
    install(kit)
    old = kit.home / f"engine-{__version__}-1"
    (tmp_path / "processes").write_text(f" 4711 {old}/bin/python -I -m core serve\n{os.getpid()} {kit.home}/engine/bin/python\n", "utf-8")
    changed(kit)
    install(kit)
    assert engines(kit) == ["engine", f"engine-{__version__}-1", f"engine-{__version__}-2"]
    assert f"it stays until the next update: {old}" in page.getvalue()
    (tmp_path / "processes").unlink()
    install(kit)
    assert engines(kit) == ["engine", f"engine-{__version__}-2"]


def test_what_is_not_ours_is_kept_and_named(kit: Kit, page) -> None:  # type: ignore[no-untyped-def]
    (kit.home / "engine").mkdir(parents=True)
    (kit.home / "engine" / "precious").touch()
    (kit.home / "engine-mine-1").mkdir()
    scripts_folder(kit.machine).mkdir(parents=True)
    (scripts_folder(kit.machine) / NAME).write_text("print('mine')\n", "utf-8")
    install(kit)
    assert (kit.home / "engine-kept-1" / "precious").exists()
    assert (kit.home / "engine-mine-1").exists()
    kept = scripts_folder(kit.machine) / f"{NAME}.kept-1"
    assert kept.read_text("utf-8") == "print('mine')\n"
    assert f"is kept as {kept}." in page.getvalue()


def test_the_installed_engine_cannot_install_itself(kit: Kit, screen: Screen, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        install(kit._replace(root=tmp_path / "site-packages"))
    assert caught.value.code == "install.no_source"


# -- the whole command


@pytest.fixture
def run(download: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """install.py of the download on a machine, with a Python that fits."""
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR", "APPDATA", "CANTO_BEATS_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(pythons, "on_apple_silicon", lambda: False)
    monkeypatch.setattr(commands, "ROOT", download)
    python = make_python(tmp_path / "bin" / "python3")
    monkeypatch.setattr(commands, "places", lambda root, below=None: Places(root, tmp_path / "nobody", str(python), (), (), below))
    return lambda machine, *words: commands.main(list(words), machine)


def test_install_check_uninstall_on_a_mac_with_studio(run, mac: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    mac_app(mac, version="20.2.1")
    log_line(mac, "DaVinci Resolve Studio v20.2.1.0007")
    home = mac_python(mac.root / "opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12")
    assert run(mac, "check") == 3
    told = capsys.readouterr().out
    assert "Canto-Beats Subtitles will not appear in Workspace > Scripts." in told
    assert "Its file is missing" in told
    assert "Resolve finds no Python 3: PYTHON3HOME is not set" in told
    assert f"The fix: launchctl setenv PYTHON3HOME {home}" in told
    assert not (tmp_path / "launchd-PYTHON3HOME").exists()

    assert run(mac) == 0
    assert not (tmp_path / "launchd-PYTHON3HOME").exists()  # nobody consented
    assert run(mac, "--yes") == 0
    assert (tmp_path / "launchd-PYTHON3HOME").read_text("utf-8") == str(home)
    capsys.readouterr()
    assert run(mac, "check") == 0
    told = capsys.readouterr().out
    assert "Canto-Beats Subtitles will appear in Workspace > Scripts." in told
    assert f"Python for it: 3.12 ({home})" in told

    assert run(mac, "uninstall") == 3
    assert run(mac, "uninstall", "--yes") == 0
    assert not app_folder(mac).exists()
    assert not (scripts_folder(mac) / NAME).exists()
    assert list((mac.home / "Library" / "LaunchAgents").iterdir()) == []
    assert not (tmp_path / "launchd-PYTHON3HOME").exists()


def test_free_21_1_gets_the_working_path_in_three_steps(run, linux: Machine, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    linux_app(linux)
    log_line(linux, "DaVinci Resolve v21.1.0.0014")
    assert run(linux) == 0
    told = capsys.readouterr().out
    assert "will not appear in Workspace > Scripts." in told
    assert "From 21.1 on, the free edition lists no Python scripts." in told
    command = app_folder(linux) / "engine" / "bin" / "canto-beats"
    for step in ("1. File > Export > Timeline, format OTIO.", f'2. "{command}" transcribe', "3. File > Import > Subtitle"):
        assert step in told


def test_a_launchd_that_does_not_listen_is_told(run, mac: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    mac_app(mac)
    mac_python(mac.root / "Library/Frameworks/Python.framework/Versions/3.12")
    (tmp_path / "launchd-is-deaf").touch()
    assert run(mac, "--yes") == 3
    assert "Type it into Terminal: launchctl setenv PYTHON3HOME" in capsys.readouterr().out


def test_without_a_python_to_point_at_the_installer_page_is_named(run, mac: Machine, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    mac_app(mac)
    assert run(mac, "--yes") == 0
    assert "https://www.python.org/downloads/macos/" in capsys.readouterr().out


def test_uninstall_keeps_what_is_the_users_and_names_it(run, linux: Machine, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    run(linux)
    launcher = scripts_folder(linux) / NAME
    launcher.write_text(launcher.read_text("utf-8").replace("Canto-Beats ...", "My own"), "utf-8")
    users = [app_folder(linux) / "models" / "weights", linux.home / ".config/canto-beats/settings.json", jobs_folder(linux) / "Jobs" / "a.srt"]
    for path in users:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine", "utf-8")
    capsys.readouterr()
    assert run(linux, "uninstall", "--yes") == 0
    assert all(path.exists() for path in (launcher, *users))
    assert sorted(path.name for path in app_folder(linux).iterdir()) == ["models"]
    told = capsys.readouterr().out
    assert f"{launcher} is not as install.py wrote it and stays" in told
    assert f"Stays: {app_folder(linux) / 'models'} (remove it too with --purge)" in told
    assert run(linux, "uninstall", "--purge", "--yes") == 0
    assert [path.exists() for path in users] == [False, False, True]
    assert not app_folder(linux).exists()
    assert launcher.exists()


def test_the_installed_engine_can_remove_itself(run, linux: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    """Its own catalogue goes with it, and still has to have the last word."""
    run(linux)
    inside = app_folder(linux) / f"engine-{__version__}-1" / "messages"
    shutil.copytree(ROOT / "core" / "data" / "messages", inside)
    monkeypatch.setattr(messages, "_FOLDER", inside)
    messages.catalogue.cache_clear()
    capsys.readouterr()
    assert run(linux, "uninstall", "--yes") == 0
    told = capsys.readouterr().out
    messages.catalogue.cache_clear()
    assert (told.splitlines()[0], told.splitlines()[-1]) == ("To be removed:", "Removed. Your media and subtitles were not touched.")
    assert not inside.exists()


def test_a_read_only_download_makes_a_copy_that_can_be_removed(kit: Kit) -> None:
    (kit.root / "resolve_plugin").chmod(0o555)
    install(kit)
    copy = kit.home / f"engine-{__version__}-1" / "plugin" / "resolve_plugin"
    assert copy.stat().st_mode & 0o200
    (kit.root / "resolve_plugin").chmod(0o755)


def test_uninstall_waits_for_a_job_to_end(run, linux: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    run(linux)
    (tmp_path / "processes").write_text(f"4711 {app_folder(linux)}/engine/bin/canto-beats transcribe x.otio\n", "utf-8")
    assert run(linux, "uninstall", "--yes") == 3
    assert "Canto-Beats is at work" in capsys.readouterr().out
    assert (app_folder(linux) / "engine").exists()


def test_a_python_inside_the_download_does_not_carry_it(download: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    inside = make_python(download / ".venv-python" / "cpython-3.12.4" / "bin" / "python3.12")
    assert pythons.search(Places(tmp_path, tmp_path, str(inside), (), (), download)).chosen is None
    assert pythons.search(Places(tmp_path, tmp_path, str(inside), (), ())).chosen == Python(str(inside), "3.12.4")


def test_the_report_of_the_doctor_is_the_one_that_doctor_writes() -> None:
    from core.doctor import as_json, examine
    from core.settings import Settings

    written = json.loads(as_json(examine(Settings())))
    assert (written["version"], written["checks"][0]["name"], written["checks"][0]["ok"]) == (__version__, "ffmpeg", True)
