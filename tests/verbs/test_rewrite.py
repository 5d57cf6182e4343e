"""`canto-beats rewrite`: any SRT, a finished job, exit codes; nothing is written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.bench.random_lm import write_random_lm
from core.document import Cue, SubtitleDocument
from core.document_file import read_document, write_document
from core.timing import FrameRate
from core.verbs.rewrite import rewrite

SRT = (
    "1\r\n00:00:01,000 --> 00:00:02,5\r\n佢哋唔喺度，\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\nSaaa食嘢\r\n\r\n"
    "3\r\n00:00:05,000 --> 00:00:06,000\r\n\r\n"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTO_BEATS_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(rewrite, [str(argument) for argument in arguments])


def test_an_srt_keeps_its_times_and_cues(tmp_path: Path) -> None:
    source = tmp_path / "show.srt"
    source.write_bytes(SRT.encode())
    ran = _run(source)
    written = tmp_path / "show.written.srt"
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(f"2 of 3 cues rewritten, 0 to look at: {written}")
    assert written.read_bytes() == SRT.replace("佢哋唔喺度，", "他們不在這裏").replace("食嘢", "吃東西").encode()
    assert source.read_bytes() == SRT.encode()
    diff = json.loads((tmp_path / "show.written.diff.json").read_text("utf-8"))
    assert (diff["schema"], diff["source"], diff["level"]) == ("diff/1", "show.srt", "written")
    assert [(row["cue"], row["pass"], row["after"]) for row in diff["changes"]] == [
        ("s0", "written", "他們不在這裏，"),
        ("s1", "written", "Saaa吃東西"),
        ("s0", "punctuation", "他們不在這裏"),
    ]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    source = tmp_path / "show.srt"
    source.write_bytes(SRT.encode())
    (tmp_path / "show.half.srt").write_text("mine")
    (tmp_path / "show.half 2.diff.json").write_text("mine too")
    answer = json.loads(_run(source, "--level", "half", "--json").stdout)
    assert answer["files"][0]["path"] == str(tmp_path / "show.half 2 2.srt")
    assert (tmp_path / "show.half.srt").read_text() == "mine"
    assert (tmp_path / "show.half 2.diff.json").read_text() == "mine too"


def test_a_job_and_another_folder(tmp_path: Path) -> None:
    job, out = tmp_path / "talk.job", tmp_path / "out"
    job.mkdir()
    write_document(SubtitleDocument((Cue("c1", 25, 50, "佢唔嚟"),), FrameRate(25)), job / "document.json")
    ran = _run(job, "--out", out)
    assert ran.exit_code == 0, ran.output
    assert (out / "talk.written.srt").read_text("utf-8") == "1\n00:00:01,000 --> 00:00:02,000\n他不來\n"
    assert read_document(job / "document.written.json").register == "written"
    assert read_document(job / "document.json").cues[0].text == "佢唔嚟"


def test_a_glossary_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_bytes(SRT.encode())
    (tmp_path / "names.txt").write_text("佢哋\nSAAA", "utf-8")
    _run(tmp_path / "a.srt", "--glossary", tmp_path / "names.txt")
    assert "佢哋不在這裏" in (tmp_path / "a.written.srt").read_text("utf-8")
    assert "SAAA吃東西" in (tmp_path / "a.written.srt").read_text("utf-8")


def test_a_wrong_file_exits_with_2_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("hello")
    ran = _run(tmp_path / "a.srt")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "cannot be read as SRT" in ran.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["a.srt"]
    (tmp_path / "x.job").mkdir()
    assert "holds no finished transcription" in _run(tmp_path / "x.job").stderr


def test_an_unknown_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_bytes(SRT.encode())
    ran = _run(tmp_path / "a.srt", "--llm", "no-such-model")
    assert ran.exit_code == 2
    assert "no-such-model" in ran.stderr


def test_a_real_model_s_noise_is_refused_and_times_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write_random_lm(tmp_path / "model", "tiny-qwen2", spread=0.3)
    source = tmp_path / "show.srt"
    source.write_bytes(SRT.encode())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    ran = _run(source, "--llm", model, "--json")
    assert ran.exit_code == 0, ran.output
    (one,) = json.loads(ran.stdout)["files"]
    # what the model wrote is no Chinese; every line fell back to the rules, and each refusal is told
    assert (tmp_path / "show.written.srt").read_bytes() == SRT.replace("佢哋唔喺度，", "他們不在這裏").replace("食嘢", "吃東西").encode()
    assert "passes.refused" in {finding["code"] for finding in one["findings"]}
    notes = json.loads((tmp_path / "show.written.diff.json").read_text("utf-8"))["changes"]
    assert any(change["refused"] for change in notes)


def test_auto_without_room_or_model_says_why_and_uses_the_rules(tmp_path: Path) -> None:
    source = tmp_path / "show.srt"
    source.write_bytes(SRT.encode())
    ran = _run(source, "--llm", "auto")
    assert ran.exit_code == 0, ran.output
    assert "Rewriting: by the rules alone" in ran.stderr
    assert (tmp_path / "show.written.srt").is_file()


def test_a_model_that_does_not_fit_is_left_out_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write_random_lm(tmp_path / "model", "tiny-qwen2")
    source = tmp_path / "show.srt"
    source.write_bytes(SRT.encode())
    monkeypatch.setattr("core.engine_plan.budget_bytes", lambda profile, device: 10**8)
    ran = _run(source, "--llm", model)
    assert ran.exit_code == 0, ran.output
    assert "There is no room in memory for model (1.0 GB; 0.1 GB may be used now): the rules rewrite alone." in ran.stderr
    assert (tmp_path / "show.written.srt").is_file()
