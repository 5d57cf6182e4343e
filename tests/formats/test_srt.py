"""SRT out: exact milliseconds for every reader, no blank lines. SRT in: whatever people really have on their disks."""

from pathlib import Path

import numpy as np
import pysrt
import pytest

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats.base import ReadOptions, WriteOptions
from core.formats.srt import read, to_srt, write
from core.timing import FrameRate, frame_to_ms, ms_to_frame_nearest
from fakes.documents import RATES

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


@pytest.mark.parametrize("rate", sorted({(rate.numerator, rate.denominator) for rate in RATES.values()}))
def test_every_frame_of_a_day_survives_a_reader_that_rounds_and_one_that_floors(rate: tuple[int, int]) -> None:
    numerator, denominator = rate
    frames = np.arange(24 * 3600 * numerator // denominator + 1, dtype=np.int64)
    ms = -(-frames * 1000 * denominator // numerator)
    assert np.array_equal(ms * numerator // (1000 * denominator), frames)
    assert np.array_equal((2 * ms * numerator + 1000 * denominator) // (2000 * denominator), frames)
    sample = [*range(1000), *range(len(frames) - 1000, len(frames)), *range(0, len(frames), 9973)]
    exact = FrameRate(numerator, denominator)
    assert [frame_to_ms(frame, exact) for frame in sample] == ms[sample].tolist()


@pytest.mark.parametrize("rate", [NTSC, FrameRate(25), FrameRate(30000, 1001), FrameRate(60000, 1001), FrameRate(120)])
def test_pysrt_reads_back_the_same_frames_and_text(tmp_path: Path, rate: FrameRate) -> None:
    cues = tuple(Cue(f"c{i}", 7 * i, 7 * i + 6, f"第{i}句嘅㗎𨋢") for i in range(500))
    write(SubtitleDocument(cues, rate), tmp_path / "a.srt", WriteOptions())
    found = pysrt.open(tmp_path / "a.srt", encoding="utf-8")
    frames = [(ms_to_frame_nearest(item.start.ordinal, rate), ms_to_frame_nearest(item.end.ordinal, rate), item.text) for item in found]
    assert frames == [(cue.start_frame, cue.end_frame, cue.text) for cue in cues]


def test_no_cues_make_an_empty_file(tmp_path: Path) -> None:
    write(SubtitleDocument((), NTSC), tmp_path / "a.srt", WriteOptions())
    assert (tmp_path / "a.srt").read_bytes() == b""


def parsed(tmp_path: Path, data: str | bytes) -> SubtitleDocument:
    path = tmp_path / "a.srt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return read(path, ReadOptions(FrameRate(25)))


def shown(document: SubtitleDocument) -> list[tuple[int, int, str]]:
    return [(cue.start_frame, cue.end_frame, cue.text) for cue in document.cues]


TWO = "1\r\n00:00:01,000 --> 00:00:02,000\r\n你好嘅\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\n再見㗎\r\n"


@pytest.mark.parametrize(("encoding", "reported"), [("utf-8", []), ("utf-8-sig", []), ("utf-16", ["utf-16"]), ("big5hkscs", ["big5hkscs"])])
def test_encodings_are_recognised_and_reported(tmp_path: Path, encoding: str, reported: list[str]) -> None:
    document = parsed(tmp_path, TWO.encode(encoding))
    assert shown(document) == [(25, 50, "你好嘅"), (50, 75, "再見㗎")]
    assert [finding.message.split()[-1].rstrip(".") for finding in document.findings] == reported


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(tmp_path: Path, encoding: str) -> None:
    assert shown(parsed(tmp_path, TWO.encode(encoding))) == [(25, 50, "你好嘅"), (50, 75, "再見㗎")]


def test_an_encoding_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        parsed(tmp_path, b"1\n00:00:01,000 --> 00:00:02,000\n\xff\xfe\xfa\xff\n")
    assert caught.value.code == "formats.unknown_encoding"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1\n00:00:01,000 --> 00:00:02,000\n上\n\n下\n", [(25, 50, "上\n下")], id="a blank line inside a cue"),
        pytest.param("1\n00:00:01,000 --> 00:00:02,000\n二零二四\n2024\n", [(25, 50, "二零二四\n2024")], id="a number as the last line"),
        pytest.param("00:00:01,000 --> 00:00:02,000\n甲\n\n00:00:02,000 --> 00:00:03,000\n乙\n", [(25, 50, "甲"), (50, 75, "乙")], id="no numbers"),
        pytest.param("1\n00:00:01,000 --> 00:00:02,000\n甲\n2\n00:00:02,000 --> 00:00:03,000\n乙", [(25, 50, "甲"), (50, 75, "乙")], id="no blanks"),
        pytest.param("1\n0:0:1,5 -> 0:0:2.25\n甲\n", [(38, 56, "甲")], id="short times"),
        pytest.param("1\n00:01,000 --> 00:02,000 X1:10 Y1:20\n甲\n", [(25, 50, "甲")], id="no hours, with coordinates"),
        pytest.param('1\n00:00:01,000 --> 00:00:02,000\n<i>斜體</i>{\\an8}<font color="#fff">色</font>\n', [(25, 50, "斜體色")], id="tags"),
        pytest.param("1\n00:00:01,000 --> 00:00:01,000\n甲\n", [(25, 26, "甲")], id="no length"),
        pytest.param("1\n00:00:03,000 --> 00:00:04,000\n後\n\n2\n00:00:01,000 --> 00:00:02,000\n前\n", [(25, 50, "前"), (75, 100, "後")], id="order"),
    ],
)
def test_files_in_the_wild(tmp_path: Path, text: str, expected: list[tuple[int, int, str]]) -> None:
    assert shown(parsed(tmp_path, text)) == expected


def test_an_overlap_is_trimmed_and_reported(tmp_path: Path) -> None:
    document = parsed(tmp_path, "1\n00:00:01,000 --> 00:00:03,000\n甲\n\n2\n00:00:02,000 --> 00:00:04,000\n乙\n")
    assert shown(document) == [(25, 50, "甲"), (50, 100, "乙")]
    assert [(finding.code, finding.cue_id) for finding in document.findings] == [("formats.overlap_trimmed", "c00001")]


def test_an_empty_subtitle_is_left_out_and_reported(tmp_path: Path) -> None:
    document = parsed(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:02,000 --> 00:00:04,000\n乙\n")
    assert shown(document) == [(50, 100, "乙")]
    assert [finding.code for finding in document.findings] == ["formats.empty_dropped"]


def test_without_a_rate_frames_are_milliseconds(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(TWO, "utf-8")
    document = read(tmp_path / "a.srt", ReadOptions())
    assert shown(document) == [(1000, 2000, "你好嘅"), (2000, 3000, "再見㗎")]


def test_a_text_that_is_no_srt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        parsed(tmp_path, "<html><body>404</body></html>")
    assert caught.value.code == "formats.no_cues"
