from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.setup.machine import Machine
from core.setup.resolve_app import FREE, STUDIO, UNKNOWN, find_resolves
from fakes.resolve_files import BUNDLE, linux_app, log_line, mac_app


def test_a_machine_without_resolve(mac: Machine) -> None:
    assert find_resolves(mac) == ()


def test_a_download_on_a_mac_gets_its_edition_from_the_log(mac: Machine) -> None:
    app = mac_app(mac, version="20.2.1")
    assert [(one.path, one.edition, one.version, one.app_store) for one in find_resolves(mac)] == [(app, UNKNOWN, (20, 2, 1), False)]
    log_line(mac, "DaVinci Resolve v19.1.0.0020", "DaVinci Resolve Studio v20.2.1.0007")
    assert find_resolves(mac)[0].edition == STUDIO
    assert find_resolves(mac)[0].label == "DaVinci Resolve Studio 20.2.1"


def test_the_newest_log_counts(mac: Machine) -> None:
    mac_app(mac)
    old = log_line(mac, "DaVinci Resolve Studio v18.6.6.0007", name="davinci_resolve.log.1")
    os.utime(old, (1, 1))
    log_line(mac, "DaVinci Resolve v20.2.1.0006", name="davinci_resolve.log")
    assert find_resolves(mac)[0].edition == FREE


@pytest.mark.parametrize("place", ["DaVinci Resolve Studio/DaVinci Resolve.app", "DaVinci Resolve Studio.app"])
def test_a_folder_called_studio_is_studio(mac: Machine, place: str) -> None:
    mac_app(mac, place)
    assert find_resolves(mac)[0].edition == STUDIO


@pytest.mark.parametrize(("suffix", "edition"), [("Lite", FREE), ("AppStore", STUDIO)])
def test_the_app_store_builds_are_known_by_their_bundle(mac: Machine, suffix: str, edition: str) -> None:
    mac_app(mac, "DaVinci Resolve.app", "21.1", BUNDLE + suffix)
    found = find_resolves(mac)
    assert [(one.edition, one.version, one.app_store) for one in found] == [(edition, (21, 1, 0), True)]


def test_both_builds_beside_each_other_the_download_first(mac: Machine) -> None:
    mac_app(mac, "DaVinci Resolve.app", "21.1.0", BUNDLE + "Lite")
    mac_app(mac, version="20.2.1")
    assert [one.app_store for one in find_resolves(mac)] == [False, True]


def test_another_program_and_a_broken_bundle_are_no_resolve(mac: Machine) -> None:
    mac_app(mac, "DaVinci Resolve Speed Test.app", "1.0", "com.blackmagic-design.SpeedTest")
    (mac.root / "Applications" / "DaVinci Resolve Old.app").mkdir()
    assert find_resolves(mac) == ()


def test_linux_reads_the_log_or_the_version_file(linux: Machine) -> None:
    program = linux_app(linux)
    assert [(one.path, one.edition, one.version) for one in find_resolves(linux)] == [(program, UNKNOWN, ())]
    configs = linux.home / ".local/share/DaVinciResolve/configs"
    configs.mkdir(parents=True)
    (configs / ".version").write_text("Resolve.Version=21.1.0\n", "utf-8")
    assert find_resolves(linux)[0].version == (21, 1, 0)
    log_line(linux, "DaVinci Resolve Studio v21.1.0.0014")
    assert (find_resolves(linux)[0].edition, find_resolves(linux)[0].version) == (STUDIO, (21, 1, 0))


def test_windows_looks_below_program_files(linux: Machine, tmp_path: Path) -> None:
    programs, roaming = tmp_path / "Program Files", tmp_path / "Roaming"
    windows = linux._replace(platform="win32", environ={"PROGRAMFILES": str(programs), "APPDATA": str(roaming)})
    program = programs / "Blackmagic Design" / "DaVinci Resolve" / "Resolve.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    log_line(windows, "DaVinci Resolve Studio v21.0.4.0005", name="davinci_resolve.log")
    assert [(one.path, one.edition, one.version) for one in find_resolves(windows)] == [(program, STUDIO, (21, 0, 4))]
