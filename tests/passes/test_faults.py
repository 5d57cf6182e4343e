"""A thousand runs with a text model that misbehaves: cues, times and facts always survive, and the run always ends."""

from __future__ import annotations

import pytest

from core.document import Cue, SubtitleDocument
from core.errors import Cancelled
from core.passes.base import PassContext, run_passes
from core.passes.glossary import Glossary
from core.passes.written import written
from core.progress import CancelToken
from core.timing import FrameRate

from ..fakes.text_model import FaultyModel

# Text, and what has to be in the cues of its sentence afterwards: any word of each tuple
_LINES: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("佢3月12日唔會嚟。", (("3月12日",), ("唔", "不"))),
    ("我send咗email俾陳大文。", (("send",), ("email",), ("陳大文",))),
    ("我哋諗住聽日一齊去", ()),
    ("將軍澳食嗰間好出名嘅餐廳。", (("將軍澳",),)),
    ("佢話「我唔會走」，跟住就喊咗。", (("「我唔會走」",),)),
    ("冇人知道點解會咁。", (("冇", "沒"),)),
    ("呢件衫要三百八十蚊。", (("三百八十",),)),
    ("你究竟想點？", ()),
    ("我等咗佢七個鐘都未到。", (("七",), ("未",))),
    ("部MacBook Pro用咗5年。", (("MacBook Pro",), ("5年",))),
    ("我想同你傾吓偈。", ()),
)


def _document() -> SubtitleDocument:
    cues = tuple(Cue(f"c{number}", number * 50, number * 50 + 50, text) for number, (text, _) in enumerate(_LINES))
    return SubtitleDocument(cues, FrameRate(25))


@pytest.mark.parametrize("block", range(20))
def test_whatever_the_model_does(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        _one_run(seed)


def _one_run(seed: int) -> None:
    document, cancel = _document(), CancelToken()
    model = FaultyModel(seed=seed, cancel=cancel)
    context = PassContext("written", model, Glossary(("陳大文", "將軍澳", "MacBook Pro")), cancel=cancel)
    try:
        done, changes = run_passes(document, (written,), context)
    except Cancelled:
        assert cancel.cancelled
        return
    assert model.calls <= 4, seed
    assert [(cue.id, cue.start_frame, cue.end_frame) for cue in done.cues] == [(c.id, c.start_frame, c.end_frame) for c in document.cues], seed
    assert all(cue.text.strip() and "\ufffd" not in cue.text and len(cue.text) < 30 for cue in done.cues), (seed, done.cues)
    assert all(finding.cue_id is None or finding.message for finding in done.findings)
    for number, (_, facts) in enumerate(_LINES):
        around = done.cues[number].text + (done.cues[number - 1].text if number == 3 else "")
        for words in facts:
            assert any(word in around for word in words), (seed, number, around)
    refused = sum(len(change.note.refused) for change in changes if change.cue_id != "c3")
    assert refused == sum(finding.code == "passes.refused" for finding in done.findings), seed
