"""A segment's characters on the clock."""

import pytest

from core.cues.spread import spread, tokens_of, words_of
from core.document import Segment, SpeechRegion, Word


def timed(words: tuple[Word, ...]) -> list[tuple[str, int, int]]:
    return [(word.text, word.start_ms, word.end_ms) for word in words]


def test_silence_inside_a_segment_gets_no_characters() -> None:
    regions = (SpeechRegion(0, 1000), SpeechRegion(3000, 4000))
    words = spread(Segment(0, 4000, "一二三四"), regions)
    assert timed(words) == [("一", 0, 500), ("二", 500, 1000), ("三", 3000, 3500), ("四", 3500, 4000)]


def test_marks_take_no_time() -> None:
    assert timed(spread(Segment(0, 1000, "好，走。"), ())) == [("好", 0, 500), ("，", 500, 500), ("走", 500, 1000), ("。", 1000, 1000)]


def test_the_recognisers_times_are_kept_and_marks_between_them_filled_in() -> None:
    words = (Word("好", 0, 300), Word("走", 700, 900))
    assert timed(words_of(Segment(0, 900, "好，走。", words), ())) == [("好", 0, 300), ("，", 300, 300), ("走", 700, 900), ("。", 900, 900)]


def test_words_that_are_not_in_the_text_are_not_believed() -> None:
    assert timed(words_of(Segment(0, 1000, "好走", (Word("壞", 0, 900),)), ())) == [("好", 0, 500), ("走", 500, 1000)]


def test_a_word_that_alignment_left_before_its_segment_is_moved_into_it() -> None:
    words = (Word("我", 200, 200), Word("去", 1000, 1300))
    assert timed(words_of(Segment(900, 1300, "我去", words), ())) == [("我", 900, 900), ("去", 1000, 1300)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("我用DaVinci Resolve 剪", ["我", "用", "DaVinci", " ", "Resolve", " ", "剪"]),
        ("20,000蚊。", ["20,000", "蚊", "。"]),
        ("e\u0301你", ["e\u0301", "你"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert list(tokens_of(text)) == tokens
