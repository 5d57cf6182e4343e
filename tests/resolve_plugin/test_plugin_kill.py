"""The plugin is killed at chosen points: no engine is left, and the next start puts Resolve in order and finishes the job.

The fake lives in the killed process, so its state is handed over through a file written just before the end.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fakes.bench import CUES, NO_PAUSES, engine_script, placed_cues, without_ours
from resolve_plugin.session import run

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import os, pickle, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from fakes.bench import NO_PAUSES, build_host, small_edit
from fakes.resolve import Item, Track
from resolve_plugin.session import run
edit = small_edit()
english, ours = Item(90010, 90050, "Hello"), Item(90000, 90020, "舊")
edit.tracks["subtitle"] = [Track("English", items=[english]), Track("Canto-Beats 口語", items=[ours], style="s")]
host = build_host("studio_20_2", edit)
with open({folder!r} + "/before", "wb") as file:
    pickle.dump(host.snapshot(), file)
seen = {{}}
def before(number, call):
    seen[call] = seen.get(call, 0) + 1
    if call == {call!r} and seen[call] == {count}:
        with open({folder!r} + "/state", "wb") as file:
            pickle.dump((host.projects, host.page), file)
        os.kill(os.getpid(), signal.SIGKILL)
host.desk.before = before
settings = {{"pauses": NO_PAUSES, "window": False, "job_root": {folder!r} + "/Jobs", "settings_path": {folder!r} + "/s.json", "language_ui": "en",
            "engine_command": {command!r}}}
run(**host.menu_globals(), settings=settings)
"""


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("Timeline.DeleteClips", 1),
        ("MediaPool.ImportMedia", 1),
        ("Timeline.SetTrackEnable", 1),
        ("MediaPool.AppendToTimeline", 1),
        ("TimelineItem.GetName", 2),
        ("Project.StartRendering", 1),
        ("Project.IsRenderingInProgress", 4),
        ("Project.LoadRenderPreset", 1),
    ],
)
def test_killed_then_started_again(call: str, count: int, tmp_path: Path) -> None:
    ask = {"type": "ask", "id": 1, "op": "render_audio", "params": {"reasons": ["multicam"], "range": [0, 500]}}
    command = engine_script(tmp_path, [{"ask": ask}, {"result": CUES}])
    code = CHILD.format(root=str(ROOT), tests=str(ROOT / "tests"), folder=str(tmp_path), call=call, count=count, command=command)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    from fakes.bench import build_host

    host = build_host("studio_20_2")
    host.projects, host.page = pickle.loads((tmp_path / "state").read_bytes())
    before = pickle.loads((tmp_path / "before").read_bytes())
    names = host.menu_globals()
    assert names is not None
    settings = {"pauses": NO_PAUSES, "window": False, "job_root": str(tmp_path / "Jobs"), "settings_path": str(tmp_path / "s.json")}
    result = run(**names, settings={**settings, "language_ui": "en", "engine_command": command})
    assert result.status == "placed", result
    assert placed_cues(host, 2) == [tuple(cue) for cue in CUES]
    assert host.project.timelines[0].tracks["subtitle"][1].style == "s"
    assert len(host.project.timelines[0].tracks["subtitle"]) == 2
    after = without_ours(host.snapshot())
    assert after["render"].pop("running") == ""
    before["render"].pop("running")
    assert after == without_ours(before)
    assert host.desk.violations == []


def test_no_engine_is_left_when_the_plugin_is_killed(tmp_path: Path) -> None:
    command = engine_script(tmp_path, [{"send": {"type": "note", "level": "info", "message": "ready"}}, {"sleep": 60}])
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r})\n"
        "from resolve_plugin.engine import Engine\n"
        f"engine = Engine({command!r}, {str(tmp_path / 'log')!r}).__enter__()\n"
        "engine.greet()\n"
        f"engine.send({{'type': 'run', 'job': {str(tmp_path)!r}}})\n"
        "while not engine.receive(1.0): pass\n"
        "sys.stdout.write(str(engine.pid)); sys.stdout.flush(); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    pid = int(os.read(child.stdout.fileno(), 100))
    child.kill()
    child.wait()
    child.stdout.close()
    assert gone_within(pid, 5.0)


def gone_within(pid: int, seconds: float) -> bool:
    """True when the process has ended; an orphan that nobody reaps stays as a zombie, which counts."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
