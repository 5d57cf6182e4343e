"""Kill -9 as every stage begins, run again: the same document as an undisturbed run, and finished stages are not repeated."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.demo import sample_timeline
from core.messages import text
from core.pipeline import STAGES

RANGE = ("01:00:00:00", "01:00:20:00")


def command(out: Path) -> list[str]:
    verb = ["transcribe", str(sample_timeline()), "--asr-model", "practice", "--device", "cpu", "--out", str(out)]
    return [sys.executable, "-m", "core", *verb, "--range", *RANGE, "--json"]


def run(out: Path) -> dict[str, object]:
    done = subprocess.run(command(out), capture_output=True, text=True, check=True, env=environment())
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def environment() -> dict[str, str]:
    return {**os.environ, "CANTO_BEATS_LANG": "en", "PYTHONUNBUFFERED": "1"}


def kill_when(out: Path, stage: str) -> None:
    child = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment())
    assert child.stderr is not None
    for line in child.stderr:
        if text(f"stage.{stage}", "en") in line:
            os.kill(child.pid, signal.SIGKILL)
            break
    child.wait()
    child.stderr.close()
    assert child.returncode == -signal.SIGKILL


def documents(out: Path) -> list[bytes]:
    names = ("document.json", "transcript.json", "regions.json", "plan.json", "audio.wav")
    return [next(out.glob("*.job")).joinpath(name).read_bytes() for name in names]


def finished(out: Path) -> list[str]:
    state = json.loads(next(out.glob("*.job")).joinpath("job.json").read_text("utf-8"))
    return [stage.name for stage in STAGES if stage.name in state["stages"]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    run(out)
    return out


def test_a_run_killed_in_every_stage_is_taken_up_again_and_again(undisturbed: Path, tmp_path: Path) -> None:
    names = [stage.name for stage in STAGES]
    for number, name in enumerate(names):
        kill_when(tmp_path, name)
        assert finished(tmp_path) == names[:number]
    again = run(tmp_path)
    assert again["resumed"] == names[:-1]
    assert documents(tmp_path) == documents(undisturbed)
    assert list(next(tmp_path.glob("*.job")).glob("*.part")) == []


def test_a_second_run_repeats_only_the_delivery(undisturbed: Path) -> None:
    before = documents(undisturbed)
    assert run(undisturbed)["resumed"] == [stage.name for stage in STAGES[:-1]]
    assert documents(undisturbed) == before
