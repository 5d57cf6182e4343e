"""Tokens to lines to segments, with whatever a model may write."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.asr.segments import Line, place_lines, read_lines
from core.asr.tokens import SpecialTokens
from core.document import SpeechRegion
from core.speech.chunks import Chunk

SPECIAL = SpecialTokens(end=100, start=101, languages=(("yue", 102),), transcribe=103, previous=105, no_speech=104, stamps=110)
CHUNK = Chunk(10_000, 14_000, (SpeechRegion(10_200, 11_000), SpeechRegion(11_600, 13_800)))
# of the pause of four seconds the first and the last 400 ms are heard: the cut is 1.4 s after the start
LONG_PAUSE = Chunk(10_000, 17_200, (SpeechRegion(10_200, 11_000), SpeechRegion(15_000, 17_000)))


def text_of(tokens: Sequence[int]) -> str:
    return "".join({1: "你", 2: "好", 3: "呀", 8: " ", 9: "\ufffd"}[token] for token in tokens)


def placed(*lines: Line) -> list[tuple[int, int, str]]:
    return [(segment.start_ms, segment.end_ms, segment.text) for segment in place_lines(lines, CHUNK, text_of, 0.25)]


def line(start: int | None, end: int | None, *tokens: int) -> Line:
    return Line(start, end, list(tokens), [-0.5] * len(tokens))


def test_pairs_of_timestamps_are_lines() -> None:
    tokens = [120, 1, 2, 150, 160, 3, 190]
    logprobs = [-9.0, -0.1, -0.3, -9.0, -9.0, -0.4, -9.0]
    assert read_lines(tokens, logprobs, SPECIAL) == [Line(10, 40, [1, 2], [-0.1, -0.3]), Line(50, 80, [3], [-0.4])]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], []),
        ([110], []),
        ([110, 115, 120], []),
        ([120, 1], [line(10, None, 1)]),
        ([1, 2], [line(None, None, 1, 2)]),
        ([120, 1, 150, 2, 160], [line(10, 40, 1), line(40, 50, 2)]),
        ([120, 104, 1, 150], [line(10, 40, 1)]),
    ],
)
def test_lines_of_broken_grammar(tokens: list[int], expected: list[Line]) -> None:
    assert read_lines(tokens, [-0.5] * len(tokens), SPECIAL) == expected


def test_times_are_the_programmes_and_evidence_is_kept() -> None:
    (segment,) = place_lines([Line(10, 40, [1, 2], [-0.1, -0.3])], CHUNK, text_of, 0.25)
    assert (segment.start_ms, segment.end_ms, segment.text) == (10_200, 10_800, "你好")
    assert segment.avg_logprob == pytest.approx(-0.2)
    assert segment.no_speech == 0.25


def test_a_line_without_an_end_reaches_to_the_end_of_speech() -> None:
    assert placed(line(100, None, 1)) == [(12_000, 13_800, "你")]


def test_a_line_without_any_time_is_the_whole_chunk() -> None:
    assert placed(line(None, None, 1)) == [(10_000, 13_800, "你")]


def test_times_after_the_chunk_are_cut() -> None:
    assert placed(line(190, 400, 1)) == [(13_800, 14_000, "你")]
    assert placed(line(300, 400, 1)) == [(13_980, 14_000, "你")]


def test_no_line_has_zero_length() -> None:
    assert placed(line(50, 50, 1)) == [(11_000, 11_020, "你")]


def test_lines_never_run_backwards() -> None:
    assert placed(line(50, 100, 1), line(20, 40, 2), line(110, 120, 3)) == [
        (11_000, 12_000, "你"),
        (12_000, 12_020, "好"),
        (12_200, 12_400, "呀"),
    ]


def test_text_without_time_left_joins_the_line_before() -> None:
    assert placed(line(50, 200, 1), line(200, 210, 2), line(200, 210, 3)) == [(11_000, 14_000, "你好呀")]


def test_less_than_a_step_left_is_still_a_line() -> None:
    chunk = Chunk(0, 1_010, ())
    found = place_lines([line(0, 50, 1), line(50, 51, 2)], chunk, text_of, 0.0)
    assert [(segment.start_ms, segment.end_ms) for segment in found] == [(0, 1_000), (1_000, 1_010)]


def test_space_and_broken_characters_are_no_text() -> None:
    assert placed(line(0, 10, 8), line(20, 30, 9), line(40, 50, 8, 1, 9)) == [(10_800, 11_000, "你")]


def test_lines_on_both_sides_of_a_pause_that_was_shortened() -> None:
    found = place_lines([line(10, 60, 1), line(65, 150, 2)], LONG_PAUSE, text_of, 0.0)
    assert [(segment.start_ms, segment.end_ms) for segment in found] == [(10_200, 11_200), (14_600, 16_200)]


def test_a_line_may_go_on_behind_a_pause() -> None:
    (found,) = place_lines([line(10, 100, 1)], LONG_PAUSE, text_of, 0.0)
    assert (found.start_ms, found.end_ms) == (10_200, 15_200)
