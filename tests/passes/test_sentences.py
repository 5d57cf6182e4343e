"""Which cues are one sentence, and how a rewritten one is shared out."""

from __future__ import annotations

from core.document import Cue, SubtitleDocument
from core.passes.sentences import joined, sentences, share
from core.rules.engine import engine
from core.timing import FrameRate


def _groups(*cues: tuple[int, int, str]) -> list[list[str]]:
    document = SubtitleDocument(tuple(Cue(f"c{at}", at, end, text) for at, end, text in cues), FrameRate(25))
    return [[cue.text for cue in group] for group in sentences(document)]


def test_a_sentence_goes_on_over_a_short_gap_only() -> None:
    assert _groups((0, 50, "我諗住聽日"), (50, 99, "同你去旺角"), (110, 150, "食飯")) == [["我諗住聽日", "同你去旺角"], ["食飯"]]


def test_marks_and_closing_particles_end_a_sentence() -> None:
    assert _groups((0, 50, "好呀"), (50, 99, "走啦"), (99, 150, "去邊？"), (150, 200, "旺角")) == [["好呀"], ["走啦"], ["去邊？"], ["旺角"]]


def test_a_sentence_has_at_most_four_cues() -> None:
    assert [len(group) for group in _groups(*((at, at + 10, "十個字") for at in range(0, 60, 10)))] == [4, 2]


def test_another_speaker_begins_another_sentence() -> None:
    document = SubtitleDocument((Cue("a", 0, 9, "我話", speaker="甲"), Cue("b", 9, 20, "唔得", speaker="乙")), FrameRate(25))
    assert [len(group) for group in sentences(document)] == [1, 1]


def test_joining_keeps_latin_words_apart() -> None:
    assert joined(("我用Final", "Cut Pro\n剪片", "好快")) == "我用Final Cut Pro 剪片好快"


def test_sharing_cuts_at_words_near_where_the_cues_ended() -> None:
    ends = engine("written").word_ends
    assert share("我打算明天和你去旺角吃飯", ("我打算明天", "和你去旺角吃飯"), ends) == ("我打算明天", "和你去旺角吃飯")
    assert share("明天我打算跟你一起去旺角吃飯", ("我打算明天", "和你去旺角吃飯"), ends) == ("明天我打算", "跟你一起去旺角吃飯")
    assert share("他昨天打電話給我", ("他昨天打電", "話給我"), ends) in [("他昨天", "打電話給我"), ("他昨天打電話", "給我")]


def test_sharing_fails_when_a_cue_would_be_empty() -> None:
    assert share("好", ("很好", "的"), engine("written").word_ends) is None
    assert share("好", ("很好",), engine("written").word_ends) == ("好",)
