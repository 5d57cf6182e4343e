"""What always holds for a SubtitleDocument, and that JSON keeps all of it."""

from fractions import Fraction
from pathlib import Path

import pytest

from core.document import Cue, Finding, SubtitleDocument, Word
from core.document_file import read_document, write_document
from core.errors import InputError
from core.plain import from_plain, to_plain
from core.timeline import AudioPiece, AudioPlan, GainKey
from core.timing import FrameRate

RATE = FrameRate(30000, 1001, drop_frame=True)


@pytest.mark.parametrize(
    "cues",
    [
        (Cue("a", 0, 10, "一"), Cue("a", 10, 20, "二")),
        (Cue("a", 0, 11, "一"), Cue("b", 10, 20, "二")),
        (Cue("a", 10, 10, "一"),),
        (Cue("a", 0, 10, " \n"),),
        (Cue("a", -1, 10, "一"),),
    ],
)
def test_broken_documents_cannot_be_made(cues: tuple[Cue, ...]) -> None:
    with pytest.raises(ValueError):
        SubtitleDocument(cues, RATE)


def test_a_document_survives_its_file(tmp_path: Path) -> None:
    document = SubtitleDocument(
        (Cue("c1", 0, 10, "你好", (Word("你", 0, 100, 0.5),), "甲", ("doubt",)),),
        RATE,
        107892,
        findings=(Finding("x.y", "為何", "info", "c1", 0, 5),),
    )
    write_document(document, tmp_path / "document.json")
    assert read_document(tmp_path / "document.json") == document
    assert '"rate": "30000/1001"' in (tmp_path / "document.json").read_text("utf-8")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rate": "25"}', '{"rate": "25/1", "drop_frame": false, "cues": [{"id": 1}]}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "document.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_document(path)
    assert caught.value.code == "job.damaged"
    assert str(path) in caught.value.message("en")


def test_fractions_stay_exact_in_json() -> None:
    piece = AudioPiece("a.wav", Fraction(1001, 24000), Fraction(1, 3), gain_keys=(GainKey(Fraction(1, 7), -3.0),))
    plan = AudioPlan(FrameRate(24000, 1001), 86400, 10, (piece,))
    assert from_plain(AudioPlan, to_plain(plan), "plan.json") == plan
