"""Segments become cues: cut at pauses and at 16 full-width characters, whole frames, no overlap."""

from hypothesis import given
from hypothesis import strategies as st

from core.cues.split import CueOptions, document_of, make_cues, spread
from core.cues.width import width
from core.document import Segment, SpeechRegion, Transcript, Word
from core.timing import FrameRate

PAL = FrameRate(25)


def cues_of(*segments: Segment, regions: tuple[SpeechRegion, ...] = (), frames: int = 10_000) -> list[tuple[int, int, str]]:
    transcript = Transcript(segments, "m", "yue")
    made = make_cues(transcript, regions, PAL, frames, CueOptions())
    return [(cue.start_frame, cue.end_frame, cue.text) for cue in made]


def test_a_short_segment_is_one_cue() -> None:
    assert cues_of(Segment(1000, 2000, "今日天氣好好")) == [(25, 50, "今日天氣好好")]


def test_a_long_segment_is_cut_evenly_below_the_limit() -> None:
    assert cues_of(Segment(0, 4000, "我哋今日去咗一間新開嘅餐廳食飯佢哋啲嘢")) == [
        (0, 47, "我哋今日去咗一間新"),
        (47, 100, "開嘅餐廳食飯佢哋啲嘢"),
    ]


def test_punctuation_in_the_last_half_is_the_better_cut() -> None:
    assert [text for _, _, text in cues_of(Segment(0, 4000, "如果聽日落雨嘅話，我哋就唔去行山喇好唔好"))] == [
        "如果聽日落雨嘅話，",
        "我哋就唔去行山喇好唔好",
    ]


def test_latin_words_stay_whole() -> None:
    texts = [text for _, _, text in cues_of(Segment(0, 4000, "我哋用緊 DaVinci Resolve Studio 剪片同埋做 colour grading"))]
    assert all(width(text) <= 16 for text in texts)
    assert "".join(texts).replace(" ", "") == "我哋用緊DaVinciResolveStudio剪片同埋做colourgrading"
    assert all(word in " ".join(texts) for word in ("DaVinci", "Resolve", "Studio", "colour", "grading"))


def test_a_pause_between_words_ends_a_cue() -> None:
    words = (Word("好", 0, 200), Word("呀", 200, 400), Word("走", 1100, 1300))
    assert cues_of(Segment(0, 1300, "好呀走", words)) == [(0, 13, "好呀"), (27, 40, "走")]


def test_silence_inside_a_segment_gets_no_characters() -> None:
    regions = (SpeechRegion(0, 1000), SpeechRegion(3000, 4000))
    words = spread(Segment(0, 4000, "一二三四"), regions)
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [("一", 0, 500), ("二", 500, 1000), ("三", 3000, 3500), ("四", 3500, 4000)]


def test_overlapping_segments_give_cues_that_do_not_overlap() -> None:
    assert cues_of(Segment(0, 2000, "第一句"), Segment(1000, 3000, "第二句")) == [(0, 25, "第一句"), (25, 75, "第二句")]


def test_nothing_lies_outside_the_range() -> None:
    assert cues_of(Segment(0, 3000, "好"), Segment(9000, 9500, "冇"), frames=50) == [(0, 50, "好")]


def test_document_carries_the_transcripts_findings_and_start() -> None:
    transcript = Transcript((Segment(0, 1000, "好"),), "m", "yue")
    document = document_of(make_cues(transcript, (), PAL, 100, CueOptions()), PAL, 90000, transcript)
    assert (document.start_frame, document.language, document.register, len(document.cues)) == (90000, "yue", "spoken", 1)


segments = st.builds(
    lambda start, length, value: Segment(start, start + length, value),
    st.integers(0, 20_000),
    st.integers(1, 9_000),
    st.text(st.sampled_from("我哋今日去食飯，。 abcXYZ019-' \u3000𨋢"), min_size=1, max_size=60),
)


@given(st.lists(segments, max_size=6), st.sampled_from([FrameRate(25), FrameRate(24000, 1001), FrameRate(60)]))
def test_cues_are_ordered_apart_inside_the_range_and_lose_no_word(lines: list[Segment], rate: FrameRate) -> None:
    cues = make_cues(Transcript(tuple(lines), "m", "yue"), (), rate, 100_000, CueOptions())
    end = 0
    for cue in cues:
        assert end <= cue.start_frame < cue.end_frame <= 100_000
        assert cue.text == cue.text.strip() != ""
        end = cue.end_frame
    squeezed = sorted("".join("".join(cue.text.split()) for cue in cues))
    assert squeezed == sorted("".join("".join(line.text.split()) for line in lines))
