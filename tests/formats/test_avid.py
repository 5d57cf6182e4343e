"""Avid DS text: the layout that Media Composer imports, and the out-times that it refuses."""

from pathlib import Path

import pytest

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats.avid import read, write
from core.formats.base import ReadOptions, WriteOptions
from core.timing import FrameRate
from fakes.documents import two_speakers


def test_the_whole_file(tmp_path: Path) -> None:
    write(two_speakers(), tmp_path / "a.txt", WriteOptions(title="第一集"))
    assert (tmp_path / "a.txt").read_text("utf-8") == (
        "@ 第一集\n\n<begin subtitles>\n\n01:00:00:00 01:00:02:00\n你今晚去邊度食飯？\n\n"
        "01:00:02:02 01:00:04:00\n去旺角㗎\n食車仔麵\n\n01:00:04:00 01:00:05:05\nOK，八點見\n\n<end subtitles>\n"
    )


@pytest.mark.parametrize("rate", [FrameRate(24000, 1001), FrameRate(24)])
def test_refused_out_times_end_a_frame_earlier(rate: FrameRate, tmp_path: Path) -> None:
    cues = tuple(Cue(f"c{n}", 24 * n, 24 * n + n + 1, "字") for n in range(1, 23))
    write(SubtitleDocument(cues, rate), tmp_path / "a.txt", WriteOptions())
    rows = (tmp_path / "a.txt").read_text("utf-8").splitlines()
    ends = [row[-2:] for row in rows if row.startswith("00:")]
    assert " ".join(ends) == "01 03 04 05 06 06 08 09 10 11 11 13 14 15 16 16 18 19 20 21 21 23"


def test_a_cue_of_one_frame_keeps_it(tmp_path: Path) -> None:
    write(SubtitleDocument((Cue("a", 1, 2, "字"),), FrameRate(24)), tmp_path / "a.txt", WriteOptions())
    assert "00:00:00:01 00:00:00:02" in (tmp_path / "a.txt").read_text("utf-8")


def test_other_rates_are_left_alone(tmp_path: Path) -> None:
    write(SubtitleDocument((Cue("a", 0, 27, "字"),), FrameRate(25)), tmp_path / "a.txt", WriteOptions())
    assert "00:00:00:00 00:00:01:02" in (tmp_path / "a.txt").read_text("utf-8")


def test_text_cannot_become_a_command(tmp_path: Path) -> None:
    write(SubtitleDocument((Cue("a", 0, 25, "<end subtitles>"), Cue("b", 25, 50, "後")), FrameRate(25)), tmp_path / "a.txt", WriteOptions())
    rows = (tmp_path / "a.txt").read_text("utf-8").splitlines()
    assert (rows.count("<end subtitles>"), rows.count(" <end subtitles>")) == (1, 1)
    assert [cue.text for cue in read(tmp_path / "a.txt", ReadOptions(FrameRate(25))).cues] == ["<end subtitles>", "後"]


def test_plain_text_and_a_missing_rate_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("你好\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.txt", ReadOptions(FrameRate(25)))
    assert caught.value.code == "formats.not_avid"
    write(two_speakers(), tmp_path / "b.txt", WriteOptions())
    with pytest.raises(InputError) as caught:
        read(tmp_path / "b.txt", ReadOptions())
    assert caught.value.code == "formats.file_needs_rate" and "--rate" in caught.value.hint()
