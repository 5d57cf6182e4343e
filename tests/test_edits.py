"""A person's changes are found, kept, laid over later runs, and never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from core.document import Cue, Registers, SubtitleDocument, Word
from core.document_file import read_document, write_document
from core.edits import Edit, Edits, differences, merged, read_edits, with_edits, write_edits
from core.formats import read_subtitles, write_subtitles
from core.formats.base import WriteOptions
from core.job import open_job
from core.timing import FrameRate
from core.verbs.apply import apply

PAL = FrameRate(25)
HEARD = (Word("飲", 0, 500), Word("茶", 500, 900))
Row = tuple[int, int, str]


def document(*rows: Row, start_frame: int = 0) -> SubtitleDocument:
    return SubtitleDocument(tuple(Cue(f"c{row[0]:06}", *row, words=HEARD) for row in rows), PAL, start_frame)


def rows_of(one: SubtitleDocument | None) -> list[Row]:
    assert one is not None
    return [(cue.start_frame, cue.end_frame, cue.text) for cue in one.cues]


BASE = document((0, 50, "我哋去飲茶"), (52, 100, "跟住睇戲"), (110, 150, "好呀"))


@pytest.mark.parametrize(
    ("edited", "edits"),
    [
        pytest.param([(0, 50, "我哋去飲茶"), (52, 100, "跟住睇戲"), (110, 150, "好呀")], (), id="nothing"),
        pytest.param(
            [(0, 50, "我哋去飲茶"), (52, 100, "跟住去睇戲"), (110, 150, "好呀")], (Edit("c000052", (52, 100), spoken="跟住去睇戲"),), id="text"
        ),
        pytest.param([(0, 50, "我哋去飲茶"), (55, 105, "跟住睇戲"), (110, 150, "好呀")], (Edit("c000052", (52, 100), span=(55, 105)),), id="times"),
        pytest.param([(0, 50, "我哋去飲茶"), (110, 150, "好呀")], (Edit("c000052", (52, 100), removed=True),), id="removed"),
        pytest.param(
            [(0, 50, "我哋去飲茶"), (52, 100, "跟住睇戲"), (110, 150, "好呀"), (160, 190, "拜拜")],
            (Edit("e000160", None, (160, 190), spoken="拜拜"),),
            id="added",
        ),
        pytest.param(
            [(0, 25, "我哋"), (25, 50, "去飲茶"), (52, 100, "跟住睇戲"), (110, 150, "好呀")],
            (Edit("c000000", (0, 50), span=(0, 25), spoken="我哋"), Edit("e000025", None, (25, 50), spoken="去飲茶")),
            id="split in two",
        ),
        pytest.param(
            [(0, 100, "我哋去飲茶跟住睇戲"), (110, 150, "好呀")],
            (Edit("c000000", (0, 50), span=(0, 100), spoken="我哋去飲茶跟住睇戲"), Edit("c000052", (52, 100), removed=True)),
            id="two in one",
        ),
        pytest.param(
            [(10, 60, "我哋去飲茶"), (62, 110, "跟住睇戲"), (120, 160, "好呀")],
            (
                Edit("c000000", (0, 50), span=(10, 60)),
                Edit("c000052", (52, 100), span=(62, 110)),
                Edit("c000110", (110, 150), span=(120, 160)),
            ),
            id="all moved",
        ),
    ],
)
def test_differences(edited: list[Row], edits: tuple[Edit, ...]) -> None:
    found = differences(BASE, document(*edited))
    assert found == Edits(edits, 0)
    assert rows_of(with_edits(Registers(BASE), found).spoken) == edited


def test_ids_and_words_of_cues_that_stay_are_kept() -> None:
    done = with_edits(Registers(BASE), differences(BASE, document((0, 48, "我哋去飲茶啦"), (110, 150, "好呀"), (160, 190, "拜拜")))).spoken
    assert [(cue.id, cue.words, cue.flags) for cue in done.cues] == [("c000000", HEARD, ()), ("c000110", HEARD, ()), ("e000160", (), ("edited",))]


def test_both_registers_stay_one_grid() -> None:
    written = replace(document((0, 50, "我們去飲茶"), (52, 100, "接着看電影"), (110, 150, "好的")), register="written")
    edits = differences(written, document((0, 50, "我們去喝茶"), (52, 104, "接着看電影"), (160, 190, "再見")))
    done = with_edits(Registers(BASE, written), edits)
    assert rows_of(done.written) == [(0, 50, "我們去喝茶"), (52, 104, "接着看電影"), (160, 190, "再見")]
    assert rows_of(done.spoken) == [(0, 50, "我哋去飲茶"), (52, 104, "跟住睇戲"), (160, 190, "再見")]


def test_a_run_with_other_cuts_does_not_lose_an_edit() -> None:
    edits = differences(BASE, document((0, 50, "我哋去飲茶"), (52, 100, "跟住去睇戲"), (110, 150, "好呀"), (160, 190, "拜拜")))
    other = document((0, 48, "我哋去飲茶"), (54, 98, "跟住啲戲"), (112, 150, "好呀"))
    assert rows_of(with_edits(Registers(other), edits).spoken) == [
        (0, 48, "我哋去飲茶"),
        (54, 98, "跟住去睇戲"),
        (112, 150, "好呀"),
        (160, 190, "拜拜"),
    ]
    gone = document((0, 48, "我哋去飲茶"))
    assert rows_of(with_edits(Registers(gone), edits).spoken) == [(0, 48, "我哋去飲茶"), (52, 100, "跟住去睇戲"), (160, 190, "拜拜")]


def test_a_machine_cue_makes_room_for_an_edited_one() -> None:
    edits = Edits((Edit("e000040", None, (40, 60), spoken="插入"),))
    assert rows_of(with_edits(Registers(BASE), edits).spoken) == [(0, 40, "我哋去飲茶"), (40, 60, "插入"), (60, 100, "跟住睇戲"), (110, 150, "好呀")]
    whole = Edits((Edit("e000040", None, (0, 120), spoken="全部"),))
    assert rows_of(with_edits(Registers(BASE), whole).spoken) == [(0, 120, "全部"), (120, 150, "好呀")]


def test_another_range_counts_from_elsewhere() -> None:
    edits = differences(BASE, document((0, 50, "我哋去飲茶"), (52, 100, "跟住去睇戲"), (110, 150, "好呀")))
    later = document((2, 50, "跟住睇戲"), (60, 100, "好呀"), start_frame=50)
    assert rows_of(with_edits(Registers(later), edits).spoken) == [(2, 50, "跟住去睇戲"), (60, 100, "好呀")]


def test_an_older_edit_that_found_its_cue_by_place_and_a_newer_one_by_id_are_one() -> None:
    edits = Edits((Edit("c000050", (52, 100), spoken="跟住去睇戲"), Edit("c000052", (52, 100), written="接着看電影")))
    written = replace(BASE, register="written")
    done = with_edits(Registers(BASE, written), edits)
    assert [cue.id for cue in done.spoken.cues] == ["c000000", "c000052", "c000110"]
    assert rows_of(done.spoken)[1] == (52, 100, "跟住去睇戲") and rows_of(done.written)[1] == (52, 100, "接着看電影")


def test_an_edit_without_its_cue_takes_no_id_that_is_used() -> None:
    done = with_edits(Registers(BASE), Edits((Edit("c000000", (200, 240), spoken="另一句"),))).spoken
    assert [(cue.id, cue.start_frame) for cue in done.cues] == [("c000000", 0), ("c000052", 52), ("c000110", 110), ("c000000'", 200)]


def test_newer_edits_lie_over_older_ones() -> None:
    old = Edits((Edit("c1", (0, 50), spoken="一"), Edit("e2", None, (60, 90), spoken="二")))
    new = Edits((Edit("c1", (0, 50), span=(0, 40)), Edit("e2", (60, 90), removed=True), Edit("c3", (100, 150), removed=True)))
    assert merged(old, new) == Edits((Edit("c1", (0, 50), (0, 40), "一"), Edit("c3", (100, 150), removed=True)))


def test_the_file(tmp_path: Path) -> None:
    edits = Edits((Edit("c1", (0, 50), spoken="一", written="壹"), Edit("c3", (100, 150), removed=True)), 90000)
    assert read_edits(tmp_path) == Edits()
    write_edits(edits, tmp_path)
    assert read_edits(tmp_path) == edits


rows = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 80), st.sampled_from(["好", "去飲茶", "係呀", "我哋睇戲"])), max_size=8)


def laid(found: list[tuple[int, int, str]]) -> SubtitleDocument:
    at, cues = 0, []
    for gap, length, text in found:
        cues.append((at + gap, at + gap + length, text))
        at += gap + length
    return document(*cues)


@settings(max_examples=200, deadline=None)
@given(rows, rows)
def test_applying_the_differences_gives_the_edited_file(before: list[Row], after: list[Row]) -> None:
    base, edited = laid(before), laid(after)
    assert rows_of(with_edits(Registers(base), differences(base, edited)).spoken) == rows_of(edited)


@settings(max_examples=200, deadline=None)
@given(rows, rows, rows)
def test_a_later_run_keeps_every_text_a_person_wrote_and_stays_valid(before: list[Row], after: list[Row], again: list[Row]) -> None:
    base, edited = laid(before), laid(after)
    edits = differences(base, edited)
    done = with_edits(Registers(laid(again)), edits).spoken  # raises when it is not valid
    written = [edit.spoken for edit in edits.edits if edit.spoken and edit.span]
    assert all(text in [cue.text for cue in done.cues] for text in written)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A job whose range begins a second into its timeline."""
    folder = tmp_path / "film.job"
    with open_job(folder, tmp_path / "film.otio") as opened:
        (folder / "request.json").write_text('{"start_frame": 89975}', "utf-8")
        write_document(replace(BASE, start_frame=90000), opened.path("document.json"))
    return folder


def call(*arguments: str | Path) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(apply, [str(argument) for argument in arguments] + ["--json"])
    return done.exit_code, json.loads(done.stdout)


def test_an_edited_srt_goes_back_into_its_job(job: Path, tmp_path: Path) -> None:
    srt = tmp_path / "film.srt"
    write_subtitles("srt", read_document(job / "document.json"), srt, WriteOptions(offset_frames=25))
    assert call(srt, "--job", job) == (0, {"register": "spoken", "changed": 0, "added": 0, "removed": 0, "cues": 3})
    srt.write_text(srt.read_text("utf-8").replace("跟住睇戲", "跟住去睇戲"), "utf-8")
    assert call(srt, "--job", job)[1]["changed"] == 1
    assert rows_of(read_document(job / "document.json"))[1] == (52, 100, "跟住去睇戲")
    assert read_document(job / "document.json").cues[1].words == HEARD
    assert read_edits(job) == Edits((Edit("c000052", (52, 100), spoken="跟住去睇戲"),), 90000)
    assert [cue.text for cue in read_subtitles(srt).cues] == ["我哋去飲茶", "跟住去睇戲", "好呀"]


def test_the_text_that_the_file_resembles_is_changed(job: Path, tmp_path: Path) -> None:
    written = replace(
        BASE, start_frame=90000, register="written", cues=tuple(replace(cue, text=cue.text.replace("我哋", "我們")) for cue in BASE.cues)
    )
    written = replace(written, cues=(*written.cues[:1], replace(written.cues[1], text="接着看電影"), replace(written.cues[2], text="好的")))
    write_document(written, job / "document.written.json")
    srt = tmp_path / "film.written.srt"
    write_subtitles("srt", written, srt, WriteOptions(offset_frames=25))
    srt.write_text(srt.read_text("utf-8").replace("好的", "好吧"), "utf-8")
    assert call(srt, "--job", job)[1]["register"] == "written"
    assert [cue.text for cue in read_document(job / "document.written.json").cues] == ["我們去飲茶", "接着看電影", "好吧"]
    assert [cue.text for cue in read_document(job / "document.json").cues] == ["我哋去飲茶", "跟住睇戲", "好呀"]


@pytest.mark.parametrize(
    ("text", "folder", "code"),
    [("1\n00:00:00,000 --> 00:00:00,500\n好\n", "film.job", "apply.nothing"), ("1\n00:00:02,000 --> 00:00:03,000\n好\n", ".", "formats.not_a_job")],
)
def test_what_cannot_be_applied_changes_nothing(text: str, folder: str, code: str, job: Path, tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_text(text, "utf-8")
    exit_code, answer = call(tmp_path / "film.srt", "--job", tmp_path / folder)
    assert exit_code == 2 and answer["error"]["code"] == code  # type: ignore[index]
    assert rows_of(read_document(job / "document.json")) == rows_of(BASE)
    assert not (job / "edits.json").exists()
