"""The engine's end of the wire in a real child process: the talk from hello to its one last word, cancel, and a plugin that dies."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.document_file import read_document
from fakes.serving import LAST_WORDS, greet, make_job, serving


def test_a_job_from_hello_to_result(tmp_path: Path) -> None:
    job = make_job(tmp_path / "job")
    with serving(tmp_path) as engine:
        greet(engine, job)
        heard = engine.hear_until(*LAST_WORDS)
        assert engine.child.wait(10) == 0
        assert engine.hear()["type"] == "end of file"
    stages = [message["stage"] for message in heard if message["type"] == "stage"]
    assert stages == ["plan", "extract", "find_speech", "transcribe", "make_cues", "run_passes", "lay_out", "deliver"]
    result = heard[-1]
    assert result["type"] == "result", result
    partial = [cue for message in heard if message["type"] == "partial" for cue in message["cues"]]
    assert partial and set(partial[0]) == {"start_frame", "end_frame", "text"}
    starts = [cue["start_frame"] for cue in partial]
    assert starts == sorted(starts)
    document = read_document(Path(result["document"]))
    assert (document.start_frame, str(document.rate), result["cues"]) == (90000, "25", len(document.cues))
    assert document.cues and document.cues[-1].end_frame <= 500
    assert Path(result["deliverables"][0]["path"]).parent == job


def test_cancel_is_answered_within_a_second_and_the_job_can_go_on(tmp_path: Path) -> None:
    job = make_job(tmp_path / "job")
    with serving(tmp_path) as engine:
        greet(engine, job)
        while engine.hear().get("stage") != "transcribe":
            pass
        engine.say(type="cancel")
        began_s = time.monotonic()
        assert engine.hear_until(*LAST_WORDS)[-1]["type"] == "cancelled"
        assert time.monotonic() - began_s < 1.0
        assert engine.child.wait(5) == 130
    with serving(tmp_path) as engine:
        greet(engine, job)
        last = engine.hear_until(*LAST_WORDS)[-1]
    assert last["resumed"] == ["plan", "extract", "find_speech"]


def test_an_engine_whose_plugin_died_is_gone_within_a_second(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        greet(engine, make_job(tmp_path / "job"))
        engine.hear_until("stage")
        family = psutil.Process(engine.child.pid).children(recursive=True)
        assert family and engine.child.stdin is not None
        engine.child.stdin.close()
        began_s = time.monotonic()
        engine.child.wait(10)
        assert time.monotonic() - began_s < 1.0
    assert psutil.wait_procs(family, timeout=1)[1] == []


def test_another_protocol_is_explained(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        engine.hear()
        engine.say(type="hello", protocol=99)
        error = engine.hear_until(*LAST_WORDS)[-1]
        assert (error["type"], error["code"], engine.child.wait(5)) == ("error", "wire.other_protocol", 4)
    assert "install.py" in error["hint"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"schema": "request/9"}, "wire.bad_request"),
        ({"rate": "17"}, "timing.unknown_rate"),
        ({"device": "tpu"}, "wire.bad_request"),
        ({"input": "/nowhere/at all.otio"}, "media.missing"),
        ({"out_frame": "soon"}, "wire.bad_request"),
    ],
)
def test_a_bad_request_ends_in_an_error_with_a_hint(tmp_path: Path, more: dict[str, object], code: str) -> None:
    with serving(tmp_path) as engine:
        greet(engine, make_job(tmp_path / "job", **more))
        error = engine.hear_until(*LAST_WORDS)[-1]
    assert (error["type"], error["code"]) == ("error", code)
    assert error["message"] and error["hint"]


def test_unknown_messages_are_noted_and_passed_over(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        engine.hear()
        engine.say(type="greetings")
        engine.say(type="hello", protocol=99)
        heard = engine.hear_until(*LAST_WORDS)
    assert [message["type"] for message in heard] == ["note", "error"]


def test_a_worker_that_crashes_becomes_an_error_with_its_log(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        greet(engine, make_job(tmp_path / "job"))
        engine.hear_until("stage")
        (worker,) = psutil.Process(engine.child.pid).children()
        worker.kill()
        error = engine.hear_until(*LAST_WORDS)[-1]
        assert (error["type"], error["code"], engine.child.wait(5)) == ("error", "pipeline.crashed", 1)
    assert "log.txt" in error["hint"]


def test_prints_of_libraries_stay_off_the_wire() -> None:
    code = "from core.serve import claim_stdout; wire = claim_stdout(); print('noise', flush=True); wire.write(b'clean')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=Path(__file__).parent.parent)
    assert (done.stdout, done.stderr) == (b"clean", b"noise\n")
