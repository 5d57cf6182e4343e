"""Segments become cues: at pauses and between words, no wider than the preset allows, whole frames, no overlap."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cues.presets import load_preset, with_width
from core.cues.split import CueOptions, document_of, make_cues
from core.cues.width import width
from core.document import Segment, SpeechRegion, Transcript, Word
from core.timing import FrameRate

PAL = FrameRate(25)
NETFLIX = load_preset("netflix_zh_hant")
HK = CueOptions()


def cues_of(*segments: Segment, frames: int = 10_000, options: CueOptions = HK) -> list[tuple[int, int, str]]:
    transcript = Transcript(segments, "m", "yue")
    made = make_cues(transcript, (), PAL, frames, options)
    return [(cue.start_frame, cue.end_frame, cue.text) for cue in made]


def texts_of(text: str, ms: int = 4000, options: CueOptions = HK) -> list[str]:
    return [found for _, _, found in cues_of(Segment(0, ms, text), options=options)]


def test_a_short_segment_is_one_cue() -> None:
    assert cues_of(Segment(1000, 2000, "今日天氣好好")) == [(25, 50, "今日天氣好好")]


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        pytest.param("我哋今日去咗一間新開嘅餐廳食飯佢哋啲嘢", ["我哋今日去咗", "一間新開嘅餐廳食飯佢哋啲嘢"], id="not 新|開 nor 餐|廳"),
        pytest.param("如果聽日落雨嘅話，我哋就唔去行山喇好唔好", ["如果聽日落雨嘅話，", "我哋就唔去行山喇好唔好"], id="after a comma"),
        pytest.param("因為疫情嘅關係所以好多店舖都執咗", ["因為疫情嘅關係", "所以好多店舖都執咗"], id="before 所以"),
        pytest.param("梗係應該咁㗎。我都覺得咁樣做先啱㗎喇", ["梗係應該咁㗎。", "我都覺得咁樣做先啱㗎喇"], id="after a full stop"),
        pytest.param("佢尋日同我講話想去旺角嗰間茶餐廳食早餐", ["佢尋日同我講話想去", "旺角嗰間茶餐廳食早餐"], id="旺角, 嗰間 and 茶餐廳 stay whole"),
        pytest.param("喺荔景地鐵站行落去係最近嘅即係地鐵站出口嗰邊", ["喺荔景地鐵站行落去係最近嘅", "即係地鐵站出口嗰邊"], id="not 行落|去"),
        pytest.param("呢個係你哋覺得幾大部份嘅人會揀嘅答案呢", ["呢個係你哋覺得", "幾大部份嘅人會揀嘅答案呢"], id="not 幾大|部份"),
        pytest.param("政府的消費券計劃在下個月會派發給全港市民", ["政府的消費券計劃", "在下個月會派發給全港市民"], id="written words"),
    ],
)
def test_where_a_line_is_cut(text: str, cues: list[str]) -> None:
    assert texts_of(text) == cues


def test_latin_words_stay_whole() -> None:
    texts = texts_of("我哋用緊 DaVinci Resolve Studio 剪片同埋做 colour grading")
    assert all(width(text) <= 18 for text in texts)
    assert "".join(texts).replace(" ", "") == "我哋用緊DaVinciResolveStudio剪片同埋做colourgrading"
    assert all(word in " ".join(texts) for word in ("DaVinci", "Resolve", "Studio", "colour", "grading"))


@pytest.mark.parametrize("whole", ["「千里之行始於足下」", "《從前有座靈劍山》", "三千五百二十一萬個", "20,000.50"])
def test_quotes_titles_and_numbers_stay_whole(whole: str) -> None:
    assert any(whole in text for text in texts_of(f"佢成日同我哋大家講{whole}呢件事你記唔記得呀"))


def test_a_name_stays_whole() -> None:
    text = "我哋嘅主角叫做小龜波氣功佢今日會同大家見面"
    assert any("小龜波氣功" in line for line in texts_of(text, options=CueOptions(names=frozenset({"小龜波氣功"}))))


def test_a_quote_wider_than_a_line_is_cut_between_words() -> None:
    texts = texts_of("「今日天氣好好所以我哋決定一齊去海邊行下食海鮮」", 6000)
    assert len(texts) > 1 and all(width(text) <= 18 for text in texts)


def test_a_pause_between_words_ends_a_cue() -> None:
    words = (Word("好", 0, 200), Word("呀", 200, 400), Word("走", 1100, 1300))
    assert cues_of(Segment(0, 1300, "好呀走", words)) == [(0, 10, "好呀"), (27, 33, "走")]


def test_segments_too_short_to_read_share_a_cue() -> None:
    assert cues_of(Segment(0, 400, "係呀"), Segment(450, 1900, "我都係咁諗")) == [(0, 48, "係呀 我都係咁諗")]


def test_segments_long_enough_stay_apart() -> None:
    assert cues_of(Segment(0, 1000, "我都係咁諗"), Segment(1050, 2500, "不如去食飯")) == [(0, 25, "我都係咁諗"), (26, 63, "不如去食飯")]


def test_overlapping_segments_give_cues_that_do_not_overlap() -> None:
    assert cues_of(Segment(0, 2000, "第一句"), Segment(1000, 3000, "第二句")) == [(0, 25, "第一句"), (25, 75, "第二句")]


def test_nothing_lies_outside_the_range() -> None:
    assert cues_of(Segment(0, 3000, "好"), Segment(9000, 9500, "冇"), frames=50) == [(0, 50, "好")]


def test_speech_longer_than_seven_seconds_is_cut_even_when_it_fits_a_line() -> None:
    assert all(end - start <= 175 for start, end, _ in cues_of(Segment(0, 9000, "我……真係……唔知點算好")))


def test_a_narrower_width_is_kept() -> None:
    options = CueOptions(with_width(load_preset("hk_broadcast"), 8))
    assert all(width(text) <= 8 for text in texts_of("我哋今日去咗一間新開嘅餐廳食飯佢哋啲嘢", options=options))


def test_two_lines_save_a_cue_that_would_be_too_short() -> None:
    text = "我哋今日去咗一間新開嘅餐廳食飯佢哋啲嘢"
    assert len(texts_of(text, 1900, CueOptions(NETFLIX))) == 1
    assert len(texts_of(text, 4000, CueOptions(NETFLIX))) == 2


def test_an_id_names_the_first_frame_whatever_comes_before() -> None:
    late = Segment(8000, 9000, "再見")
    both = make_cues(Transcript((Segment(0, 1000, "你好"), late), "m", "yue"), (), PAL, 1000, CueOptions())
    alone = make_cues(Transcript((late,), "m", "yue"), (), PAL, 1000, CueOptions())
    assert [cue.id for cue in both] == ["c000000", "c000200"] and both[1] == alone[0]


def test_document_carries_the_transcripts_findings_and_start() -> None:
    transcript = Transcript((Segment(0, 1000, "好"),), "m", "yue")
    document = document_of(make_cues(transcript, (), PAL, 100, CueOptions()), PAL, 90000, transcript)
    assert (document.start_frame, document.language, document.register, len(document.cues)) == (90000, "yue", "spoken", 1)


def test_no_speech_makes_no_cues() -> None:
    assert make_cues(Transcript((Segment(0, 1000, "  "),), "m", "yue"), (SpeechRegion(0, 1000),), PAL, 100, CueOptions()) == ()


segments = st.builds(
    lambda start, length, value: Segment(start, start + length, value),
    st.integers(0, 20_000),
    st.integers(1, 9_000),
    st.text(st.sampled_from("我哋今日去食飯，。 abcXYZ019-'「」三百 \u3000𨋢"), min_size=1, max_size=60),
)


@settings(max_examples=60)
@given(
    st.lists(segments, max_size=6),
    st.sampled_from([PAL, FrameRate(24000, 1001), FrameRate(60)]),
    st.sampled_from([HK, CueOptions(NETFLIX)]),
)
def test_cues_are_ordered_apart_inside_the_range_and_lose_no_word(lines: list[Segment], rate: FrameRate, options: CueOptions) -> None:
    transcript = Transcript(tuple(lines), "m", "yue")
    cues = make_cues(transcript, (), rate, 100_000, options)
    document = document_of(cues, rate, 0, transcript)  # raises when it is not valid
    assert all(cue.end_frame <= 100_000 and cue.text == cue.text.strip() != "" for cue in document.cues)
    squeezed = sorted("".join("".join(cue.text.split()) for cue in cues))
    assert squeezed == sorted("".join("".join(line.text.split()) for line in lines))
