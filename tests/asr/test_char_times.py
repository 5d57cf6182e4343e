"""Token times to words: half characters, double characters, Latin words, pauses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from core.asr.char_times import TimedToken, words_of_tokens
from core.document import SpeechRegion, Word
from core.speech.chunks import Chunk

CHUNK = Chunk(10_000, 20_000, (SpeechRegion(10_200, 12_000), SpeechRegion(13_000, 19_000)))
PIECES = {1: "我".encode(), 2: "哋".encode()[:2], 3: "哋".encode()[2:], 4: "今日".encode(), 5: b" ok", 6: b"ay", 7: "，".encode(), 8: b" ", 9: b"3"}


def text_of(tokens: Sequence[int]) -> str:
    return b"".join(PIECES[token] for token in tokens).decode(errors="replace")


def words(*tokens: tuple[int, float, float], chunk: Chunk = CHUNK) -> list[tuple[str, int, int]]:
    timed = [TimedToken(token, start, end, 0.0) for token, start, end in tokens]
    return [(word.text, word.start_ms, word.end_ms) for word in words_of_tokens(timed, text_of, chunk)]


def test_half_characters_become_one() -> None:
    assert words((1, 10_300, 10_500), (2, 10_500, 10_600), (3, 10_600, 10_700)) == [("我", 10_300, 10_500), ("哋", 10_500, 10_700)]


def test_a_token_of_two_characters_is_shared() -> None:
    assert words((4, 10_300, 10_700)) == [("今", 10_300, 10_500), ("日", 10_500, 10_700)]


def test_latin_words_stay_whole_and_blanks_and_marks_get_none() -> None:
    found = words((1, 10_300, 10_500), (5, 10_500, 10_700), (6, 10_700, 10_900), (7, 10_900, 11_000), (1, 11_000, 11_200))
    assert found == [("我", 10_300, 10_500), ("okay", 10_500, 10_900), ("我", 11_000, 11_200)]


def test_what_reaches_into_a_pause_is_cut_to_its_speech() -> None:
    assert words((1, 11_700, 13_100), (1, 13_100, 13_300)) == [("我", 11_700, 12_000), ("我", 13_100, 13_300)]
    assert words((1, 11_900, 13_300)) == [("我", 13_000, 13_300)]


def test_a_character_in_a_pause_moves_to_the_nearest_speech() -> None:
    assert words((1, 12_100, 12_300), (1, 12_800, 12_950)) == [("我", 12_000, 12_000), ("我", 13_000, 13_000)]


def test_no_word_before_the_end_of_the_one_before_it() -> None:
    found = words((1, 12_900, 13_500), (1, 12_800, 12_950))
    assert found == [("我", 13_000, 13_500), ("我", 13_500, 13_500)]


def test_no_syllable_lasts_seconds() -> None:
    assert words((1, 13_000, 18_000)) == [("我", 13_000, 14_200)]


def test_without_regions_times_stay_in_the_chunk() -> None:
    assert words((1, 19_500, 20_300), chunk=Chunk(10_000, 20_000, ())) == [("我", 19_500, 20_000)]


def test_half_a_character_at_the_end_is_left_out() -> None:
    assert words((1, 10_300, 10_500), (2, 10_500, 10_600)) == [("我", 10_300, 10_500)]


def test_confidence_is_the_probability_of_the_tokens() -> None:
    timed = [TimedToken(1, 10_300, 10_500, math.log(0.5)), TimedToken(2, 10_500, 10_600, math.log(0.9)), TimedToken(3, 10_600, 10_700, math.log(0.4))]
    first, second = words_of_tokens(timed, text_of, CHUNK)
    assert first == Word("我", 10_300, 10_500, 0.5)
    # the geometric mean of 0.9 and 0.4
    assert second.confidence == pytest.approx(0.6)
