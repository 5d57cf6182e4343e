from __future__ import annotations

from pathlib import Path

import pytest

from core.settings import settings_path
from core.setup.machine import Machine, app_folder, model_folders, scripts_folder, settings_files
from core.weights import models_folder
from resolve_plugin import settings as plugin

HOME = Path("/Users/mei")
WINDOWS = {"LOCALAPPDATA": "/C/Users/mei/AppData/Local", "APPDATA": "/C/Users/mei/AppData/Roaming"}


@pytest.mark.parametrize(
    ("platform", "environ", "app", "scripts"),
    [
        (
            "darwin",
            {},
            "/Users/mei/Library/Application Support/Canto-Beats",
            "/Users/mei/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
        ),
        ("linux", {}, "/Users/mei/.local/share/canto-beats", "/Users/mei/.local/share/DaVinciResolve/Fusion/Scripts/Utility"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/canto-beats", "/Users/mei/.local/share/DaVinciResolve/Fusion/Scripts/Utility"),
        (
            "win32",
            WINDOWS,
            "/C/Users/mei/AppData/Local/Canto-Beats",
            "/C/Users/mei/AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility",
        ),
    ],
)
def test_the_folders_of_each_system(platform: str, environ: dict[str, str], app: str, scripts: str) -> None:
    machine = Machine(platform, HOME, Path("/"), environ)
    assert (str(app_folder(machine)), str(scripts_folder(machine))) == (app, scripts)


def test_purge_means_the_places_that_engine_and_plugin_really_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "CANTO_BEATS_MODELS", "CANTO_BEATS_SETTINGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    machine = Machine("linux", tmp_path, Path("/"), {})
    assert models_folder() in model_folders(machine)
    assert set(settings_files(machine)) == {settings_path(), Path(plugin.settings_path())}
