"""Broken files: a small corpus of real kinds of damage, and some two thousand seeded ones. A reader answers or refuses; it never crashes or hangs."""

from __future__ import annotations

import random
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.document import SubtitleDocument
from core.errors import InputError
from core.formats import FORMATS, read_subtitles, write_subtitles
from core.formats.base import ReadOptions, WriteOptions
from core.timing import FrameRate
from fakes.documents import long_document, two_speakers

BROKEN = Path(__file__).parent / "broken"
HOST = Path(__file__).parent / "resolve_export.fcpxml"
READABLE = sorted(name for name, made in FORMATS.items() if made.reads)
MANY = {"srt": 800, "otio": 300, "fcpxml": 500}  # the ones that arrive from outside most
FEW = 120
SPLINTERS = (
    b"\0", b"\xff\xfe", b"-->", b"\n\n", b"<", b"&", b"]]>", b"{", b"}", b'"', b",", b"NaN", b"1e999", b"-1", b"0", b"9" * 40, b"99:99:99,999",
    b"00:00:00:00", b"/0s", b"null", b"[" * 50, b"<a>" * 50, b"\xf0\xa8\x8b\xa2", b"\xe2\x80\xa8",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_hanging() -> Iterator[None]:
    """A reader that loops is stopped, where the system can (signals are Unix's)."""
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda number, frame: pytest.fail("a reader hangs"))
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def answer(path: Path) -> str:
    """What a reader made of a file: 'read' for a valid document, else the code it refused it with."""
    try:
        document = read_subtitles(path, ReadOptions(FrameRate(25)))
    except InputError as error:
        assert error.message() and error.message("zh") and error.hint() and error.hint("zh")
        return error.code
    assert isinstance(document, SubtitleDocument)
    return "read"


EXPECTED = {
    "big5_half_character.srt": "formats.unknown_encoding",
    "binary.srt": "formats.unknown_encoding",
    "billion_laughs.fcpxml": "formats.not_xml",
    "cue_table_without_times.csv": "timing.bad_timecode",
    "deep.otio": "timeline.damaged",
    "divided_by_zero.fcpxml": "formats.damaged",
    "html_error_page.srt": "formats.no_cues",
    "markers_are_numbers.otio": "timeline.damaged",
    "no_sequence.fcpxml": "formats.not_fcpxml",
    "not_a_number.otio": "timeline.impossible_time",
    "own_data_damaged.otio": "job.damaged",
    "times_only.srt": "read",
    "timecode_out_of_range.edl": "timing.bad_timecode",
    "truncated.ass": "formats.damaged",
    "truncated.otio": "timeline.not_json",
    "truncated.fcpxml": "formats.not_xml",
    "unknown_rate.fcpxml": "timing.unknown_rate",
    "wrong_document.json": "job.damaged",
}


def test_the_corpus_and_the_list_are_the_same() -> None:
    assert sorted(file.name for file in BROKEN.iterdir()) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_broken_file_is_answered(name: str) -> None:
    assert answer(BROKEN / name) == EXPECTED[name]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The data with one to four random wounds: cut, doubled, moved, overwritten, splintered or truncated."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.randint(1, 40))
        wound = chance.randrange(6)
        if wound == 0:
            data = data[:start] + data[end:]
        elif wound == 1:
            data = data[:end] + data[start:]
        elif wound == 2:
            data = data[:start] + data[start:end][::-1] + data[end:]
        elif wound == 3:
            data = data[:start] + bytes(chance.randrange(256) for _ in range(end - start)) + data[end:]
        elif wound == 4:
            data = data[:start] + chance.choice(SPLINTERS) + data[start:]
        elif chance.random() < 0.3:
            data = data[:start]
    return data


_TOKEN = re.compile(rb'"[^"\n]*"|-?\d+(?:\.\d+)?')
_NUMBERS = (b"0", b"-1", b"1", b"7", b"0.5", b"86400000", b"9" * 19, b"9" * 400)
_QUOTED = (b'""', b'"x"', b'"0s"', b'"1/0s"', b'"-1/25s"', b'"1/99999999999s"', b'"99:99:99:99"', b'"25"', b'"NaN"', b'"1 0"', b'"spoken"')


def altered(data: bytes, chance: random.Random) -> bytes:
    """The data with one to three of its numbers or quoted values replaced, so that it stays well formed and reaches the reader's depths."""
    tokens = list(_TOKEN.finditer(data))
    for token in sorted(chance.sample(tokens, min(len(tokens), chance.randint(1, 3))), key=lambda found: -found.start()):
        quoted = token.group().startswith(b'"')
        data = data[: token.start()] + chance.choice(_QUOTED if quoted else _NUMBERS) + data[token.end() :]
    return data


@pytest.mark.parametrize("wound", [damaged, altered])
@pytest.mark.parametrize("name", READABLE)
def test_any_damage_is_answered(name: str, wound: Callable[[bytes, random.Random], bytes], tmp_path: Path) -> None:
    whole = tmp_path / f"whole{FORMATS[name].suffix}"
    write_subtitles(name, two_speakers(), whole, WriteOptions(host=HOST if name == "fcpxml" else None))
    data, chance = whole.read_bytes(), random.Random(f"{name} 2026")
    answers = set()
    for _ in range(MANY.get(name, FEW)):
        path = tmp_path / f"broken{FORMATS[name].suffix}"
        path.write_bytes(wound(data, chance))
        answers.add(answer(path))
    if wound is damaged:
        assert len(answers) > 1  # the damage is neither always nor never fatal


@pytest.mark.parametrize("name", READABLE)
def test_a_file_cut_anywhere_is_answered(name: str, tmp_path: Path) -> None:
    whole = tmp_path / f"whole{FORMATS[name].suffix}"
    write_subtitles(name, long_document(FrameRate(25), "01:00:00:00"), whole, WriteOptions())
    data = whole.read_bytes()
    for part in range(60):
        path = tmp_path / f"cut{FORMATS[name].suffix}"
        path.write_bytes(data[: len(data) * part // 60])
        answer(path)


def test_a_long_line_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "long.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\n" + "<" * 500_000 + "font " * 100_000 + " " * 500_000 + "\n", "utf-8")
    assert answer(path) == "read"
