"""FCPXML: the structure that Final Cut Pro accepts, times on frames, and captions put into what Resolve exported."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from lxml import etree

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats.base import ReadOptions, WriteOptions
from core.formats.fcpxml import read, write
from core.timing import FrameRate
from fakes.documents import RATES, long_document, two_speakers, written_twin

from .fcpxml_model import apple_dtd, faults

RESOLVE = Path(__file__).parent / "resolve_export.fcpxml"


def written(tmp_path: Path, document: SubtitleDocument, options: WriteOptions | None = None) -> etree._Element:
    write(document, tmp_path / "a.fcpxml", options or WriteOptions())
    return etree.parse(tmp_path / "a.fcpxml").getroot()


@pytest.mark.parametrize("titles", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_the_structure_is_what_the_format_allows(rate: str, titles: bool, tmp_path: Path) -> None:
    root = written(tmp_path, long_document(RATES[rate], "01:00:00:00"), WriteOptions(titles=titles, title='<"片">&'))
    assert faults(root) == []
    assert root.get("version") == "1.10"


def test_captions_in_resolves_export_keep_the_structure(tmp_path: Path) -> None:
    assert faults(etree.parse(RESOLVE).getroot()) == []
    assert faults(written(tmp_path, two_speakers(), WriteOptions(host=RESOLVE))) == []


@pytest.mark.skipif(apple_dtd() is None, reason="Apple's DTD comes with Final Cut Pro and may not be passed on")
@pytest.mark.parametrize("options", [WriteOptions(), WriteOptions(titles=True), WriteOptions(host=RESOLVE)])
def test_apples_dtd_accepts_it(options: WriteOptions, tmp_path: Path) -> None:
    dtd = etree.DTD(str(apple_dtd()))
    root = written(tmp_path, two_speakers(), options)
    assert dtd.validate(root), dtd.error_log.filter_from_errors()


def test_the_model_finds_faults() -> None:
    text = '<fcpxml version="1.10"><resources><format id="r1"/></resources><library><event><project><sequence format="r2"><spine><caption/></spine>'
    root = etree.fromstring(text + "</sequence></project></event></library></fcpxml>")
    assert faults(root) == ["<sequence> names r2", "<spine> contains caption ", "<caption> lacks duration"]


@pytest.mark.parametrize("rate", RATES)
def test_every_time_is_a_whole_number_of_frames(rate: str, tmp_path: Path) -> None:
    fps = RATES[rate].fps
    root = written(tmp_path, long_document(RATES[rate], "01:00:00:00"))
    times = [element.get(name) for element in root.iter() for name in ("offset", "start", "duration", "tcStart") if element.get(name)]
    assert len(times) > 150
    assert all((Fraction(time.removesuffix("s")) * fps).denominator == 1 for time in times)


def test_a_caption(tmp_path: Path) -> None:
    caption = written(tmp_path, SubtitleDocument((Cue("a", 24, 48, "上\n下"),), FrameRate(24000, 1001), 86400)).find(".//caption")
    assert dict(caption.attrib) == {
        "lane": "1",
        "offset": "24024/24000s",
        "name": "上",
        "start": "86399313/24000s",
        "duration": "24024/24000s",
        "role": "iTT?captionFormat=ITT.yue-Hant",
    }
    assert caption.findtext("text/text-style") == "上\n下"


def test_captions_go_into_the_items_they_begin_in(tmp_path: Path) -> None:
    root = written(tmp_path, two_speakers(), WriteOptions(host=RESOLVE))
    items = list(root.find(".//spine"))
    inside = [
        (item.get("name"), [(caption.get("offset"), caption.findtext("text/text-style")) for caption in item.findall("caption")]) for item in items
    ]
    assert inside == [
        ("甲.mov", [("1306/25s", "你今晚去邊度食飯？")]),
        ("Gap", [("4/25s", "去旺角㗎\n食車仔麵")]),
        ("乙.mov", [("0s", "OK，八點見")]),
    ]


def test_the_host_file_is_kept_whole(tmp_path: Path) -> None:
    before = etree.parse(RESOLVE).getroot()
    after = written(tmp_path, two_speakers(), WriteOptions(host=RESOLVE))
    for caption in after.findall(".//caption"):
        caption.getparent().remove(caption)
    kept, wanted = ([(element.tag, dict(element.attrib)) for element in root.iter()] for root in (after, before))
    assert kept == wanted
    assert "<!-- a remark -->" in (tmp_path / "a.fcpxml").read_text("utf-8")


def test_captions_put_into_a_host_are_read_back(tmp_path: Path) -> None:
    document = two_speakers()
    write(document, tmp_path / "a.fcpxml", WriteOptions(host=RESOLVE))
    found = read(tmp_path / "a.fcpxml", ReadOptions())
    assert (found.rate, found.start_frame) == (FrameRate(25), 90000)
    assert [(cue.start_frame, cue.end_frame, cue.text) for cue in found.cues] == [
        (0, 50, "你今晚去邊度食飯？"),
        (52, 100, "去旺角㗎\n食車仔麵"),
        (100, 130, "OK，八點見"),
    ]


def test_adding_again_replaces_what_was_added_and_another_register_has_its_lane(tmp_path: Path) -> None:
    write(two_speakers(), tmp_path / "once.fcpxml", WriteOptions(host=RESOLVE))
    write(written_twin(), tmp_path / "both.fcpxml", WriteOptions(host=tmp_path / "once.fcpxml"))
    root = written(tmp_path, two_speakers(), WriteOptions(host=tmp_path / "both.fcpxml"))
    assert faults(root) == []
    assert sorted((caption.get("lane"), caption.get("role")) for caption in root.iter("caption")) == [
        *[("1", "iTT?captionFormat=ITT.yue-Hant")] * 3,
        *[("2", "iTT?captionFormat=ITT.cmn-Hant")] * 3,
    ]


def test_a_folder_that_resolve_wrote_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "剪接.fcpxmld"
    folder.mkdir()
    write(two_speakers(), folder / "Info.fcpxml", WriteOptions())
    assert len(read(folder, ReadOptions()).cues) == 3


def host(tmp_path: Path, old: str, new: str) -> WriteOptions:
    changed = RESOLVE.read_text("utf-8").replace(old, new)
    assert changed != RESOLVE.read_text("utf-8")
    (tmp_path / "host.fcpxml").write_text(changed, "utf-8")
    return WriteOptions(host=tmp_path / "host.fcpxml")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('version="1.10"', 'version="1.7"', "formats.host_too_old"),
        ('frameDuration="1/25s"', 'frameDuration="1001/24000s"', "formats.host_rate"),
        ('frameDuration="1/25s"', 'frameDuration="0/25s"', "formats.file_without_rate"),
        ('offset="3600/1s"', 'offset="soon"', "formats.damaged"),
        ("<spine>", "<spin>", "formats.not_xml"),
    ],
)
def test_a_host_that_cannot_take_captions_is_refused(old: str, new: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write(two_speakers(), tmp_path / "a.fcpxml", host(tmp_path, old, new))
    assert caught.value.code == code
    assert not (tmp_path / "a.fcpxml").exists()


def test_a_host_that_counts_from_zero_is_understood(tmp_path: Path) -> None:
    text = RESOLVE.read_text("utf-8")
    for clock, zero in (("3600/1s", "0/1s"), ("3602/1s", "2/1s"), ("3604/1s", "4/1s")):
        text = text.replace(f'offset="{clock}"', f'offset="{zero}"')
    (tmp_path / "host.fcpxml").write_text(text, "utf-8")
    write(two_speakers(), tmp_path / "a.fcpxml", WriteOptions(host=tmp_path / "host.fcpxml"))
    assert [cue.start_frame for cue in read(tmp_path / "a.fcpxml", ReadOptions()).cues] == [0, 52, 100]
