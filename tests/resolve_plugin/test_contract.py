"""The plugin calls what every supported version documents; anything newer is asked for with `dir()` first. Standard library only, two Pythons."""

from __future__ import annotations

import compileall
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "resolve_plugin"
API = json.loads((ROOT / "tests" / "fakes" / "resolve" / "api.json").read_text("utf-8"))
CALL = re.compile(r"\b(?:raw|ask|thing|things|truth|none_again|_switch)\([^()]*?\"([A-Z]\w+)\"(?:, \"([A-Z]\w+)\")?")
GUARDED = {
    "IsStudio", "GetMarkInOut", "SetMarkInOut", "ClearMarkInOut", "GetAudioRenderFormats", "DeleteRenderPreset", "GetSettings",
}  # fmt: skip
HOST_MODULES = ("resolve_api.py", "resolve_calls.py", "pool_api.py", "render_api.py")


def called() -> set[str]:
    text = "\n".join((PLUGIN / name).read_text("utf-8") for name in HOST_MODULES)
    return {name for match in CALL.finditer(text) for name in match.groups() if name}


def since(name: str) -> list[int]:
    return min(entry["since"] for methods in API["classes"].values() for method, entry in methods.items() if method == name)


def test_every_call_exists_in_the_oldest_version_or_is_asked_for() -> None:
    names = called()
    assert {"AppendToTimeline", "GetItemListInTrack", "StartRendering", "SetTrackEnable", "GetIsTrackLocked"} <= names
    assert {name for name in names if since(name) > [18, 6, 0]} <= GUARDED


def test_guarded_calls_are_guarded() -> None:
    text = "\n".join((PLUGIN / name).read_text("utf-8") for name in HOST_MODULES)
    asked = set(re.findall(r"\.has\([^\"]*\"(\w+)\"\)", text))
    assert asked == {"IsStudio", "GetMarkInOut", "GetAudioRenderFormats", "DeleteRenderPreset", "GetSetting"}


def test_only_the_host_modules_call_resolve() -> None:
    documented = {name for methods in (API["classes"][one] for one in ("Project", "Timeline", "MediaPool", "TimelineItem")) for name in methods}
    for module in PLUGIN.glob("*.py"):
        if module.name not in HOST_MODULES:
            assert set(re.findall(r"\.([A-Z]\w+)\(", module.read_text("utf-8"))) & documented == set(), module.name


def test_operations_are_named_and_plain() -> None:
    from resolve_plugin.resolve_api import OPERATIONS, ResolveHost

    public = {name for name in dir(ResolveHost) if not name.startswith("_")}
    assert public == set(OPERATIONS)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="this Python cannot list its standard library")
def test_nothing_but_the_standard_library_is_imported() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); before = set(sys.modules)\n"
        "import resolve_plugin.session, resolve_plugin.__main__\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before} - {'resolve_plugin'}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def interpreters() -> list[str]:
    found = [shutil.which(f"python3.{minor}") for minor in (9, 13)]
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob("3.*/bin/python3"))
    found += [str(python) for python in pyenv if python.parts[-3].startswith(("3.9.", "3.13."))]
    return [python for python in found if python and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0]


@pytest.mark.parametrize("python", interpreters())
def test_the_plugin_compiles_and_runs_under_other_pythons(python: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "resolve_plugin"
    shutil.copytree(PLUGIN, copy, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([python, "-m", "compileall", "-q", str(copy)], check=True)
    code = (
        f"import sys; sys.path[:0] = [{str(copy.parent)!r}, {str(ROOT / 'tests')!r}]\n"
        "from pathlib import Path\n"
        "from fakes.bench import CUES, NO_PAUSES, build_host, engine_script, placed_cues\n"
        "from resolve_plugin.session import run\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "settings = {'pauses': NO_PAUSES, 'window': False, 'job_root': str(folder / 'Jobs'), 'settings_path': str(folder / 's.json'),\n"
        "            'language_ui': 'en', 'engine_command': engine_script(folder, [{'result': CUES}])}\n"
        "host = build_host()\n"
        "result = run(**host.menu_globals(), settings=settings)\n"
        "sys.stdout.buffer.write(repr((result.status, placed_cues(host) == [tuple(cue) for cue in CUES])).encode('ascii'))"
    )
    done = subprocess.run([python, "-W", "error", "-c", code], capture_output=True, check=False)
    assert done.stdout.endswith(b"('placed', True)"), done.stderr.decode()


def test_the_plugin_compiles_here() -> None:
    assert compileall.compile_dir(str(PLUGIN), quiet=1, force=True)


def test_messages_have_both_languages_and_every_key_used_exists() -> None:
    entries = json.loads((PLUGIN / "messages.json").read_text("utf-8"))
    for key, entry in entries.items():
        assert set(entry) == {"en", "zh"}, key
        assert set(re.findall(r"{(\w+)}", entry["en"])) == set(re.findall(r"{(\w+)}", entry["zh"])), key
    text = "\n".join(module.read_text("utf-8") for module in PLUGIN.glob("*.py"))
    used = set(re.findall(r"(?:Error|say|text|choose)\(\s*\"(\w+\.\w+)\"", text))
    endings = re.findall(r"Error\(f\"{(?:plan\.)?subject}(\.\w+)\"", text)
    assert len(endings) > 5
    of_jobs = {f"{subject}{end}" for subject in ("render", "film") for end in endings}
    assert len(used) > 30
    assert used | of_jobs <= set(entries)
    errors = set(re.findall(r"Error\(\s*\"(\w+\.\w+)\"", text)) | of_jobs
    assert {f"{key}.hint" for key in errors} <= set(entries)
