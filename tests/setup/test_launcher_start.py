"""The deployed launcher run as Resolve runs it: no __file__, C locale, empty PATH, under the Pythons that a host may bring."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.setup.launcher import NAME, bake, deploy
from fakes.bench import CUES, ENGINE
from fakes.interpreters import interpreter

ROOT = Path(__file__).resolve().parents[2]
FIRST_OUTPUT_SECONDS = 0.5

# A host: its globals, a stdout that notes when the first line came, and the script's text, nothing else.
_HOST = """
import json, sys, time
sys.path[:0] = [{tests!r}, {root!r}]
from fakes.bench import build_host, placed_cues
for one in [one for one in sys.modules if one.split(".")[0] == "resolve_plugin"]:
    del sys.modules[one]
sys.path.remove({root!r})

class Console:
    encoding = "ascii"
    def __init__(self):
        self.lines = []
    def write(self, text):
        text.encode("ascii")
        self.lines.append((time.monotonic() - began, text))
    def flush(self):
        pass

host = build_host("free_20")
names = dict(host.menu_globals(), __name__="__main__")
with open({launcher!r}, encoding="ascii") as file:
    code = compile(file.read(), "<script>", "exec")
outer, sys.stdout = sys.stdout, Console()
began = time.monotonic()
exec(code, names)
told, sys.stdout = sys.stdout.lines, outer
print(json.dumps({{"told": told, "cues": placed_cues(host), "violations": host.desk.violations, "file": "__file__" in names}}))
"""


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_the_first_line_comes_at_once_and_the_cues_are_placed(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    (tmp_path / "steps.json").write_text(json.dumps([{"result": CUES}]), "utf-8")
    engine = tmp_path / "engine" / "bin" / "python"
    engine.parent.mkdir(parents=True)
    start = f'exec "{sys.executable}" -I -S "{ENGINE}" "{tmp_path}/steps.json"'
    engine.write_text(f'#!/bin/sh\ntest "$*" = "-I -m core serve" || exit 9\n{start}\n', "utf-8")
    engine.chmod(0o755)
    template = (ROOT / "resolve_plugin" / NAME).read_text("utf-8")
    deploy(tmp_path / "Utility", bake(template, engine, ROOT))
    host = _HOST.format(tests=str(ROOT / "tests"), root=str(ROOT), launcher=str(tmp_path / "Utility" / NAME))
    environment = {"HOME": str(tmp_path), "LC_ALL": "C", "PATH": ""}
    done = subprocess.run([python, "-W", "error", "-c", host], capture_output=True, env=environment, cwd=tmp_path, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert [tuple(cue) for cue in answer["cues"]] == [tuple(cue) for cue in CUES]
    assert (answer["violations"], answer["file"]) == ([], False)
    first_seconds, first_line = answer["told"][0]
    assert first_line == "Canto-Beats ...\n"
    assert first_seconds < FIRST_OUTPUT_SECONDS
