"""Where words or segments say who speaks, no cue joins two people, and the cuts are still the best there are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, groupby, pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from core.bench.talk import talk
from core.cues.layout import lay_out
from core.cues.search import Run
from core.cues.split import CueOptions, cues_of_pieces, document_of, make_cues, runs_of
from core.document import Cue, Segment, SubtitleDocument, Transcript, Word
from core.passes.sentences import sentences
from core.plain import from_plain, to_plain
from fakes.limits import HK, PAL, hard_limits_broken


def words(text: str, start_ms: int, speaker: str | None = None, each_ms: int = 200) -> tuple[Word, ...]:
    return tuple(Word(char, start_ms + i * each_ms, start_ms + (i + 1) * each_ms, speaker=speaker) for i, char in enumerate(text))


def made(*segments: Segment) -> list[tuple[str | None, str]]:
    return [(cue.speaker, cue.text) for cue in make_cues(Transcript(segments, "m", "yue"), (), PAL, 10_000, CueOptions())]


def test_short_answers_of_two_people_do_not_share_a_cue() -> None:
    one, other = Segment(0, 400, "係呀"), Segment(450, 1900, "我都係咁諗")
    assert made(one, other) == [(None, "係呀 我都係咁諗")]
    assert made(replace(one, speaker="阿明"), replace(other, speaker="阿明")) == [("阿明", "係呀 我都係咁諗")]
    assert made(replace(one, speaker="阿明"), replace(other, speaker="小美")) == [("阿明", "係呀"), ("小美", "我都係咁諗")]
    assert made(one, replace(other, speaker="小美")) == [(None, "係呀"), ("小美", "我都係咁諗")]


def test_words_of_one_segment_are_parted_and_marks_stay_with_who_said_them() -> None:
    both = (*words("你食咗飯未", 0, "阿明"), Word("？", 1000, 1000), *words("食咗喇", 1000, "小美"), Word("。", 1600, 1600))
    assert made(Segment(0, 1600, "你食咗飯未？食咗喇。", both)) == [("阿明", "你食咗飯未？"), ("小美", "食咗喇。")]
    bare = tuple(word for word in both if word.text not in "？。")
    assert made(Segment(0, 1600, "你食咗飯未？食咗喇。", bare)) == [("阿明", "你食咗飯未？"), ("小美", "食咗喇。")]


def test_a_word_without_a_name_is_the_segments_or_the_speakers_before() -> None:
    part = (*words("好呀", 0), *words("走喇", 400, "小美"), *words("快啲", 800))
    assert made(Segment(0, 1200, "好呀走喇快啲", part)) == [("小美", "好呀走喇快啲")]
    assert made(Segment(0, 1200, "好呀走喇快啲", part, speaker="阿明")) == [("阿明", "好呀"), ("小美", "走喇"), ("阿明", "快啲")]


def test_a_sentence_of_the_passes_ends_where_another_person_speaks() -> None:
    transcript = Transcript((Segment(0, 900, "我哋不如", speaker="阿明"), Segment(900, 1900, "去飲茶", speaker="小美")), "m", "yue")
    document = document_of(make_cues(transcript, (), PAL, 1000, CueOptions()), PAL, 0, transcript)
    assert [[cue.text for cue in group] for group in sentences(document)] == [["我哋不如"], ["去飲茶"]]


def test_files_of_jobs_from_before_there_were_speakers_are_read() -> None:
    line = {"start_ms": 0, "end_ms": 9, "text": "好", "words": [{"text": "好", "start_ms": 0, "end_ms": 9}]}
    old = {"segments": [line], "model": "m", "language": "yue"}
    assert from_plain(Transcript, old, "transcript.json") == Transcript((Segment(0, 9, "好", (Word("好", 0, 9),)),), "m", "yue")


def test_a_speaker_survives_the_file_and_costs_others_nothing() -> None:
    named = Transcript((Segment(0, 9, "好", (Word("好", 0, 9, speaker="阿明"), Word("。", 9, 9)), speaker="小美"),), "m", "yue")
    plain = to_plain(named)
    assert from_plain(Transcript, plain, "transcript.json") == named
    assert [list(word) for word in plain["segments"][0]["words"]] == [
        ["text", "start_ms", "end_ms", "confidence", "speaker"],
        ["text", "start_ms", "end_ms", "confidence"],
    ]


voices = st.lists(st.tuples(st.sampled_from(["阿明", "小美", None]), st.integers(1, 12), st.integers(0, 900)), min_size=1, max_size=8)


@settings(max_examples=60)
@given(voices, st.booleans())
def test_no_cue_ever_holds_words_of_two_people(turns: list[tuple[str | None, int, int]], whole: bool) -> None:
    said, at_ms = [], 0
    for speaker, count, pause_ms in turns:
        said.append(words(("我哋今日去食飯好唔好呀吓" * 2)[:count], at_ms + pause_ms, speaker))
        at_ms = said[-1][-1].end_ms
    parts = [tuple(word for part in said for word in part)] if whole else said
    segments = tuple(Segment(part[0].start_ms, part[-1].end_ms, "".join(word.text for word in part), part) for part in parts)
    cues = make_cues(Transcript(segments, "m", "yue"), (), PAL, 100_000, CueOptions())
    assert all({word.speaker for word in cue.words} == {cue.speaker} for cue in cues)
    assert "".join("".join(cue.text.split()) for cue in cues) == "".join(segment.text for segment in segments)


def laid_out(cues: tuple[Cue, ...] | list[Cue]) -> SubtitleDocument:
    return lay_out(SubtitleDocument(tuple(cues), PAL), HK).document


def every_choice(runs: list[Run]) -> int:
    """The fewest limits that any cuts of these runs break, each run cut everywhere and nowhere and all between."""
    choices = [[cuts for count in range(len(run.atoms)) for cuts in combinations(range(1, len(run.atoms)), count)] for run in runs]
    best = 10**9
    for chosen in product(*choices):
        pieces = [run.atoms[i:j] for run, cuts in zip(runs, chosen, strict=True) for i, j in pairwise((0, *cuts, len(run.atoms)))]
        best = min(best, hard_limits_broken(laid_out(cues_of_pieces(pieces, PAL, 10**9))))
    return best


def test_no_limit_is_broken_that_other_cuts_at_the_same_speakers_would_keep() -> None:
    """Against every choice there is, over two or three people who take over from each other without a pause, twice as fast as people talk."""
    spoken = [segment for segment in talk(240, marks=False).segments if 2 <= len(segment.words) <= 8]
    compared, unavoidable = 0, 0
    for first in range(0, len(spoken) - 3, 3):
        at_ms, segments = 0, []
        for number, segment in enumerate(spoken[first : first + 3]):
            halved = [(word.text, (word.end_ms - word.start_ms) // 2) for word in segment.words]
            timed = []
            for text, length_ms in halved:
                timed.append(Word(text, at_ms, at_ms + length_ms))
                at_ms += length_ms
            segments.append(Segment(timed[0].start_ms, at_ms, segment.text, tuple(timed), speaker="甲乙丙"[number]))
        transcript = Transcript(tuple(segments), "m", "yue")
        runs = runs_of(transcript, (), PAL, CueOptions())
        assert [key for key, _ in groupby(run.atoms[0].words[0].speaker for run in runs)] == ["甲", "乙", "丙"]
        if sum(len(run.atoms) for run in runs) > 8:
            continue
        ours = hard_limits_broken(laid_out(make_cues(transcript, (), PAL, 10**9, CueOptions())))
        assert ours == every_choice(runs), [segment.text for segment in segments]
        compared += 1
        unavoidable += ours > 0
    assert compared > 12 and unavoidable > 5
