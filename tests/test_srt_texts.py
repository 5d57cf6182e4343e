"""SRT texts exchanged in place: every byte that is no text stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.srt_texts import document_of, read_srt, with_texts

PLAIN = "1\n00:00:01,000 --> 00:00:02,5\n佢唔喺度\n\n2\n0:00:03.000  -->  00:00:04,000 X1:1 X2:2\n行一\n行二\n"


def _srt(tmp_path: Path, data: bytes) -> Path:
    file = tmp_path / "a.srt"
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5hkscs", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    srt = read_srt(_srt(tmp_path, PLAIN.encode(encoding)))
    assert [srt.text(number) for number in range(2)] == ["佢唔喺度", "行一\n行二"]
    assert with_texts(srt, {}) == ("\ufeff" if encoding == "utf-8-sig" else "") + PLAIN


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_text_changes(tmp_path: Path, newline: str) -> None:
    srt = read_srt(_srt(tmp_path, PLAIN.replace("\n", newline).encode()))
    assert with_texts(srt, {"s0": "他不在", "s1": "一\n二"}) == PLAIN.replace("佢唔喺度", "他不在").replace("行一\n行二", "一\n二").replace(
        "\n", newline
    )


def test_text_after_a_blank_row_is_part_of_its_cue(tmp_path: Path) -> None:
    srt = read_srt(_srt(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\n第一段\n\n第二段\n\n2\n00:00:03,000 --> 00:00:04,000\n完".encode()))
    assert ([srt.text(0), srt.text(1)], srt.split_by_blank_row) == (["第一段\n第二段", "完"], (0,))
    assert with_texts(srt, {"s0": "甲\n乙"}) == "1\n00:00:01,000 --> 00:00:02,000\n甲\n乙\n\n2\n00:00:03,000 --> 00:00:04,000\n完"


def test_odd_times_still_make_a_document(tmp_path: Path) -> None:
    rows = "1\n00:00:05,000 --> 00:00:04,000\n後\n\n2\n00:00:01,000 --> 00:00:09,000\n前\n\n3\n00:00:02,000 --> 00:00:03,000\n\n"
    srt = read_srt(_srt(tmp_path, rows.encode()))
    assert [(cue.id, cue.start_frame, cue.end_frame) for cue in document_of(srt).cues] == [("s0", 5000, 5001), ("s1", 5001, 9000)]
    assert with_texts(srt, {}) == rows


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "passes.srt_empty"), (b"\xef\xbb\xbf\r\n", "passes.srt_empty"), (b"hello", "passes.srt_unreadable")]
)
def test_what_is_no_srt(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_srt(_srt(tmp_path, data))
    assert caught.value.code == code
