"""OTIO: the host's own edit passes through unharmed, cues come back, titles are Resolve's, bundles hold their media."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.formats import otio, otioz
from core.formats.base import ReadOptions, WriteOptions
from core.otio.read import read_otio
from core.timing import FrameRate
from fakes import otio_shapes as shapes
from fakes.documents import two_speakers, written_twin


def resolve_edit(folder: Path, media: str = "/Users/editor/甲 #1%20.wav") -> Path:
    """A small edit as Resolve exports it: level effect, transition, offline media, a marker of the editor's own."""
    available = shapes.span(0, 3000, 25)
    clips = [
        shapes.clip("甲", shapes.span(100, 100, 25), shapes.external(media, available), effects=(shapes.volume(-6.0, fade_in=4),)),
        shapes.dissolve(5, 5, 25),
        shapes.clip("乙", shapes.span(0, 100, 25), shapes.missing("/Volumes/gone/乙.wav", available)),
    ]
    shape = shapes.timeline(shapes.track("Video", shapes.gap(200, 25)), shapes.track("Audio", *clips), start=shapes.time(90000, 25))
    marker = {
        "OTIO_SCHEMA": "Marker.2", "metadata": {"Resolve_OTIO": {"Note": "check"}}, "name": "mine", "color": "RED", "comment": "",
        "marked_range": shapes.span(7, 1, 25),
    }  # fmt: skip
    shape["tracks"]["markers"].append(marker)
    return shapes.write(folder, shape)


def without_ours(data: Any) -> Any:
    data["metadata"].pop("canto_beats", None)
    data["tracks"]["markers"] = [marker for marker in data["tracks"]["markers"] if "canto_beats" not in marker["metadata"]]
    return data


def filled(value: Any, like: Any) -> Any:
    """`value` without the defaults that OTIO adds (a clip's colour), so that it can be compared with what Resolve wrote."""
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: filled(inner, like[key]) for key, inner in value.items() if key in like}
    if isinstance(value, list) and isinstance(like, list):
        return [filled(inner, other) for inner, other in zip(value, like, strict=True)]
    return value


def test_the_hosts_edit_passes_through(tmp_path: Path) -> None:
    host = resolve_edit(tmp_path)
    otio.write(two_speakers(), tmp_path / "out.otio", WriteOptions(host=host))
    before, after = (json.loads(path.read_text("utf-8")) for path in (host, tmp_path / "out.otio"))
    assert [marker["name"] for marker in after["tracks"]["markers"]] == ["mine", "你今晚去邊度食飯？", "去旺角㗎", "OK，八點見"]
    assert filled(without_ours(after), before) == before
    assert read_otio(tmp_path / "out.otio").audio_tracks == read_otio(host).audio_tracks


def test_a_second_export_does_not_double_anything(tmp_path: Path) -> None:
    otio.write(two_speakers(), tmp_path / "once.otio", WriteOptions(host=resolve_edit(tmp_path)))
    otio.write(two_speakers(), tmp_path / "twice.otio", WriteOptions(host=tmp_path / "once.otio"))
    assert (tmp_path / "twice.otio").read_bytes() == (tmp_path / "once.otio").read_bytes()


def test_the_whole_document_is_under_our_name(tmp_path: Path) -> None:
    otio.write(two_speakers(), tmp_path / "a.otio", WriteOptions(offset_frames=10, second=written_twin()))
    own = json.loads((tmp_path / "a.otio").read_text("utf-8"))["metadata"]["canto_beats"]
    assert {key: own[key] for key in ("version", "rate", "drop_frame", "start_frame", "start_timecode")} == {
        "version": 1,
        "rate": "25/1",
        "drop_frame": False,
        "start_frame": 89990,
        "start_timecode": "00:59:59:15",
    }
    assert [(cue["lang"], cue["start_frame"], cue["text"]) for cue in own["cues"]] == [
        ("yue-Hant", 10, "你今晚去邊度食飯？"),
        ("yue-Hant", 62, "去旺角㗎\n食車仔麵"),
        ("yue-Hant", 110, "OK，八點見"),
        ("zh-Hant-HK", 10, "你今晚去哪裏吃飯？"),
        ("zh-Hant-HK", 62, "去旺角呀\n吃車仔麵"),
        ("zh-Hant-HK", 110, "好，八點見"),
    ]


def test_markers_carry_the_note_where_resolve_looks(tmp_path: Path) -> None:
    otio.write(two_speakers(), tmp_path / "a.otio", WriteOptions())
    marker = json.loads((tmp_path / "a.otio").read_text("utf-8"))["tracks"]["markers"][1]
    assert (marker["name"], marker["comment"], marker["color"]) == ("去旺角㗎", "去旺角㗎\n食車仔麵", "BLUE")
    assert marker["metadata"]["Resolve_OTIO"]["Note"] == "去旺角㗎\n食車仔麵"


def test_a_hosts_markers_are_read_where_our_data_is_gone(tmp_path: Path) -> None:
    otio.write(two_speakers(), tmp_path / "a.otio", WriteOptions())
    data = json.loads((tmp_path / "a.otio").read_text("utf-8"))
    del data["metadata"]["canto_beats"]
    (tmp_path / "b.otio").write_text(json.dumps(data), "utf-8")
    found = otio.read(tmp_path / "b.otio", ReadOptions())
    assert [(cue.start_frame, cue.end_frame, cue.text) for cue in found.cues] == [
        (0, 50, "你今晚去邊度食飯？"),
        (52, 100, "去旺角㗎\n食車仔麵"),
        (100, 130, "OK，八點見"),
    ]
    assert (found.rate, found.start_frame) == (FrameRate(25), 90000)


def test_titles_are_resolves_text_on_a_track_of_their_own(tmp_path: Path) -> None:
    document = two_speakers()
    otio.write(document, tmp_path / "a.otio", WriteOptions(host=resolve_edit(tmp_path), titles=True))
    tracks = json.loads((tmp_path / "a.otio").read_text("utf-8"))["tracks"]["children"]
    assert [(track["name"], track["kind"]) for track in tracks] == [
        ("Video 1", "Video"),
        ("Subtitles (yue-Hant)", "Video"),
        ("Audio 1", "Audio"),
    ]
    shown = [(item["OTIO_SCHEMA"], item["source_range"]["duration"]["value"]) for item in tracks[1]["children"]]
    assert shown == [("Clip.2", 50.0), ("Gap.1", 2.0), ("Clip.2", 48.0), ("Clip.2", 30.0)]
    reference = tracks[1]["children"][2]["media_references"]["DEFAULT_MEDIA"]
    blob = reference["parameters"]["Resolve_OTIO"][0]["Parameters"][1]["Title HTML"]
    assert reference["generator_kind"] == "Rich" and blob.count("<p ") == 2 and "去旺角㗎</span>" in blob


def test_a_title_cannot_break_its_html(tmp_path: Path) -> None:
    from dataclasses import replace

    document = two_speakers()
    document = replace(document, cues=(replace(document.cues[0], text="</span><b>&\"'"),))
    otio.write(document, tmp_path / "a.otio", WriteOptions(titles=True))
    assert "&lt;/span&gt;&lt;b&gt;&amp;&quot;&#x27;</span>" in json.loads(json.dumps((tmp_path / "a.otio").read_text("utf-8")))


def test_an_edit_at_another_rate_is_refused(tmp_path: Path) -> None:
    host = resolve_edit(tmp_path)
    host.write_text(host.read_text("utf-8").replace('"rate": 25.0', '"rate": 24.0'), "utf-8")
    with pytest.raises(InputError) as caught:
        otio.write(two_speakers(), tmp_path / "a.otio", WriteOptions(host=host))
    assert caught.value.code == "formats.host_rate"


def test_a_bundle_holds_the_media_that_is_there(tmp_path: Path) -> None:
    media = tmp_path / "甲 #1%20.wav"
    media.write_bytes(b"RIFF" * 100)
    otioz.write(two_speakers(), tmp_path / "a.otioz", WriteOptions(host=resolve_edit(tmp_path, str(media))))
    with zipfile.ZipFile(tmp_path / "a.otioz") as bundle:
        assert sorted(bundle.namelist()) == ["content.otio", "media/甲 #1%20.wav", "version.txt"]
        assert bundle.read("media/甲 #1%20.wav") == media.read_bytes()
    assert [cue.text for cue in otioz.read(tmp_path / "a.otioz", ReadOptions()).cues] == [cue.text for cue in two_speakers().cues]


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.otioz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError) as caught:
        otioz.read(tmp_path / "a.otioz", ReadOptions())
    assert caught.value.code == "formats.not_otioz"
