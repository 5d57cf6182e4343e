"""SRT as text in and out: exact milliseconds, no blank lines, readable by pysrt."""

from pathlib import Path

import pysrt
import pytest

from core.document import Cue, SubtitleDocument
from core.formats.srt import to_srt, write
from core.timing import FrameRate, ms_to_frame_nearest

NTSC = FrameRate(24000, 1001)


def test_a_document_as_srt() -> None:
    document = SubtitleDocument((Cue("a", 1, 24, "你好"), Cue("b", 24, 86400, "再見")), NTSC)
    assert to_srt(document) == "1\n00:00:00,042 --> 00:00:01,001\n你好\n\n2\n00:00:01,001 --> 01:00:03,600\n再見\n"


def test_the_offset_of_a_range_moves_every_cue() -> None:
    document = SubtitleDocument((Cue("a", 0, 25, "你好"),), FrameRate(25))
    assert to_srt(document, 250).splitlines()[1] == "00:00:10,000 --> 00:00:11,000"


def test_blank_lines_inside_a_cue_cannot_end_it() -> None:
    document = SubtitleDocument((Cue("a", 0, 25, "上面\n\n \n下面"),), FrameRate(25))
    assert to_srt(document) == "1\n00:00:00,000 --> 00:00:01,000\n上面\n下面\n"


@pytest.mark.parametrize("rate", [NTSC, FrameRate(25), FrameRate(30000, 1001), FrameRate(60000, 1001), FrameRate(120)])
def test_pysrt_reads_back_the_same_frames_and_text(tmp_path: Path, rate: FrameRate) -> None:
    cues = tuple(Cue(f"c{i}", 7 * i, 7 * i + 6, f"第{i}句嘅㗎𨋢") for i in range(500))
    write(SubtitleDocument(cues, rate), tmp_path / "a.srt")
    read = pysrt.open(tmp_path / "a.srt", encoding="utf-8")
    frames = [(ms_to_frame_nearest(item.start.ordinal, rate), ms_to_frame_nearest(item.end.ordinal, rate), item.text) for item in read]
    assert frames == [(cue.start_frame, cue.end_frame, cue.text) for cue in cues]


def test_no_cues_make_an_empty_file(tmp_path: Path) -> None:
    write(SubtitleDocument((), NTSC), tmp_path / "a.srt")
    assert (tmp_path / "a.srt").read_bytes() == b""
