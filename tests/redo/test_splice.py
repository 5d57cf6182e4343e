"""The rule of the range, and what always holds when new cues are put in: whatever lies outside is the very same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.document import Cue, Finding, Segment, SubtitleDocument, Transcript, Word
from core.redo.span import span_of
from core.redo.splice import Place, new_names, with_cues, with_document, with_segments
from core.timing import FrameRate, frame_to_ms

PAL, NTSC = FrameRate(25), FrameRate(30000, 1001)
GAP = 2


def cue(start: int, end: int, *, heard: tuple[int, int] | None = None) -> Cue:
    """A cue whose voice is where it is shown, or at other frames."""
    first, last = heard or (start, end)
    return Cue(f"c{start:06}", start, end, "好", (Word("好", first * 40, last * 40),))


def document(*cues: Cue) -> SubtitleDocument:
    return SubtitleDocument(cues, PAL)


# pauses of 20, 1 and 20 frames; 5 frames (200 ms) are enough
TALK = document(cue(100, 150), cue(170, 220), cue(221, 260), cue(280, 330))


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        pytest.param((110, 120), (95, 155, 0, 1), id="inside a cue: that cue"),
        pytest.param((100, 150), (95, 155, 0, 1), id="exactly a cue: that cue"),
        pytest.param((140, 180), (95, 265, 0, 3), id="two cues touched; on to the next pause"),
        pytest.param((222, 230), (165, 265, 1, 3), id="no pause before: the cue before goes too"),
        pytest.param((150, 170), (152, 168, 1, 1), id="silence between two cues"),
        pytest.param((0, 50), (0, 55, 0, 0), id="before all"),
        pytest.param((0, 1000), (0, 1000, 0, 4), id="everything"),
        pytest.param((340, 1000), (335, 1000, 4, 4), id="after all"),
        pytest.param((150, 152), (152, 157, 1, 1), id="the gap that a cue keeps: what follows it"),
    ],
)
def test_what_a_range_means(asked: tuple[int, int], span: tuple[int, int, int, int]) -> None:
    found = span_of(TALK, asked, 1000, GAP)
    assert (found.start_frame, found.end_frame, found.first, found.last) == span


def test_a_cue_shown_before_its_neighbour_has_ended_speaking_is_no_edge() -> None:
    late = document(cue(0, 100), cue(120, 200, heard=(95, 200)), cue(240, 300))
    assert span_of(late, (130, 140), 1000, GAP).first == 0


def test_people_who_never_pause_are_cut_at_the_longest_pause_in_reach() -> None:
    endless = document(*(cue(50 * n, 50 * n + 49 - (n == 7)) for n in range(20)))
    found = span_of(endless, (460, 470), 1000, GAP)
    assert (found.first, found.last) == (8, 10)


def test_words_of_a_cue_that_a_person_moved_do_not_count() -> None:
    moved = document(cue(0, 50), cue(60, 90, heard=(500, 530)), cue(100, 150))
    assert span_of(moved, (70, 80), 1000, GAP).first == 1


@st.composite
def talks(draw: st.DrawFn, rate: FrameRate = PAL) -> SubtitleDocument:
    at, cues = 0, []
    for number, (gap, length) in enumerate(draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 90)), max_size=12))):
        start, end = at + gap, at + gap + length
        shift = draw(st.integers(-3, 3))
        words = (Word("好", frame_to_ms(max(0, start + shift), rate), frame_to_ms(end + shift + 3, rate)),) if draw(st.booleans()) else ()
        cues.append(Cue(f"c{number:06}", start, end, "好", words))
        at = end
    return SubtitleDocument(tuple(cues), rate, findings=tuple(Finding("x", "x", cue_id=one.id) for one in cues))


new_lines = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)), max_size=6)


@settings(max_examples=150)
@given(talks(), st.integers(0, 900), st.integers(1, 300), st.sampled_from([0, 2]))
def test_a_span_holds_what_was_asked_and_touches_nobody_outside(old: SubtitleDocument, start: int, length: int, gap: int) -> None:
    total = max(1000, *(one.end_frame for one in old.cues)) + 300 if old.cues else 1300
    asked = (start, min(total, start + length))
    span = span_of(old, asked, total, gap)
    assert 0 <= span.start_frame < span.end_frame <= total
    outside = (*old.cues[: span.first], *old.cues[span.last :])
    assert all(one.end_frame <= span.start_frame or one.start_frame >= span.end_frame for one in outside)
    assert all(one.end_frame <= asked[0] or one.start_frame >= asked[1] for one in outside)
    assert asked[0] >= span.start_frame - gap and asked[1] <= span.end_frame + gap
    inside = old.cues[span.first : span.last]
    assert all(span.start_frame - gap <= one.start_frame and one.end_frame <= span.end_frame + gap for one in inside)


@settings(max_examples=150)
@given(talks(), st.integers(0, 900), st.integers(1, 300), new_lines)
def test_what_is_put_in_leaves_the_rest_as_it_is(old: SubtitleDocument, start: int, length: int, lines: list[tuple[int, int]]) -> None:
    span = span_of(old, (start, start + length), 2000, GAP)
    gone = frozenset(one.id for one in old.cues[span.first : span.last])
    place = Place(span.start_frame, span.end_frame, gone, frozenset(one.id for one in old.cues) - gone, PAL)
    at, heard = 0, []
    for gap, frames in lines:
        begin, end = at + gap, min(at + gap + frames, span.end_frame - span.start_frame)
        if begin >= end:
            break
        heard.append(Cue(f"c{begin:06}", begin, end, "新"))
        at = end
    names = new_names(heard, place)
    new = replace(
        old,
        cues=tuple(
            replace(one, id=names[one.id], start_frame=one.start_frame + span.start_frame, end_frame=one.end_frame + span.start_frame)
            for one in heard
        ),
        findings=tuple(Finding("n", "n", cue_id=names[one.id]) for one in heard),
    )
    done = with_document(old, new, place)  # raises when it is not valid
    kept = [one for one in old.cues if one.id not in gone]
    assert [one for one in done.cues if one.text == "好"] == kept
    assert [one.text for one in done.cues].count("新") == len(heard)
    assert {found.cue_id for found in done.findings} == {one.id for one in done.cues}
    assert all(span.start_frame <= one.start_frame and one.end_frame <= span.end_frame for one in done.cues if one.text == "新")


def test_a_new_cue_never_takes_the_id_of_one_that_stays() -> None:
    place = Place(50, 100, frozenset({"c000060"}), frozenset({"c000070", "c000000"}), PAL)
    assert new_names([Cue("c000010", 10, 20, "一"), Cue("c000020", 20, 30, "二")], place) == {"c000010": "c000060", "c000020": "c000070'"}


def test_a_cue_of_an_earlier_stage_gives_way_by_its_middle_and_new_ones_are_cut_back() -> None:
    place = Place(50, 100, frozenset(), frozenset({"a"}), PAL)
    old = SubtitleDocument((Cue("a", 0, 60, "留"), Cue("b", 60, 90, "去"), Cue("d", 95, 120, "留")), PAL)
    done = with_cues(old, (Cue("n", 50, 98, "新"),), place)
    assert [(one.id, one.start_frame, one.end_frame) for one in done.cues] == [("a", 0, 60), ("n", 60, 95), ("d", 95, 120)]


def said(text: str, start_ms: int, each_ms: int = 200) -> Segment:
    words = tuple(Word(char, start_ms + i * each_ms, start_ms + (i + 1) * each_ms) for i, char in enumerate(text))
    return Segment(start_ms, start_ms + each_ms * len(text), text, words)


def test_a_segment_over_an_edge_keeps_its_words_on_the_far_side() -> None:
    place = Place(25, 50, frozenset(), frozenset(), PAL)  # 1 s to 2 s
    old = Transcript((said("一二三四五六七八九十甲乙丙丁", 0), said("完", 4000)), "one", "yue", (("backend", "x"),))
    new = Transcript((Segment(0, 900, "新嘅", (Word("新", 0, 400), Word("嘅", 400, 900))),), "two", "yue")
    done = with_segments(old, new, place)
    assert [(one.start_ms, one.end_ms, one.text) for one in done.segments] == [
        (0, 1000, "一二三四五"),
        (1000, 1900, "新嘅"),
        (2000, 2800, "甲乙丙丁"),
        (4000, 4200, "完"),
    ]
    assert done.segments[1].words[0].start_ms == 1000
    assert (done.model, done.options) == ("one", (("backend", "x"), ("redo 25-50", "two")))


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 12)), max_size=6), st.integers(0, 200), st.integers(1, 100), st.sampled_from([PAL, NTSC])
)
def test_every_word_outside_stays_and_none_inside(turns: list[tuple[int, int]], start: int, length: int, rate: FrameRate) -> None:
    place = Place(start, start + length, frozenset(), frozenset(), rate)
    at_ms, segments = 0, []
    for pause_ms, count in turns:
        segments.append(said("一二三四五六七八九十甲乙"[:count], at_ms + pause_ms))
        at_ms = segments[-1].end_ms
    done = with_segments(Transcript(tuple(segments), "m", "yue"), Transcript((), "m", "yue"), place)
    words = [word for one in segments for word in one.words]
    outside = [word for word in words if not 2 * place.start_ms <= word.start_ms + word.end_ms < 2 * place.end_ms]
    assert [word for one in done.segments for word in one.words] == outside
    assert all(first.end_ms <= second.start_ms for first, second in pairwise(done.segments))
    assert all("".join(word.text for word in one.words) == one.text for one in done.segments)
