"""A part done again: what is outside stays to the byte, what a person changed stays, and stopping at any point costs nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.apply import apply_file
from core.cli import main
from core.document import Finding, SubtitleDocument
from core.document_file import read_document, write_document
from core.edits import read_edits
from core.errors import Cancelled, EngineError, InputError
from core.formats import read_subtitles, write_subtitles
from core.formats.export import Wish, export
from core.job import open_job
from core.progress import CancelToken, Progress, no_report
from core.redo.run import Redone, redo
from core.run import transcribe_inputs
from fakes import otio_shapes as shapes
from fakes.film import Film

FILES = (
    "document.json",
    "document.written.json",
    "transcript.json",
    "cues.json",
    "texts.json",
    "texts.written.json",
    "layout.json",
    "written.diff.json",
)
# in the pause before 跟住去睇戲 to the middle of it
PART = ("00:00:02:05", "00:00:03:00")


def again(film: Film, time_range: tuple[str, str] = PART, **wishes: object) -> Redone:
    return redo(film.job, time_range, {"asr_model": "two", **wishes}, (no_report, CancelToken()))


def document(film: Film, name: str = "document.json") -> SubtitleDocument:
    return read_document(film.job / name)


def texts(film: Film, name: str = "document.json") -> list[str]:
    return [cue.text for cue in document(film, name).cues]


def cues_as_bytes(film: Film, name: str) -> dict[str, str]:
    """Each cue of a document as it stands in the file."""
    return {cue["id"]: json.dumps(cue, ensure_ascii=False) for cue in json.loads((film.job / name).read_text("utf-8"))["cues"]}


def whole_job(film: Film) -> dict[str, bytes]:
    """Every file that belongs to the job's result."""
    return {name: (film.job / name).read_bytes() for name in (*FILES, "regions.json", "plan.json", "audio.wav") if (film.job / name).exists()}


def test_only_the_cue_inside_is_new_in_both_registers(film: Film) -> None:
    before = {name: cues_as_bytes(film, name) for name in ("document.json", "document.written.json", "cues.json", "texts.json", "texts.written.json")}
    done = again(film)
    assert (done.counts.before, done.counts.after, done.counts.kept, done.counts.edits) == (1, 1, 8, 0)
    for name, cues in before.items():
        now = cues_as_bytes(film, name)
        assert {key: cues[key] for key in cues if key != "c000062"} == {key: now[key] for key in now if key != "c000062"}, name
    assert texts(film)[:3] == ["我哋去飲茶", "真係跟住去睇戲", "今晚食乜嘢好 你幾時返嚟"]
    assert texts(film, "document.written.json")[:2] == ["我們去喝茶", "真的接着去看電影"]
    cue = document(film).cues[1]
    assert (cue.id, cue.start_frame, cue.end_frame, cue.words[0].start_ms) == ("c000062", 62, 98, 2500)
    assert document(film).history[-1] == "redo 50-102"


def test_a_range_without_pauses_grows_to_where_there_is_one(film: Film) -> None:
    done = again(film, ("00:00:07:10", "00:00:07:20"))  # inside 佢話唔知, which follows at once on two other lines
    assert (done.original.timecode(done.span.start_frame), done.original.timecode(done.span.end_frame)) == ("00:00:04:07", "00:00:08:15")
    assert (done.counts.before, done.counts.after) == (2, 3)
    assert texts(film)[1:7] == ["跟住去睇戲", "真係今晚食乜嘢好", "真係你幾時返嚟", "真係佢話唔知", "不如行下海邊", "好耐冇見"]


def test_silence_that_held_nothing_changes_nothing(film: Film) -> None:
    before = {name: cues_as_bytes(film, name) for name in ("document.json", "document.written.json")}
    done = again(film, ("00:00:18:00", "00:00:18:05"))
    assert (done.counts.before, done.counts.after) == (0, 0)
    assert {name: cues_as_bytes(film, name) for name in before} == before
    assert [(found.code, found.start_ms) for found in done.findings] == [("asr.no_speech_found", 17880)]


def test_findings_of_what_stays_are_kept_and_others_go(film: Film) -> None:
    old = document(film)
    notes = [Finding("a", "of the cue", cue_id="c000062"), Finding("b", "of another", cue_id="c000228")]
    notes += [
        Finding("c", "of its time", "warning", None, 2600, 2700),
        Finding("d", "of another time", "warning", None, 9000, 9500),
        Finding("e", "of everything"),
    ]
    write_document(replace(old, findings=tuple(notes)), film.job / "document.json")
    again(film)
    assert [found.code for found in document(film).findings] == ["b", "d", "e"]


def edited(film: Film, *changes: tuple[str, str]) -> None:
    """Apply a changed copy of the spoken subtitles; an empty text takes its cue out."""
    cues = []
    for cue in document(film).cues:
        new = next((after for before, after in changes if before == cue.text), cue.text)
        if new:
            cues.append(replace(cue, text=new))
    copy = film.out / "copy.srt"
    write_subtitles("srt", replace(document(film), cues=tuple(cues)), copy)
    apply_file(copy, film.job, "spoken")


def test_a_persons_changes_inside_are_kept_for_review(film: Film) -> None:
    edited(film, ("跟住去睇戲", "跟住我哋去睇戲"), ("不如行下海邊", "不如去海邊"), ("我哋去飲茶", ""))
    kept = (film.job / "edits.json").read_bytes()
    done = again(film, ("00:00:00:12", "00:00:03:00"))
    assert texts(film)[:4] == ["跟住我哋去睇戲", "今晚食乜嘢好 你幾時返嚟", "佢話唔知", "不如去海邊"]
    assert texts(film, "document.written.json")[0] == "真的接着去看電影"
    assert done.counts.edits == 2
    review = [found for found in document(film).findings if found.code.startswith("redo.")]
    assert [(found.code, found.level, found.cue_id) for found in review] == [
        ("redo.removal_kept", "warning", None),
        ("redo.edit_kept", "warning", "c000062"),
    ]
    assert "真係我哋去飲茶" in review[0].message and "真係跟住去睇戲" in review[1].message
    assert (film.job / "edits.json").read_bytes() == kept
    edited(film, ("跟住我哋去睇戲", "跟住去睇電影"))
    film.transcribe(preset="netflix_zh_hant")
    assert texts(film)[0] == "跟住去睇電影"
    assert len(read_edits(film.job).edits) == 3


def test_a_later_run_shows_the_redo_and_other_settings_start_from_it(film: Film) -> None:
    again(film)
    shown = whole_job(film)
    assert film.transcribe().resumed[-1] == "lay_out"
    assert whole_job(film) == shown
    film.transcribe(preset="netflix_zh_hant")
    assert texts(film)[:3] == ["我哋去飲茶", "真係跟住去睇戲", "今晚食乜嘢好 你幾時返嚟"]
    film.transcribe(asr_model="two")
    assert all(text.startswith("真係") for text in texts(film))


def test_the_same_range_twice_gives_the_same_job(film: Film) -> None:
    again(film)
    first = [(cue.id, cue.start_frame, cue.end_frame, cue.text) for cue in document(film).cues]
    again(film)
    assert [(cue.id, cue.start_frame, cue.end_frame, cue.text) for cue in document(film).cues] == first


def test_every_file_that_was_exported_is_written_again(film: Film) -> None:
    export(film.job, Wish(("vtt", "csv"), "both"))
    (film.out / "film.srt").write_text("mine", "utf-8")
    done = again(film)
    names = sorted(made.path.name for made in done.deliverables)
    assert names == ["film 2.srt", "film.spoken.csv", "film.spoken.vtt", "film.written.csv", "film.written.srt", "film.written.vtt"]
    assert (film.out / "film.srt").read_text("utf-8") == "mine"
    assert [cue.text for cue in read_subtitles(film.out / "film 2.srt").cues] == texts(film)
    assert [cue.text for cue in read_subtitles(film.out / "film.spoken.vtt").cues] == texts(film)
    assert not list(film.out.glob("*.vtt.part")) and len(list(film.out.glob("*.vtt"))) == 2


def test_an_export_that_cannot_be_written_again_is_named_and_loses_nothing(film: Film, tmp_path: Path) -> None:
    export(film.job, Wish(("vtt",)))
    with open_job(film.job, film.source) as job:
        job.exports[0]["formats"] = ["fcpxml"]
        job.exports[0]["into"] = str(tmp_path / "gone.fcpxml")
        job.save()
    done = again(film)
    assert [error.code for error in done.failed] == ["files.missing"]
    assert texts(film)[1] == "真係跟住去睇戲"


class Stop:
    """A reporter that asks to stop when a stage begins."""

    def __init__(self, stage: str) -> None:
        self.cancel, self.stage = CancelToken(), stage

    def __call__(self, progress: Progress) -> None:
        if progress.stage == self.stage:
            self.cancel.cancel()


@pytest.mark.parametrize("stage", ["extract", "transcribe", "run_passes", "lay_out"])
def test_a_stopped_redo_costs_the_job_nothing_and_goes_on_later(stage: str, film: Film) -> None:
    before = whole_job(film)
    stop = Stop(stage)
    with pytest.raises(Cancelled):
        redo(film.job, PART, {"asr_model": "two"}, (stop, stop.cancel))
        stop.cancel.check()
    assert whole_job(film) == before
    done = again(film)
    assert stage == "extract" or "plan" in done.result.resumed
    assert texts(film)[1] == "真係跟住去睇戲"
    assert not (film.job / "redo").exists()


@pytest.mark.parametrize("number", (0, 3, 7))
def test_killed_while_the_files_change_places_the_next_command_finishes(number: int, film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies at the nth rename; whoever opens the job next sees all of the old or all of the new."""
    replace_file, count = os.replace, iter(range(99))

    class Died(BaseException):
        pass

    def dying(source: Any, target: Any) -> None:
        if Path(source).parent.name == "new.part" and Path(target).parent == film.job and next(count) >= number:
            raise Died
        replace_file(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("core.commit.os.replace", dying)
        with pytest.raises(Died):
            again(film)
    with open_job(film.job, film.source):
        pass
    spoken, written = document(film), document(film, "document.written.json")
    assert [cue.id for cue in spoken.cues] == [cue.id for cue in written.cues]
    assert texts(film)[1] == "真係跟住去睇戲" and "真係跟住去睇戲" in (film.job / "transcript.json").read_text("utf-8")
    assert not (film.job / "new.part").exists()


def test_files_that_were_not_complete_are_thrown_away(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    before = whole_job(film)
    monkeypatch.setattr("core.redo.store._put_lists", _fail)
    with pytest.raises(RuntimeError):
        again(film)
    assert whole_job(film) == before and not (film.job / "new.part").exists()


def _fail(*_: object) -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("time_range", "code"),
    [
        (("00:01:00:00", "00:01:02:00"), "redo.outside"),
        (("00:00:02:00", "00:00:59:00"), "redo.outside"),
        (("00:00:03:00", "00:00:02:00"), "timeline.range_inverted"),
        (("00:00:03:00", "00:00:03:00"), "timeline.range_inverted"),
        (("3", "4"), "timing.bad_timecode"),
    ],
)
def test_ranges_that_are_none(time_range: tuple[str, str], code: str, film: Film) -> None:
    before = whole_job(film)
    with pytest.raises(InputError) as caught:
        again(film, time_range)
    assert caught.value.code == code and caught.value.hint("zh")
    assert whole_job(film) == before


def _spoil(film: Film, how: str) -> Path:
    if how == "no_job":
        return film.out
    if how == "not_finished":
        (film.job / "document.json").unlink()
    if how == "source_missing":
        film.source.rename(film.source.with_name("moved.wav"))
    if how == "source_changed":
        film.source.write_bytes(film.source.read_bytes() + b"\0\0")
    if how == "damaged":
        written = document(film, "document.written.json")
        write_document(replace(written, cues=written.cues[1:]), film.job / "document.written.json")
    if how == "no_sound":
        (film.job / "audio.wav").unlink()
    return film.job


@pytest.mark.parametrize("how", ["no_job", "not_finished", "source_missing", "source_changed", "no_sound", "damaged"])
def test_jobs_that_cannot_be_redone(how: str, film: Film) -> None:
    folder = _spoil(film, how)
    with pytest.raises(EngineError) as caught:
        redo(folder, PART, {}, (no_report, CancelToken()))
    assert caught.value.code == ("job.damaged" if how == "damaged" else f"redo.{how}")


def test_an_edit_that_is_another_one_now_is_refused_and_the_same_one_is_not(film: Film, tmp_path: Path) -> None:
    media = shapes.external(str(film.source), shapes.span(0, 400, 25))
    for folder, frames in (("before", 400), ("after", 300)):
        (tmp_path / folder).mkdir()
        clip = shapes.clip("film", shapes.span(0, frames, 25), media, channels=((0, 0),))
        shapes.write(tmp_path / folder, shapes.timeline(shapes.track("Audio", clip), start=shapes.time(90000, 25)))
    (source,) = (tmp_path / "before").iterdir()
    (result,) = transcribe_inputs([source], film.out, None, film.settings, CancelToken())
    part = ("01:00:02:05", "01:00:03:00")
    assert redo(result.job_folder, part, {"asr_model": "two"}, (no_report, CancelToken())).counts.after == 1
    source.write_bytes(next((tmp_path / "after").iterdir()).read_bytes())
    with pytest.raises(InputError) as caught:
        redo(result.job_folder, part, {}, (no_report, CancelToken()))
    assert caught.value.code == "redo.edit_changed"


def test_a_range_transcribed_by_itself_leaves_the_whole_films_job_alone(film: Film) -> None:
    before = whole_job(film)
    wishes = replace(film.settings, asr_model="two")
    (result,) = transcribe_inputs([film.source], film.out, ("00:00:02:00", "00:00:04:00"), wishes, CancelToken())
    assert result.job_folder == film.out / "film 2.job"
    assert whole_job(film) == before
    (later,) = transcribe_inputs([film.source], film.out, ("00:00:02:00", "00:00:04:00"), wishes, CancelToken())
    assert later.job_folder == result.job_folder and later.resumed[-1] == "lay_out"
    assert transcribe_inputs([film.source], film.out, None, film.settings, CancelToken())[0].job_folder == film.job


def test_a_job_of_a_range_is_redone_in_its_own_timecode(film: Film) -> None:
    wishes = replace(film.settings, register="spoken")
    (result,) = transcribe_inputs([film.source], film.out, ("00:00:02:00", "00:00:09:00"), wishes, CancelToken())
    srt = result.deliverables[0].path
    done = redo(result.job_folder, ("00:00:02:15", "00:00:03:00"), {"asr_model": "two"}, (no_report, CancelToken()))
    assert (done.counts.before, done.counts.after, done.counts.kept) == (1, 1, 2)
    first = read_subtitles(srt).cues[0]
    assert (first.start_frame, first.text) == (2480, "真係跟住去睇戲")
    with pytest.raises(InputError):
        redo(result.job_folder, ("00:00:01:00", "00:00:03:00"), {}, (no_report, CancelToken()))


def call(*arguments: str | Path) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = call("redo", film.job, "--range", *PART, "--asr-model", "two", "--json")
    assert shown.exit_code == 0, shown.output
    answer = json.loads(shown.stdout)
    assert {key: answer[key] for key in ("asked", "redone", "before", "after", "kept", "edits", "failed", "findings")} == {
        "asked": ["00:00:02:05", "00:00:03:00"],
        "redone": ["00:00:02:00", "00:00:04:02"],
        "before": 1,
        "after": 1,
        "kept": 8,
        "edits": 0,
        "failed": [],
        "findings": [],
    }
    assert [Path(made["path"]).name for made in answer["deliverables"]] == ["film.srt", "film.written.srt"]
    monkeypatch.setenv("CANTO_BEATS_LANG", "zh")
    assert "已重做 00:00:02:00 至 00:00:04:03：1 條字幕換成 1 條；範圍以外的 8 條沒有改變。" in call("redo", film.job, "--range", *PART).output
    refused = call("redo", film.out, "--range", *PART, "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (2, "redo.no_job")


def test_a_glossary_and_the_jobs_own_settings(film: Film, tmp_path: Path) -> None:
    glossary = tmp_path / "names.txt"
    glossary.write_text("睇戲 => 睇大戲\n", "utf-8")
    redo(film.job, PART, {"glossary": str(glossary)}, (no_report, CancelToken()))
    assert texts(film)[:3] == ["我哋去飲茶", "跟住去睇大戲", "今晚食乜嘢好 你幾時返嚟"]  # model one, which the job was made with
    assert "glossary" in (film.job / "job.json").read_text("utf-8")


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    capsys.readouterr()
