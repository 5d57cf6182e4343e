"""The formats that are rows of text: marker EDL, CSV and plain text, each as written; JSON's derived times are in test_readers.py."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats import csv as csv_format
from core.formats import edl, json, txt
from core.formats.base import ReadOptions, WriteOptions
from core.timing import FrameRate
from fakes.documents import two_speakers, written_twin


def test_a_marker_edl(tmp_path: Path) -> None:
    edl.write(two_speakers(), tmp_path / "a.edl", WriteOptions(title="第一集"))
    assert (tmp_path / "a.edl").read_text("utf-8") == (
        "TITLE: 第一集\nFCM: NON-DROP FRAME\n\n"
        "001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01  \n |C:ResolveColorBlue |M:你今晚去邊度食飯？ |D:50\n\n"
        "002  001      V     C        01:00:02:02 01:00:02:03 01:00:02:02 01:00:02:03  \n |C:ResolveColorBlue |M:去旺角㗎 食車仔麵 |D:48\n\n"
        "003  001      V     C        01:00:04:00 01:00:04:01 01:00:04:00 01:00:04:01  \n |C:ResolveColorBlue |M:OK，八點見 |D:30\n"
    )


def test_written_chinese_is_green_and_drop_frame_is_said(tmp_path: Path) -> None:
    document = replace(written_twin(), rate=FrameRate(30000, 1001, True), start_frame=107892)
    edl.write(document, tmp_path / "a.edl", WriteOptions())
    rows = (tmp_path / "a.edl").read_text("utf-8").splitlines()
    assert rows[1] == "FCM: DROP FRAME" and rows[3].endswith("01:00:00;00 01:00:00;01  ") and "ResolveColorGreen" in rows[4]


def test_a_table(tmp_path: Path) -> None:
    csv_format.write(two_speakers(), tmp_path / "a.csv", WriteOptions())
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["number", "id", "in", "out", "in_s", "out_s", "speaker", "text"],
            ["1", "c00001", "01:00:00:00", "01:00:02:00", "0.000", "2.000", "阿明", "你今晚去邊度食飯？"],
            ["2", "c00002", "01:00:02:02", "01:00:04:00", "2.080", "4.000", "阿欣", "去旺角㗎\n食車仔麵"],
            ["3", "c00003", "01:00:04:00", "01:00:05:05", "4.000", "5.200", "", "OK，八點見"],
        ]


@pytest.mark.parametrize("text", ["=1+1", "+852", "-甲", "@all", "＝甲", "'=already"])
def test_no_cell_is_run_as_a_formula(text: str, tmp_path: Path) -> None:
    csv_format.write(SubtitleDocument((Cue("a", 0, 25, text, speaker=text),), FrameRate(25)), tmp_path / "a.csv", WriteOptions())
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.reader(file))[1]
    assert row[6:] == [f"'{text}", f"'{text}"]
    cue = csv_format.read(tmp_path / "a.csv", ReadOptions(FrameRate(25))).cues[0]
    assert (cue.text, cue.speaker, cue.id) == (text, text, "a")


def test_ids_and_speakers_survive_a_spreadsheet(tmp_path: Path) -> None:
    csv_format.write(two_speakers(), tmp_path / "a.csv", WriteOptions())
    found = csv_format.read(tmp_path / "a.csv", ReadOptions(FrameRate(25), 90000))
    assert replace(found, findings=()) == two_speakers()


def test_a_table_without_our_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError) as caught:
        csv_format.read(tmp_path / "a.csv", ReadOptions(FrameRate(25)))
    assert caught.value.code == "formats.not_cue_table"


def test_plain_text_names_who_speaks(tmp_path: Path) -> None:
    txt.write(two_speakers(), tmp_path / "a.txt", WriteOptions())
    assert (tmp_path / "a.txt").read_text("utf-8") == "阿明：\n你今晚去邊度食飯？\n\n阿欣：\n去旺角㗎 食車仔麵\n\nOK，八點見\n"


def test_json_gives_the_whole_document_back(tmp_path: Path) -> None:
    json.write(written_twin(), tmp_path / "a.json", WriteOptions())
    assert json.read(tmp_path / "a.json", ReadOptions()) == written_twin()
