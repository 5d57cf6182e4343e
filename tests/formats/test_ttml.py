"""TTML and iTT: frames in the media time base, timecode in the SMPTE one, and other people's time expressions."""

from fractions import Fraction
from pathlib import Path

import pytest
from lxml import etree

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.formats import itt, ttml
from core.formats.base import ReadOptions, WriteOptions
from core.timing import FrameRate
from fakes.documents import two_speakers, written_twin

TTP = "{http://www.w3.org/ns/ttml#parameter}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NTSC = FrameRate(24000, 1001)


def root_of(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def times(root: etree._Element) -> list[tuple[str, str]]:
    return [(p.get("begin"), p.get("end")) for p in root.iter("{http://www.w3.org/ns/ttml}p")]


def test_imsc_counts_frames_from_the_timelines_first(tmp_path: Path) -> None:
    document = SubtitleDocument(two_speakers().cues, NTSC, 86400)
    ttml.write(document, tmp_path / "a.ttml", WriteOptions(offset_frames=10))
    root = root_of(tmp_path / "a.ttml")
    assert {name.removeprefix(TTP): value for name, value in root.attrib.items()} == {
        LANG: "yue-Hant",
        "contentProfiles": "http://www.w3.org/ns/ttml/profile/imsc1.1/text",
        "frameRate": "24",
        "frameRateMultiplier": "1000 1001",
    }
    assert times(root) == [("10f", "60f"), ("62f", "110f"), ("110f", "140f")]


@pytest.mark.parametrize(("module", "spoken", "written"), [(ttml, "yue-Hant", "zh-Hant-HK"), (itt, "yue-Hant", "cmn-Hant")])
def test_the_language_follows_the_register(module: object, spoken: str, written: str, tmp_path: Path) -> None:
    for document, tag in ((two_speakers(), spoken), (written_twin(), written)):
        module.write(document, tmp_path / "a.xml", WriteOptions())  # type: ignore[attr-defined]
        assert root_of(tmp_path / "a.xml").get(LANG) == tag


@pytest.mark.parametrize(
    ("rate", "start", "expected", "parameters"),
    [
        (FrameRate(25), 90000, ("01:00:00:00", "01:00:02:00"), ("25", "1 1", "nonDrop")),
        (FrameRate(30000, 1001, True), 1798, ("00:00:59:28", "00:01:01:20"), ("30", "1000 1001", "dropNTSC")),
        (NTSC, 24 * 86400 - 24, ("23:59:59:00", "00:00:01:02"), ("24", "1000 1001", "nonDrop")),
    ],
)
def test_itt_counts_timecode(rate: FrameRate, start: int, expected: tuple[str, str], parameters: tuple[str, ...], tmp_path: Path) -> None:
    itt.write(SubtitleDocument((Cue("a", 0, 50, "字"),), rate, start), tmp_path / "a.itt", WriteOptions())
    root = root_of(tmp_path / "a.itt")
    assert times(root) == [expected]
    assert tuple(root.get(TTP + name) for name in ("frameRate", "frameRateMultiplier", "dropMode")) == parameters


def test_apples_older_multiplier_is_the_same_rate(tmp_path: Path) -> None:
    itt.write(SubtitleDocument((Cue("a", 0, 50, "字"),), NTSC, 86400), tmp_path / "a.itt", WriteOptions())
    (tmp_path / "b.itt").write_text((tmp_path / "a.itt").read_text("utf-8").replace("1000 1001", "999 1000"), "utf-8")
    found = ttml.read(tmp_path / "b.itt", ReadOptions(start_frame=86400))
    assert (found.rate, found.cues[0].start_frame, found.cues[0].end_frame) == (NTSC, 0, 50)


FOREIGN = """<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {parameters}><body><div begin="{div}">
<p begin="{begin}" {rest}><span>甲</span><br/>
   乙 <!-- no --></p></div></body></tt>"""


@pytest.mark.parametrize(
    ("parameters", "div", "begin", "rest", "expected"),
    [
        ("", "0s", "00:00:01.500", 'end="00:00:02.000"', (38, 50)),
        ("", "10s", "1.5s", 'dur="500ms"', (288, 300)),
        ('ttp:frameRate="25"', "0s", "00:00:01:12", 'end="2s"', (37, 50)),
        ('ttp:tickRate="10000000"', "0s", "10000000t", 'end="0.001h"', (25, 90)),
        ('ttp:frameRate="50"', "0f", "50f", 'end="0.05m"', (50, 150)),
    ],
)
def test_every_time_expression_is_understood(parameters: str, div: str, begin: str, rest: str, expected: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "a.ttml").write_text(FOREIGN.format(parameters=parameters, div=div, begin=begin, rest=rest), "utf-8")
    found = ttml.read(tmp_path / "a.ttml", ReadOptions(FrameRate(25)))
    assert [(cue.start_frame, cue.end_frame, cue.text) for cue in found.cues] == [(*expected, "甲\n乙")]


def test_a_files_own_rate_is_taken(tmp_path: Path) -> None:
    text = FOREIGN.format(parameters='ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"', div="0s", begin="30f", rest='end="60f"')
    (tmp_path / "a.ttml").write_text(text, "utf-8")
    found = ttml.read(tmp_path / "a.ttml", ReadOptions())
    assert (found.rate.fps, found.cues[0].start_frame) == (Fraction(30000, 1001), 30)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<html/>", "formats.not_ttml"),
        ("<tt", "formats.not_xml"),
        (FOREIGN.format(parameters="", div="0s", begin="soon", rest=""), "formats.damaged"),
        (FOREIGN.format(parameters='ttp:frameRate="25" ttp:frameRateMultiplier="1 0"', div="0s", begin="1s", rest=""), "formats.damaged"),
        (FOREIGN.format(parameters='ttp:frameRate="7"', div="0s", begin="1s", rest=""), "timing.unknown_rate"),
    ],
)
def test_a_damaged_file_is_refused(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "a.ttml").write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        ttml.read(tmp_path / "a.ttml", ReadOptions())
    assert caught.value.code == code


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    doctype = f'<!DOCTYPE tt [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    body = FOREIGN.format(parameters="", div="0s", begin="1s", rest='end="2s"').replace("甲", "甲&x;")
    (tmp_path / "a.ttml").write_text(doctype + body, "utf-8")
    assert "SECRET" not in ttml.read(tmp_path / "a.ttml", ReadOptions(FrameRate(25))).cues[0].text
