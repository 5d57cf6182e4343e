"""What is dropped, what is only doubted, what stays; and that nothing vanishes."""

from __future__ import annotations

import pytest

from core.asr.base import ChunkResult
from core.asr.filters import judge, sift, whole_file
from core.asr.phrases import known_phrase, known_phrases, plain
from core.document import Finding, Segment, SpeechRegion, Word
from core.speech.chunks import Chunk

HOUR = 3_600_000
SAID = "我哋聽日去海邊行下好唔好"


def segment(text: str, start_ms: int = 600_000, length_ms: int = 2_500, logprob: float = -0.2, no_speech: float = 0.01) -> Segment:
    return Segment(start_ms, start_ms + length_ms, text, (), logprob, no_speech)


def voiced(one: Segment, share: float = 1.0) -> tuple[SpeechRegion, ...]:
    return (SpeechRegion(one.start_ms, one.start_ms + round(share * (one.end_ms - one.start_ms))),)


def verdict(one: Segment, share: float = 1.0) -> tuple[str | None, str, tuple[str, ...]]:
    kept, dropped, reasons = judge(one, voiced(one, share), HOUR)
    return kept.text if kept else None, dropped, reasons


@pytest.mark.parametrize(
    "text",
    [
        "字幕由 Amara.org 社群提供",
        "字幕由Amara.org社群提供。",
        "中文字幕志愿者 楊棟梁",
        "請不吝點讚 訂閱 轉發 打賞支持明鏡與點點欄目",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "多謝您收睇時局新聞,再會!",
        "MING PAO CANADA // MING PAO TORONTO",
        "優優獨播劇場——YoYo Television Series Exclusive",
        "作詞 李宗盛 作曲 李宗盛",
    ],
)
def test_what_nobody_says_is_dropped(text: str) -> None:
    assert verdict(segment(text)) == (None, text, ("known_phrase",))


@pytest.mark.parametrize("text", ["多謝收看", "下次再見", "多謝收睇！", "Thank you for watching."])
def test_a_farewell_in_the_middle_of_a_video_survives(text: str) -> None:
    assert verdict(segment(text)) == (text, "", ())


def test_a_sure_farewell_at_the_end_survives() -> None:
    assert verdict(segment("多謝收看", HOUR - 5_000)) == ("多謝收看", "", ())


@pytest.mark.parametrize(
    ("one", "share", "reasons"),
    [
        (segment("多謝收看", HOUR - 5_000, logprob=-0.8), 1.0, ("known_phrase",)),
        (segment("多謝收看", no_speech=0.7), 1.0, ("known_phrase", "no_speech")),
        (segment("多謝收看"), 0.1, ("known_phrase", "no_voice")),
    ],
)
def test_a_farewell_with_a_sign_against_it_is_dropped(one: Segment, share: float, reasons: tuple[str, ...]) -> None:
    assert verdict(one, share) == (None, "多謝收看", reasons)


def test_a_farewell_inside_a_sentence_is_a_sentence() -> None:
    text = "咁今日就講到呢度，多謝收看，我哋聽日同一時間再傾過"
    assert verdict(segment(text, length_ms=6_000)) == (text, "", ())


def test_two_signs_of_nothing_to_hear_drop_a_line() -> None:
    assert verdict(segment(SAID, logprob=-1.4, no_speech=0.8)) == (None, SAID, ("no_speech", "low_confidence"))
    assert verdict(segment(SAID, logprob=-1.4), 0.1) == (None, SAID, ("low_confidence", "no_voice"))


def test_one_sign_makes_a_line_doubtful() -> None:
    assert verdict(segment(SAID, logprob=-1.4)) == (SAID, "", ("low_confidence",))
    assert verdict(segment(SAID), 0.1) == (SAID, "", ("no_voice",))
    assert verdict(segment(SAID, length_ms=1_000)) == (SAID, "", ())
    assert verdict(segment(SAID + SAID, length_ms=1_500)) == (SAID + SAID, "", ("too_fast",))
    assert verdict(segment("係", length_ms=2_500)) == ("係", "", ("too_slow",))


def test_what_whisper_says_about_silence_alone_is_no_reason() -> None:
    # VAD heard speech, the words are sure
    assert verdict(segment(SAID, no_speech=0.9)) == (SAID, "", ())


def test_a_repeated_unit_is_said_once_and_its_words_go_with_it() -> None:
    text = "佢話多謝多謝多謝多謝多謝呀"
    words = tuple(Word(character, 600_000 + 100 * place, 600_100 + 100 * place) for place, character in enumerate(text))
    one = Segment(600_000, 602_500, text, words, -0.2, 0.0)
    kept, dropped, reasons = judge(one, voiced(one), HOUR)
    assert kept is not None
    assert (kept.text, dropped, reasons) == ("佢話多謝呀", "多謝多謝多謝多謝", ("repeats",))
    assert "".join(word.text for word in kept.words) == "佢話多謝呀"
    assert [word.start_ms for word in kept.words] == [600_000, 600_100, 600_200, 600_300, 601_200]


def test_every_doubt_is_a_finding_with_its_text_and_reason() -> None:
    good, bad, odd = segment(SAID, 0), segment("字幕由 Amara.org 社群提供", 3_000), segment(SAID, 6_000, logprob=-1.4)
    chunk = Chunk(0, 10_000, (SpeechRegion(0, 10_000),))
    sifted = sift(ChunkResult(0, (good, bad, odd)), chunk, HOUR, "en")
    assert [(one.text, one.flags) for one in sifted.segments] == [(SAID, ()), (SAID, ("low_confidence",))]
    assert [(finding.code, finding.start_ms, finding.end_ms) for finding in sifted.findings] == [
        ("asr.dropped", 3_000, 5_500),
        ("asr.doubtful", 6_000, 8_500),
    ]
    assert sifted.findings[0].message == (
        'At 3.0 s this was left out: "字幕由 Amara.org 社群提供" (a phrase that recognisers write over music and silence).'
    )
    assert "請核對" in sift(ChunkResult(0, (odd,)), chunk, HOUR, "zh").findings[0].message


def findings(count: int) -> list[Finding]:
    return [Finding("asr.dropped", "x")] * count + [Finding("asr.other", "x")] * 20


@pytest.mark.parametrize(("count", "chunks", "warned"), [(3, 10, True), (2, 4, False), (3, 11, False), (30, 20, True)])
def test_a_file_with_many_doubts_gets_a_suggestion(count: int, chunks: int, warned: bool) -> None:
    found = whole_file(findings(count), chunks, "en")
    assert [finding.code for finding in found] == (["asr.many_doubts"] if warned else [])


def test_the_list_of_phrases_is_whole() -> None:
    texts = [phrase.text for phrase in known_phrases()]
    assert len(texts) == len(set(texts)) > 40
    assert all(phrase.length >= 4 for phrase in known_phrases())


def test_plain_text() -> None:
    assert plain("ＡＢ點讚！ 訂閱") == plain("ab点赞，订阅")
    assert known_phrase("") is None
    assert known_phrase("！？") is None
