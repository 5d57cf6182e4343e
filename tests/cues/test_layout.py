"""Edges settle in Netflix's order, each with its reason; whatever comes in, a valid document goes out."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cues.fix import fix
from core.cues.layout import Scene, lay_out, lay_out_registers
from core.cues.lint_base import Subject
from core.cues.presets import Preset, limits_of, load_preset, preset_names
from core.cues.report import with_lint
from core.document import Cue, Registers, SpeechRegion, SubtitleDocument
from core.timing import FrameRate

PAL = FrameRate(25)
HK = load_preset("hk_broadcast")
NETFLIX = load_preset("netflix_zh_hant")
Row = tuple[int, int, str]


def document(*rows: Row, rate: FrameRate = PAL) -> SubtitleDocument:
    return SubtitleDocument(tuple(Cue(f"c{number}", *row) for number, row in enumerate(rows, 1)), rate)


def spans(*rows: Row, preset: Preset = HK, scene: Scene = Scene(length_frames=1000)) -> list[tuple[int, int]]:  # noqa: B008 - frozen
    return [(cue.start_frame, cue.end_frame) for cue in lay_out(document(*rows), preset, scene).document.cues]


ONE = (100, 150, "我哋今日去飲茶")
AFTER = (200, 250, "跟住去睇戲")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([ONE], [(100, 154)], id="lingers 150 ms"),
        pytest.param([(100, 150, "我哋今日去飲茶呀")], [(100, 155)], id="lingers 200 ms after a particle"),
        pytest.param([(100, 150, "我哋今日去飲茶喇。")], [(100, 155)], id="a mark hides no particle"),
        pytest.param([ONE, (164, 210, "跟住去睇戲")], [(100, 151), (164, 214)], id="a clear gap of half a second stays clear"),
        pytest.param([ONE, (162, 210, "跟住去睇戲")], [(100, 160), (162, 214)], id="a shorter one closes to two frames"),
        pytest.param([ONE, (150, 210, "跟住去睇戲")], [(100, 148), (150, 214)], id="none opens to two frames"),
        pytest.param([(100, 105, "好")], [(100, 121)], id="the shortest time, then as far as the voice may be left behind"),
        pytest.param([(100, 116, "好耐"), AFTER], [(100, 122), (200, 254)], id="a second only while the voice is near"),
        pytest.param([(100, 120, "我哋今日去飲茶食點心")], [(98, 126)], id="time to read, while the voice is near"),
        pytest.param(
            [ONE, (152, 160, "係"), (162, 220, "跟住去睇戲")],
            [(100, 144), (146, 166), (168, 224)],
            id="no room: a quarter of a second from each neighbour",
        ),
        pytest.param([(100, 300, "好耐好耐")], [(100, 275)], id="the longest time"),
        pytest.param([(980, 1000, "再見")], [(979, 1000)], id="at the end, a frame early"),
    ],
)
def test_edges_without_cuts(rows: list[Row], expected: list[tuple[int, int]]) -> None:
    assert spans(*rows) == expected


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        pytest.param(100, (100, 154), id="on the cut"),
        pytest.param(94, (94, 154), id="six frames after it"),
        pytest.param(93, (100, 154), id="seven frames after it: too early for the voice"),
        pytest.param(109, (109, 154), id="nine frames before it: 3/4 of 13"),
        pytest.param(110, (100, 154), id="ten frames before it: left for lint"),
        pytest.param(150, (100, 148), id="ends on it"),
        pytest.param(145, (100, 143), id="ends after it"),
        pytest.param(156, (100, 154), id="ends two frames before it"),
        pytest.param(158, (100, 156), id="ends shortly before it"),
        pytest.param(160, (100, 154), id="too far to linger"),
    ],
)
def test_edges_near_a_cut(cut: int, expected: tuple[int, int]) -> None:
    assert spans(ONE, scene=Scene((cut,), length_frames=1000)) == [expected]


def test_a_cut_half_a_second_before_the_voice_counts_where_the_preset_says_so() -> None:
    assert spans(ONE, preset=NETFLIX, scene=Scene((88,), length_frames=1000)) == [(88, 154)]
    assert spans(ONE, preset=NETFLIX, scene=Scene((87,), length_frames=1000)) == [(100, 154)]


def test_the_cue_before_makes_room_for_one_that_begins_on_a_cut() -> None:
    assert spans((50, 98, "我哋去飲茶"), (100, 150, "跟住去睇戲"), scene=Scene((96,), length_frames=1000)) == [(50, 94), (96, 154)]


def test_social_has_no_gaps_and_ignores_cuts() -> None:
    social = load_preset("social_9x16")
    assert spans(ONE, (155, 200, "跟住去睇戲"), preset=social, scene=Scene((96, 157), length_frames=1000)) == [(100, 155), (155, 204)]


def test_the_detector_knows_better_where_a_voice_begins_and_ends() -> None:
    scene = Scene((), (SpeechRegion(4200, 6160),), 1000)
    assert spans((100, 150, "我哋今日去飲茶"), scene=scene) == [(105, 158)]
    far = Scene((), (SpeechRegion(5000, 7000),), 1000)
    assert spans((100, 150, "我哋今日去飲茶"), scene=far) == [(100, 154)]


def test_every_moved_edge_has_its_reason() -> None:
    layout = lay_out(document((100, 150, "我哋去飲茶"), (160, 200, "跟住去睇戲"), (300, 305, "好")), HK, Scene((156,), length_frames=1000))
    assert [(edge.cue_id, edge.side, edge.before_frame, edge.after_frame, edge.reason) for edge in layout.edges] == [
        ("c1", "out", 150, 154, "linger"),
        ("c2", "in", 160, 156, "shot"),
        ("c2", "out", 200, 204, "linger"),
        ("c3", "out", 305, 321, "short"),
    ]


def test_a_sentence_shares_its_time_so_that_the_written_text_can_be_read() -> None:
    spoken = document((0, 30, "佢買咗"), (30, 100, "一部好靚嘅電腦返屋企"))
    written = replace(
        document((0, 30, "他昨日已經購買了一部電腦"), (30, 100, "帶回家")),
        register="written",
    )
    registers, _ = lay_out_registers(Registers(spoken, written), HK, Scene(length_frames=1000))
    assert registers.written is not None
    assert [(cue.start_frame, cue.end_frame) for cue in registers.written.cues] == [(0, 34), (36, 104)]
    assert [(cue.id, cue.start_frame, cue.end_frame) for cue in registers.spoken.cues] == [("c1", 0, 34), ("c2", 36, 104)]


def test_two_lines_where_the_preset_has_them() -> None:
    long = document((0, 150, "因為疫情嘅關係我哋公司所以好多店舖都執咗"))
    assert lay_out(long, NETFLIX).document.cues[0].text == "因為疫情嘅關係我哋公司\n所以好多店舖都執咗"
    assert "\n" not in lay_out(long, HK).document.cues[0].text


def test_an_empty_document() -> None:
    assert lay_out(document(), HK).document.cues == ()


def test_findings_of_lint_come_along_without_soft_limits() -> None:
    spoken = document((0, 40, "我哋今日一齊去飲茶食點心"), (60, 110, "这个好靚"))
    written = replace(document((0, 40, "我們今日一起去飲茶吃點心"), (60, 110, "這個唔錯")), register="written")
    found = with_lint(Registers(spoken, written), HK, (), "en")
    assert found.written is not None
    assert [(one.code, one.cue_id) for one in found.spoken.findings] == [("lint.simplified_leak", "c2")]
    assert [(one.code, one.cue_id) for one in found.written.findings] == [("lint.cantonese_leak", "c2")]


cue_rows = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.integers(1, 260),
        st.text(st.sampled_from("我哋今日去食飯㗎喇，。！？abc 19「」"), min_size=1, max_size=40).filter(str.strip),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(
    cue_rows,
    st.sampled_from(preset_names()),
    st.sampled_from([PAL, FrameRate(24000, 1001), FrameRate(60000, 1001, True), FrameRate(1000)]),
    st.lists(st.integers(0, 1500), max_size=12),
)
def test_whatever_comes_in_a_valid_document_goes_out(rows: list[Row], preset: str, rate: FrameRate, cuts: list[int]) -> None:
    at, cues = 0, []
    for number, (gap, length, text) in enumerate(rows):
        cues.append(Cue(f"c{number}", at + gap, at + gap + length, text, speaker=None))
        at += gap + length
    before = SubtitleDocument(tuple(cues), rate)
    rules = load_preset(preset)
    limits = limits_of(rules, rate)
    scene = Scene(tuple(sorted(set(cuts))), (SpeechRegion(0, 2000), SpeechRegion(2500, 30_000)), at + 10)
    after = lay_out(before, rules, scene).document  # raises when it is not valid
    assert [(cue.id, cue.text.replace("\n", "").replace(" ", "")) for cue in after.cues] == [
        (cue.id, cue.text.replace(" ", "")) for cue in before.cues
    ]
    assert all(cue.end_frame - cue.start_frame <= limits.longest and cue.end_frame <= at + 10 for cue in after.cues)
    fix(Subject(after, rules, scene.cuts))  # likewise
