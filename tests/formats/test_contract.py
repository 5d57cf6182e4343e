"""What every format promises: a document written and read back has the same frames, at every rate and start; text and files are safe."""

from pathlib import Path

import pytest

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats import FORMATS, REFUSED, SUFFIXES, check_name, read_subtitles, write_subtitles
from core.formats.base import MILLISECONDS, ReadOptions, WriteOptions
from core.messages import catalogue
from core.timing import FrameRate
from fakes.documents import RATES, STARTS, long_document, two_speakers

READABLE = sorted(name for name, made in FORMATS.items() if made.reads)
ONE_LINE = {"edl"}  # a marker's name has no line break
TOO_FAST = {("ass", "120")}  # two frames of 8.3 ms can share a centisecond
A_FRAME_EARLY = {("avid", "23.976"), ("avid", "24")}  # out-times that Media Composer refuses; test_avid.py has them one by one


def absolute(document: SubtitleDocument) -> list[tuple[int, int]]:
    return [(document.start_frame + cue.start_frame, document.start_frame + cue.end_frame) for cue in document.cues]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", READABLE)
def test_frames_and_text_survive(name: str, rate: str, start: str, tmp_path: Path) -> None:
    if (name, rate) in TOO_FAST:
        pytest.skip("the format's clock is too coarse for this rate")
    document = long_document(RATES[rate], start)
    path = tmp_path / f"a{FORMATS[name].suffix}"
    write_subtitles(name, document, path, WriteOptions())
    read = read_subtitles(path, ReadOptions(RATES[rate], document.start_frame))
    texts = [cue.text.replace("\n", " ") if name in ONE_LINE else cue.text for cue in document.cues]
    assert [cue.text for cue in read.cues] == texts
    assert read.rate == RATES[rate] or (name == "ttml" and read.rate.fps == RATES[rate].fps)
    if (name, rate) in A_FRAME_EARLY:
        pairs = zip(absolute(read), absolute(document), strict=True)
        assert all(got[0] == made[0] and got[1] in (made[1], made[1] - 1) for got, made in pairs)
    else:
        assert absolute(read) == absolute(document)
    assert read.findings == ()


@pytest.mark.parametrize("name", READABLE)
def test_a_range_inside_a_timeline_stays_where_it_is(name: str, tmp_path: Path) -> None:
    document = SubtitleDocument((Cue("c00001", 10, 60, "你好"),), FrameRate(25), 90250)
    path = tmp_path / f"a{FORMATS[name].suffix}"
    write_subtitles(name, document, path, WriteOptions(offset_frames=250))
    read = read_subtitles(path, ReadOptions(FrameRate(25), 90000))
    assert absolute(read) == [(90260, 90310)]


HOSTILE = (
    "<b>&amp; \"x\" 'y' ]]> <!-- -->",
    "C:\\Novel\\here {\\an8}",
    "=HYPERLINK(1)",
    "-你去唔去？\n-去！",
    "2024",
    "a\n2024",
    "| pipe |D:1",
    "@ 註釋",
    "\u202eRTL\u202c",
    "👨\u200d👩\u200d👧 𠮶",
)


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_file(name: str, text: str, tmp_path: Path) -> None:
    cues = (Cue("c00001", 0, 50, "前"), Cue("c00002", 50, 100, text), Cue("c00003", 100, 150, "後"), Cue("c00004", 150, 200, text))
    document = SubtitleDocument(cues, FrameRate(25))
    path = tmp_path / f"a{FORMATS[name].suffix}"
    write_subtitles(name, document, path, WriteOptions())
    read = read_subtitles(path, ReadOptions(FrameRate(25)))
    assert absolute(read) == absolute(document)
    assert (read.cues[0].text, read.cues[2].text) == ("前", "後")
    assert read.cues[1].text == read.cues[3].text == changed(name, text)


def changed(name: str, text: str) -> str:
    """What a format that has no escape makes of a text; all others give it back as it was."""
    table = {
        ("srt", HOSTILE[0]): "&amp; \"x\" 'y' ]]> <!-- →",
        ("srt", HOSTILE[1]): "C:\\Novel\\here",
        ("ass", HOSTILE[1]): "C:＼Novel＼here ｛＼an8｝",
        ("edl", HOSTILE[3]): "-你去唔去？ -去！",
        ("edl", HOSTILE[5]): "a 2024",
        ("edl", HOSTILE[6]): "pipe D:1",
    }
    return table.get((name, text), text)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_writing_again_replaces_the_file_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{FORMATS[name].suffix}"
    path.write_bytes(b"old" * 100_000)
    write_subtitles(name, two_speakers(), path)
    assert path.stat().st_size < 100_000 and not path.read_bytes().startswith(b"old")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_cues_are_no_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{FORMATS[name].suffix}"
    write_subtitles(name, SubtitleDocument((), FrameRate(25)), path)
    if FORMATS[name].reads:
        assert read_subtitles(path, ReadOptions(FrameRate(25))).cues == ()


@pytest.mark.parametrize("name", sorted(name for name, made in FORMATS.items() if made.frames))
def test_a_frame_format_asks_for_the_rate(name: str, tmp_path: Path) -> None:
    document = SubtitleDocument((Cue("c00001", 0, 1000, "你好"),), MILLISECONDS)
    with pytest.raises(InputError) as caught:
        write_subtitles(name, document, tmp_path / "a")
    assert caught.value.code == "formats.needs_rate" and "--rate" in caught.value.hint()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_format_without_chinese_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(InputError) as caught:
        check_name(name)
    assert caught.value.code == REFUSED[name] and "ttml" in caught.value.hint() and "中文" in caught.value.message("zh")
    assert REFUSED[name] in catalogue()


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        check_name("docx")
    assert "srt, vtt, ass" in caught.value.hint()


def test_every_format_can_be_found_by_its_suffix() -> None:
    endings = {name: Path(f"a{made.suffix}").suffix for name, made in FORMATS.items() if made.reads}
    assert {name: SUFFIXES[ending] for name, ending in endings.items()} == {name: name for name in endings}
