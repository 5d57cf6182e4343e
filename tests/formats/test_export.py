"""`canto-beats export`: from a job or a file into every format; nothing of the user's is replaced, refusals name the way out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.document_file import write_document
from core.formats import FORMATS, read_subtitles
from core.formats.base import ReadOptions
from core.job import open_job
from core.timing import FrameRate
from core.verbs.export import export
from fakes import otio_shapes as shapes
from fakes.documents import two_speakers, written_twin

HOST = Path(__file__).parent / "resolve_export.fcpxml"
SRT = "1\n00:00:01,000 --> 00:00:02,000\n你好\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(export, [str(argument) for argument in arguments])


def made(*arguments: str | Path) -> list[Path]:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return [Path(one["path"]) for one in json.loads(result.stdout)["deliverables"]]


def refused(*arguments: str | Path) -> dict[str, str]:
    result = call(*arguments, "--json")
    assert result.exit_code == 2, result.output
    error: dict[str, str] = json.loads(result.stdout)["error"]
    return error


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A finished job of the whole of an OTIO edit that begins at 01:00:00:00, in both registers."""
    sound = shapes.track("Audio", shapes.clip("甲", shapes.span(0, 200, 25), shapes.missing("/gone.wav", shapes.span(0, 200, 25))))
    edit = shapes.write(tmp_path, shapes.timeline(sound, start=shapes.time(90000, 25)), "第一集.otio")
    folder = tmp_path / "第一集.job"
    with open_job(folder, edit):
        write_document(two_speakers(), folder / "document.json")
        write_document(written_twin(), folder / "document.written.json")
    return folder


@pytest.fixture
def srt(tmp_path: Path) -> Path:
    path = tmp_path / "a.srt"
    path.write_text(SRT, "utf-8")
    return path


def test_a_job_becomes_every_format_beside_it(job: Path) -> None:
    files = made(job, "--format", ",".join(FORMATS))
    assert [file.name for file in files] == [f"第一集 2{kind.suffix}" if name == "otio" else f"第一集{kind.suffix}" for name, kind in FORMATS.items()]
    assert {file.parent for file in files} == {job.parent}
    for file in files:
        assert file.stat().st_size > 50
        if file.suffix not in (".txt", ".otio"):
            found = read_subtitles(file, ReadOptions(FrameRate(25), 90000))
            assert [(cue.start_frame, cue.end_frame) for cue in found.cues] == [(0, 50), (52, 100), (100, 130)]


def test_an_edit_that_is_there_already_is_not_replaced(job: Path) -> None:
    edit = job.parent / "第一集.otio"
    before = edit.read_bytes()
    files = made(job, "--format", "otio")
    assert [file.name for file in files] == ["第一集 2.otio"]
    assert edit.read_bytes() == before
    assert [track["name"] for track in json.loads(files[0].read_text("utf-8"))["tracks"]["children"]] == ["Audio 1"]


def test_a_job_replaces_only_what_it_wrote_itself(job: Path) -> None:
    first = made(job, "--format", "vtt,avid")
    assert made(job, "--format", "vtt,avid") == first
    for file in first:
        file.write_text("edited by hand", "utf-8")
    again = made(job, "--format", "vtt,avid")
    assert [file.name for file in again] == ["第一集 2.vtt", "第一集 2.avid.txt"]
    assert [file.read_text("utf-8") for file in first] == ["edited by hand"] * 2


def test_a_range_inside_its_timeline_keeps_its_place(job: Path) -> None:
    write_document(replace(two_speakers(), start_frame=90050), job / "document.json")
    (file,) = made(job, "--format", "srt")
    assert file.read_text("utf-8").splitlines()[1] == "00:00:02,000 --> 00:00:04,000"


def test_the_host_knows_the_start_best(job: Path) -> None:
    (job / "request.json").write_text('{"start_frame": 89975}', "utf-8")
    (file,) = made(job, "--format", "srt")
    assert file.read_text("utf-8").splitlines()[1] == "00:00:01,000 --> 00:00:03,000"


def test_both_registers_get_files_of_their_own(job: Path) -> None:
    files = made(job, "--format", "srt,ass,otio", "--register", "both")
    assert [file.name for file in files] == ["第一集.spoken.srt", "第一集.written.srt", "第一集.spoken.ass", "第一集.written.ass", "第一集 2.otio"]
    assert "去哪裏" in files[1].read_text("utf-8")
    assert len(json.loads(files[4].read_text("utf-8"))["tracks"]["markers"]) == 6


def test_a_bilingual_look_is_one_file_with_written_chinese_on_top(job: Path) -> None:
    (file,) = made(job, "--format", "ass", "--register", "both", "--style", "bilingual", "--size", "1280x720")
    rows = file.read_text("utf-8").splitlines()
    assert "PlayResX: 1280" in rows and file.name == "第一集.ass"
    assert [row.split(",")[3] for row in rows if row.startswith("Dialogue")] == ["Main", "Second"] * 3
    assert "去哪裏" in next(row for row in rows if row.startswith("Dialogue"))


def test_a_missing_register_is_named(job: Path) -> None:
    (job / "document.written.json").unlink()
    error = refused(job, "--register", "both")
    assert error["code"] == "formats.unknown_register" and "--register spoken" in error["hint"]


def test_titles_are_files_beside_the_captions(job: Path) -> None:
    files = made(job, "--format", "fcpxml,otio", "--titles")
    assert [file.name for file in files] == ["第一集.fcpxml", "第一集_titles.fcpxml", "第一集 2.otio", "第一集_titles.otio"]
    assert [b"<caption " in file.read_bytes() for file in files[:2]] == [True, False]


def test_captions_go_into_what_resolve_exported(job: Path, tmp_path: Path) -> None:
    host = tmp_path / "host.fcpxml"
    host.write_bytes(HOST.read_bytes())
    (file,) = made(job, "--format", "fcpxml", "--into", host)
    assert file.name == "第一集.fcpxml" and file.read_bytes().count(b"<caption ") == 3 and b"conform-rate" in file.read_bytes()
    assert host.read_bytes() == HOST.read_bytes()


def test_a_file_becomes_another_without_a_rate(srt: Path, tmp_path: Path) -> None:
    files = made(srt, "--format", "vtt,ass,txt", "--out", tmp_path / "out")
    assert [file.name for file in files] == ["a.vtt", "a.ass", "a.txt"]
    assert "00:00:01.000 --> 00:00:02.000" in files[0].read_text("utf-8")


def test_a_frame_format_asks_for_the_rate_before_anything_is_written(srt: Path) -> None:
    error = refused(srt, "--format", "vtt,itt")
    assert error["code"] == "formats.needs_rate" and "--rate 23.976" in error["hint"]
    assert [file.name for file in srt.parent.iterdir()] == ["a.srt"]


def test_a_file_gets_the_rate_and_start_that_are_named(srt: Path) -> None:
    (file,) = made(srt, "--format", "avid", "--rate", "29.97", "--drop-frame", "--start-tc", "00:59:59;28")
    assert "01:00:00;28 01:00:01;28" in file.read_text("utf-8")


def test_an_own_file_is_never_written_over(srt: Path) -> None:
    assert [file.name for file in made(srt, "--format", "srt")] == ["a 2.srt"]
    assert srt.read_text("utf-8") == SRT


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--format", "stl"), "formats.no_chinese_stl"),
        (("--format", "scc"), "formats.no_chinese_608"),
        (("--format", "docx"), "formats.unknown"),
        (("--style", "comic"), "formats.unknown_style"),
        (("--size", "big"), "formats.bad_size"),
        (("--rate", "26"), "timing.unknown_rate"),
        (("--rate", "25", "--drop-frame"), "timing.no_drop_frame"),
        (("--rate", "25", "--start-tc", "noon"), "timing.bad_timecode"),
        (("--start-tc", "01:00:00:00"), "formats.start_needs_rate"),
        (("--into", "a.aaf"), "formats.host_kind"),
    ],
)
def test_refusals(arguments: tuple[str, ...], code: str, srt: Path) -> None:
    error = refused(srt, *arguments)
    assert error["code"] == code and error["message"] and error["hint"]
    assert [file.name for file in srt.parent.iterdir()] == ["a.srt"]


def test_a_folder_that_is_no_job_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty")["code"] == "formats.not_a_job"
    assert refused(tmp_path / "no.srt")["code"] == "files.missing"
    assert refused(tmp_path / "no.docx")["code"] == "formats.unknown_suffix"


def test_the_answer_for_people_names_every_file(srt: Path) -> None:
    result = call(srt, "--format", "vtt,txt")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"vtt: {srt.parent / 'a.vtt'}", f"txt: {srt.parent / 'a.txt'}"]
