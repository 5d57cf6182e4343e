"""Every planted defect is found by its check and by no other; a clean file has none; mending mends, and a second time changes nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cues.fix import fix
from core.cues.lint import CHECKS, lint
from core.cues.lint_base import Subject
from core.cues.presets import load_preset, preset_names
from core.document import Cue, Finding, SubtitleDocument, Word
from core.errors import InputError
from core.messages import catalogue
from core.timing import FrameRate

PAL = FrameRate(25)
HK = load_preset("hk_broadcast")


def document(*rows: tuple[int, int, str], register: str = "spoken", rate: FrameRate = PAL) -> SubtitleDocument:
    cues = tuple(Cue(f"c{number}", *row) for number, row in enumerate(rows, 1))
    return SubtitleDocument(cues, rate, register=register)  # type: ignore[arg-type]


def subject(*rows: tuple[int, int, str], **more: object) -> Subject:
    return Subject(document(*rows), HK, **more)  # type: ignore[arg-type]


def codes(one: Subject) -> list[tuple[str, str, str | None]]:
    return [(finding.code.removeprefix("lint."), finding.level, finding.cue_id) for finding in lint(one)]


CLEAN = subject(
    (0, 60, "我哋今日去飲茶"),
    (62, 100, "你去唔去呀？"),
    (150, 200, "好呀 一齊去"),
    (202, 262, "等我 call 佢先"),
    (264, 300, "Wait…"),
    cuts=(0, 150, 264),
)


def test_a_clean_file_has_no_findings() -> None:
    assert codes(CLEAN) == []
    assert fix(CLEAN) == CLEAN.document


@pytest.mark.parametrize(
    ("code", "level", "index", "planted"),
    [
        pytest.param("dur_min", "error", 0, subject((0, 20, "好呀")), id="dur_min"),
        pytest.param("dur_max", "error", 0, subject((0, 176, "好呀我哋一齊去飲茶啦")), id="dur_max"),
        pytest.param("dur_max", "warning", 0, subject((0, 151, "好呀我哋一齊去飲茶啦")), id="dur_max soft"),
        pytest.param("cps", "error", 0, subject((0, 30, "我哋今日一齊去飲茶食點心")), id="cps"),
        pytest.param("cps", "warning", 0, subject((0, 40, "我哋今日一齊去飲茶食點心")), id="cps warning"),
        pytest.param("cpl", "error", 0, subject((0, 100, "我哋今日一齊去旺角飲茶食點心跟住行街睇戲")), id="cpl"),
        pytest.param("lines", "warning", 0, subject((0, 100, "我哋今日去飲茶\n跟住去睇戲")), id="lines"),
        pytest.param("gap_lt2", "error", 0, subject((0, 50, "我哋去飲茶"), (51, 100, "跟住去睇戲")), id="gap_lt2"),
        pytest.param("gap_3_h", "warning", 0, subject((0, 50, "我哋去飲茶"), (62, 110, "跟住去睇戲")), id="gap_3_h"),
        pytest.param("shot_in", "warning", 0, subject((5, 60, "我哋去飲茶"), cuts=(0,)), id="shot_in after"),
        pytest.param("shot_in", "warning", 0, subject((90, 150, "我哋去飲茶"), cuts=(100,)), id="shot_in before"),
        pytest.param("shot_out", "warning", 0, subject((0, 55, "我哋去飲茶"), cuts=(50,)), id="shot_out after"),
        pytest.param("shot_out", "warning", 0, subject((0, 50, "我哋去飲茶"), cuts=(50,)), id="shot_out on"),
        pytest.param("shot_out", "warning", 0, subject((0, 45, "我哋去飲茶"), cuts=(50,)), id="shot_out before"),
        pytest.param("line_end_punct", "warning", 0, subject((0, 50, "我哋去飲茶。")), id="line_end_punct"),
        pytest.param("halfwidth_punct", "warning", 0, subject((0, 50, "飲茶?")), id="halfwidth_punct"),
        pytest.param("ellipsis", "warning", 0, subject((0, 50, "我哋去...")), id="ellipsis"),
        pytest.param("double_marks", "warning", 0, subject((0, 50, "好呀！！")), id="double_marks"),
        pytest.param("missing_question", "warning", 0, subject((0, 50, "你食咗飯未")), id="missing_question"),
        pytest.param("mixed_numeral", "warning", 0, subject((0, 50, "有3百個人")), id="mixed_numeral"),
        pytest.param("whitespace", "error", 0, subject((0, 50, "我哋  去飲茶")), id="whitespace"),
        pytest.param("orphan", "warning", 0, replace(subject((0, 50, "我哋今日買咗\n茶")), preset=load_preset("netflix_zh_hant")), id="orphan"),
        pytest.param("break_in_word", "warning", 0, subject((0, 50, "我要去香港科"), (52, 102, "技大學讀書")), id="break_in_word"),
        pytest.param("starts_with_particle", "warning", 1, subject((0, 50, "我去飲茶"), (52, 102, "㗎喎佢都會去")), id="starts_with_particle"),
        pytest.param("simplified_leak", "error", 0, subject((0, 50, "这个人好靚")), id="simplified_leak"),
        pytest.param("repeated_cue", "warning", 1, subject((0, 50, "多謝收看節目"), (52, 102, "多謝收看節目")), id="repeated_cue"),
        pytest.param("repeated_cue", "warning", 0, subject((0, 100, "我去我去我去我去我去")), id="a loop inside"),
        pytest.param(
            "latin_spacing", "info", 2, subject((0, 50, "我 call 佢"), (52, 102, "佢 call 我"), (104, 154, "我call佢啦")), id="latin_spacing"
        ),
        pytest.param("hk_variant", "warning", 1, subject((0, 50, "佢說好"), (52, 102, "佢又説"), (104, 154, "佢再說")), id="hk_variant"),
    ],
)
def test_a_planted_defect_is_found(code: str, level: str, index: int, planted: Subject) -> None:
    assert codes(planted) == [(code, level, f"c{index + 1}")]


def test_spoken_characters_in_a_written_track() -> None:
    rows = ((0, 50, "我們去飲茶"), (52, 102, "佢說「唔好」"))
    written = Subject(document(*rows, register="written"), HK)
    assert codes(written) == [("cantonese_leak", "warning", "c2")]
    assert "佢" in lint(written)[0].message and "唔" not in lint(written)[0].message
    assert codes(subject(*rows)) == []


def test_what_a_rewrite_lost() -> None:
    rows = ((0, 75, "他買了一部電腦"), (77, 150, "好"))
    said = {"c1": "佢買咗部 MacBook 15 吋", "c2": "即係咁樣其實都幾好㗎喎"}
    assert codes(Subject(document(*rows, register="written"), HK, spoken=said)) == [("facts_lost", "error", "c1"), ("length_ratio", "warning", "c2")]


def test_a_question_mark_that_was_heard() -> None:
    one = Subject(document((0, 50, "他會去"), register="written"), HK, spoken={"c1": "佢會去？"})
    assert codes(one) == [("missing_question", "warning", "c1")]


def test_low_confidence() -> None:
    cue = Cue("c1", 0, 50, "飲茶", (Word("飲", 0, 500, 0.9), Word("茶", 500, 900, 0.05)))
    assert codes(Subject(SubtitleDocument((cue,), PAL), HK)) == [("low_conf", "info", "c1")]


def test_what_the_reader_of_a_file_repaired() -> None:
    notes = (Finding("formats.overlap_trimmed", "", cue_id="c1"), Finding("formats.empty_dropped", "Subtitle 2"))
    one = replace(
        subject((0, 50, "我哋去飲茶"), (52, 102, "跟住去睇戲")),
        document=replace(document((0, 50, "我哋去飲茶"), (52, 102, "跟住去睇戲")), findings=notes),
    )
    assert codes(one) == [("overlap", "error", "c1"), ("empty", "error", "c1")]
    assert codes(replace(one, document=fix(one))) == []


def test_a_character_that_a_font_cannot_draw(tmp_path: Path) -> None:
    from fontTools.fontBuilder import FontBuilder

    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef", "yam"])
    builder.setupCharacterMap({ord("飲"): "yam"})
    builder.save(str(tmp_path / "small.ttf"))
    planted = subject((0, 50, "飲茶"), font=tmp_path / "small.ttf")
    assert codes(planted) == [("glyph_missing", "error", "c1")]
    assert "茶" in lint(planted)[0].message
    (tmp_path / "bad.ttf").write_text("no font")
    with pytest.raises(InputError) as refused:
        lint(subject((0, 50, "飲茶"), font=tmp_path / "bad.ttf"))
    assert refused.value.code == "lint.bad_font"


def test_dialogue_on_two_lines_is_allowed_everywhere() -> None:
    assert codes(subject((0, 100, "-你去唔去？\n-去呀"))) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_a_check_has_a_text_and_a_source(check: object) -> None:
    code, source = check.code, check.source  # type: ignore[attr-defined]
    assert f"lint.{code}" in catalogue() and source


@pytest.mark.parametrize(
    ("rows", "mended"),
    [
        pytest.param([(0, 10, "好呀"), (100, 150, "走啦")], [(0, 21, "好呀"), (100, 150, "走啦")], id="shortest time"),
        pytest.param([(0, 50, "好呀我去"), (51, 100, "走啦走啦")], [(0, 49, "好呀我去"), (51, 100, "走啦走啦")], id="gap kept"),
        pytest.param([(0, 50, "好呀我去"), (60, 100, "走啦走啦")], [(0, 58, "好呀我去"), (60, 100, "走啦走啦")], id="gap closed"),
        pytest.param([(0, 200, "好呀我去")], [(0, 175, "好呀我去")], id="longest time"),
        pytest.param([(0, 50, "好呀, 我去..")], [(0, 50, "好呀 我去…")], id="marks"),
        pytest.param([(0, 100, "我哋今日去飲茶\n跟住去睇戲")], [(0, 100, "我哋今日去飲茶 跟住去睇戲")], id="one line"),
        pytest.param(
            [(0, 150, "因為疫情嘅關係我哋公司所以好多店舖都執咗")],
            [(0, 81, "因為疫情嘅關係我哋公司"), (83, 150, "所以好多店舖都執咗")],
            id="two cues",
        ),
        pytest.param([(0, 50, "。")], [(0, 50, "。")], id="nothing but a mark"),
    ],
)
def test_mending(rows: list[tuple[int, int, str]], mended: list[tuple[int, int, str]]) -> None:
    done = fix(subject(*rows))
    assert [(cue.start_frame, cue.end_frame, cue.text) for cue in done.cues] == mended


def test_mending_splits_into_ids_of_their_own() -> None:
    long = "因為疫情嘅關係我哋公司所以好多店舖都執咗"
    rows = (Cue("a", 0, 150, long), Cue("a-2", 160, 220, "好呀我去"))
    done = fix(Subject(SubtitleDocument(rows, PAL), HK))
    assert [cue.id for cue in done.cues] == ["a", "a-2'", "a-2"]


texts = st.text(st.sampled_from("我哋今日去食飯㗎喇，。！？,.!?… abcXYZ 019-「」三百\u3000説說\n"), min_size=1, max_size=50).filter(str.strip)
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 250), texts), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    spans, st.sampled_from(preset_names()), st.sampled_from([PAL, FrameRate(24000, 1001), FrameRate(1000)]), st.lists(st.integers(0, 900), max_size=8)
)
def test_mending_twice_is_mending_once(rows: list[tuple[int, int, str]], preset: str, rate: FrameRate, cuts: list[int]) -> None:
    scale = 40 if rate == FrameRate(1000) else 1
    at, cues = 0, []
    for number, (gap, length, text) in enumerate(rows):
        at += gap * scale
        cues.append(Cue(f"c{number}", at, at + length * scale, text))
        at += length * scale
    one = Subject(SubtitleDocument(tuple(cues), rate), load_preset(preset), tuple(sorted({cut * scale for cut in cuts})))
    once = fix(one)
    assert fix(replace(one, document=once)) == once
