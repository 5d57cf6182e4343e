"""Other people's readers take our files: the same times and the same text, without a warning."""

from __future__ import annotations

import json
import logging
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path

import pysrt
import pysubs2
import pytest
import webvtt

from core.document import SubtitleDocument
from core.formats import write_subtitles
from core.formats.base import WriteOptions
from core.media.ffmpeg import run_ffmpeg
from core.progress import CancelToken
from fakes.documents import RATES, two_speakers

MS = [(0, 2000), (2080, 4000), (4000, 5200)]
TEXTS = ["你今晚去邊度食飯？", "去旺角㗎\n食車仔麵", "OK，八點見"]


def written(name: str, tmp_path: Path, document: SubtitleDocument | None = None) -> Path:
    path = tmp_path / f"a.{name}"
    write_subtitles(name, document or two_speakers(), path, WriteOptions())
    return path


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
def test_pysubs2(name: str, tmp_path: Path) -> None:
    events = pysubs2.load(str(written(name, tmp_path)), encoding="utf-8").events
    assert [(event.start, event.end) for event in events] == MS
    assert [event.plaintext for event in events] == TEXTS


def test_pysrt(tmp_path: Path) -> None:
    items = pysrt.open(str(written("srt", tmp_path)), encoding="utf-8", error_handling=pysrt.ERROR_RAISE)
    assert [(item.start.ordinal, item.end.ordinal) for item in items] == MS
    assert [item.text for item in items] == TEXTS


def test_webvtt(tmp_path: Path) -> None:
    captions = list(webvtt.read(str(written("vtt", tmp_path))))
    assert [(caption.start, caption.end) for caption in captions] == [
        ("00:00:00.000", "00:00:02.000"),
        ("00:00:02.080", "00:00:04.000"),
        ("00:00:04.000", "00:00:05.200"),
    ]
    assert [(caption.text, caption.voice, caption.identifier) for caption in captions] == [
        (TEXTS[0], "阿明", "1"),
        (TEXTS[1], "阿欣", "2"),
        (TEXTS[2], None, "3"),
    ]


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
def test_ffmpeg(name: str, tmp_path: Path) -> None:
    """ffmpeg's demuxer and decoder; its SRT encoder shows what they understood."""
    out = run_ffmpeg(["-i", str(written(name, tmp_path)), "-f", "srt", "-c:s", "text", "pipe:1"], CancelToken(), subject=name).decode("utf-8")
    items = pysrt.from_string(out)
    assert [(item.start.ordinal, item.end.ordinal) for item in items] == MS
    assert [item.text for item in items] == TEXTS


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["ttml", "itt"])
def test_ttconv(name: str, rate: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from ttconv.imsc.reader import to_model

    document = SubtitleDocument(two_speakers().cues, RATES[rate])
    with caplog.at_level(logging.WARNING):
        model = to_model(ElementTree.parse(written(name, tmp_path, document)))
    assert caplog.records == []
    fps = RATES[rate].fps
    paragraphs = list(model.get_body().first_child())
    assert [(p.get_begin() or 0, p.get_end()) for p in paragraphs] == [(0, 50 / fps), (52 / fps, 100 / fps), (100 / fps, 130 / fps)]
    assert model.get_lang() == "yue-Hant"


def test_ttconv_finds_the_text_on_screen(tmp_path: Path) -> None:
    from ttconv.imsc.reader import to_model
    from ttconv.isd import ISD

    model = to_model(ElementTree.parse(written("ttml", tmp_path)))
    region = next(iter(ISD.from_model(model, Fraction(3)).iter_regions()))
    texts = [element.get_text() for element in region.dfs_iterator() if element.__class__.__name__ == "Text"]
    assert texts == ["去旺角㗎", "食車仔麵"]


@pytest.mark.parametrize("name", ["otio", "otioz"])
def test_opentimelineio(name: str, tmp_path: Path) -> None:
    import opentimelineio as otio

    timeline = otio.adapters.read_from_file(str(written(name, tmp_path)))
    markers = [
        (marker.name, marker.comment, marker.marked_range.start_time.value, marker.marked_range.duration.value) for marker in timeline.tracks.markers
    ]
    assert markers == [
        ("你今晚去邊度食飯？", TEXTS[0], 0, 50),
        ("去旺角㗎", TEXTS[1], 52, 48),
        ("OK，八點見", TEXTS[2], 100, 30),
    ]
    assert (timeline.global_start_time.value, timeline.global_start_time.rate) == (90000, 25)
    assert timeline.metadata["canto_beats"]["start_timecode"] == "01:00:00:00"


def test_any_json_reader(tmp_path: Path) -> None:
    data = json.loads(written("json", tmp_path).read_text("utf-8"))
    assert (data["schema"], data["rate"], data["timeline_start_timecode"]) == ("document/1", "25/1", "01:00:00:00")
    assert [(cue["start_ms"], cue["end_ms"]) for cue in data["cues"]] == MS
    assert data["cues"][1]["start_timecode"] == "01:00:02:02"
