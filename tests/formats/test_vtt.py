"""WebVTT: the text as written, and other people's files with settings, notes, styles and voices."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.formats.base import ReadOptions, WriteOptions
from core.formats.vtt import read, write
from core.timing import FrameRate
from fakes.documents import two_speakers


def test_the_whole_file(tmp_path: Path) -> None:
    write(two_speakers(), tmp_path / "a.vtt", WriteOptions(offset_frames=25))
    assert (tmp_path / "a.vtt").read_text("utf-8") == (
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\n<v 阿明>你今晚去邊度食飯？\n\n"
        "2\n00:00:03.080 --> 00:00:05.000\n<v 阿欣>去旺角㗎\n食車仔麵\n\n3\n00:00:05.000 --> 00:00:06.200\nOK，八點見\n"
    )


FOREIGN = """WEBVTT - made elsewhere
Kind: captions

STYLE
::cue { color: white }

NOTE 00:00 is not a time

intro
00:01.000 --> 00:02.000 line:0 align:start
<v.loud 阿明><i>甲</i> &lt;乙&gt;</v>

00:00:02.500 --> 00:00:03.000
<00:00:02.700><c>丙</c>
"""


def test_other_programs_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(FOREIGN, "utf-8")
    found = read(tmp_path / "a.vtt", ReadOptions(FrameRate(50)))
    assert [(cue.id, cue.start_frame, cue.end_frame, cue.text, cue.speaker) for cue in found.cues] == [
        ("intro", 50, 100, "甲 <乙>", "阿明"),
        ("c00002", 125, 150, "丙", None),
    ]


def test_an_srt_under_this_name_is_refused_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text("1\n00:00:01,000 --> 00:00:02,000\n甲\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.vtt", ReadOptions())
    assert caught.value.code == "formats.not_vtt" and ".srt" in caught.value.hint()
