"""The file in the Scripts menu, as install.py leaves it, and the start from outside."""

from __future__ import annotations

import importlib
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.bench import build_host
from resolve_plugin import __main__ as external
from resolve_plugin.errors import PluginError

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "resolve_plugin" / "Canto-Beats Subtitles.py"


def baked(folder: Path, python: str, plugin: Path) -> str:
    """The launcher's code with its two paths filled in."""
    return LAUNCHER.read_text("utf-8").replace("@ENGINE_PYTHON@", python).replace("@PLUGIN_FOLDER@", str(plugin))


def test_it_is_short_and_asks_for_no_file_name() -> None:
    text = LAUNCHER.read_text("utf-8")
    assert len(text.splitlines()) <= 40
    assert "__file__" not in text
    assert text.count("@ENGINE_PYTHON@") == text.count("@PLUGIN_FOLDER@") == 1


def run_as_menu(code: str, names: str, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    """Run code as a host does: no __file__, C locale, no PATH, names put into its globals."""
    starter = (
        f"import sys; sys.path[:0] = [{str(ROOT / 'tests')!r}, {str(ROOT)!r}]\n"
        "from fakes.bench import build_host\n"
        f"names = {names}\n"
        "for one in [one for one in sys.modules if one.split('.')[0] == 'resolve_plugin']: del sys.modules[one]\n"
        f"sys.path.remove({str(ROOT)!r})\n"
        f"exec(compile({code!r}, '<script>', 'exec'), {{'__name__': '__main__', **names}})"
    )
    environment = {"HOME": str(tmp_path), "LC_ALL": "C", "PATH": "", "PYTHONIOENCODING": "ascii"}
    return subprocess.run([sys.executable, "-c", starter], capture_output=True, env=environment, cwd=tmp_path, check=False)


def test_it_works_under_a_c_locale_without_a_path(tmp_path: Path) -> None:
    names = "{**build_host('free_20').menu_globals()}"
    done = run_as_menu(baked(tmp_path, "/nowhere/python", ROOT), names, tmp_path)
    assert done.stderr == b""
    lines = done.stdout.decode("ascii").splitlines()
    assert lines[0] == "Canto-Beats ..."
    assert "The recognition engine is not installed (/nowhere/python)." in lines


def test_app_is_enough(tmp_path: Path) -> None:
    names = "{'app': build_host('free_20').menu_globals()['fusion']}"
    done = run_as_menu(baked(tmp_path, "/nowhere/python", ROOT), names, tmp_path)
    assert b"not installed" in done.stdout


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    gone = run_as_menu(baked(tmp_path, "/x", tmp_path / "gone"), "{}", tmp_path)
    assert b"Run install.py again" in gone.stdout
    outside = run_as_menu(baked(tmp_path, "/x", ROOT), "{}", tmp_path)
    assert b"start this from Workspace > Scripts" in outside.stdout


def test_an_updated_plugin_is_loaded_afresh(tmp_path: Path) -> None:
    new = tmp_path / "new" / "resolve_plugin"
    shutil.copytree(ROOT / "resolve_plugin", new, ignore=shutil.ignore_patterns("__pycache__"))
    (new / "session.py").write_text("def run(*args):\n    import sys\n    sys.stdout.write('the new one\\n')\n", "utf-8")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport resolve_plugin.session\n" + baked(tmp_path, "/x", new.parent)
    done = run_as_menu(code, "{'resolve': 1}", tmp_path)
    assert done.stdout.splitlines()[-1] == b"the new one", done.stderr


def fake_module(folder: Path, body: str) -> None:
    modules = folder / "Modules"
    modules.mkdir()
    (modules / "DaVinciResolveScript.py").write_text(body, "utf-8")
    importlib.invalidate_caches()


@pytest.fixture
def scripting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "DaVinciResolveScript", raising=False)
    return tmp_path


def test_from_outside_without_resolve(scripting: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PluginError) as caught:
        external.connect()
    assert caught.value.code == "external.no_module"
    fake_module(scripting, "def scriptapp(name):\n    return None\n")
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")
    assert external.main([]) == 3
    assert "does not allow external scripting" in capsys.readouterr().out


def test_from_outside_with_resolve(scripting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = build_host("studio_20_2")
    names = host.menu_globals()
    assert names is not None
    fake_module(scripting, "resolve = None\ndef scriptapp(name):\n    return resolve\n")
    sys.path.append(str(scripting / "Modules"))
    __import__("DaVinciResolveScript").resolve = names["resolve"]
    arguments = [f"job_root={scripting / 'Jobs'}", f"settings_path={scripting / 's.json'}", "engine_python=/nowhere", "language_ui=en"]
    monkeypatch.setattr(sys, "argv", ["resolve_plugin", *arguments])
    assert external.main(arguments) == 3
    assert "Timeline.GetTrackCount" in host.desk.names()


def test_the_module_can_be_run(tmp_path: Path) -> None:
    environment = {**os.environ, "RESOLVE_SCRIPT_API": str(tmp_path), "CANTO_BEATS_LANG": "zh", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-m", "resolve_plugin"], capture_output=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 3
    assert "找不到 Resolve 的程式介面" in done.stdout.decode("utf-8")
    assert runpy.run_path(str(ROOT / "resolve_plugin" / "__init__.py"))["__version__"] == "0.1.0"
