"""Known slips by table; a model's corrections only when they change little."""

from __future__ import annotations

import pytest

from core.document import Cue, SubtitleDocument
from core.passes.base import PassContext, run_passes
from core.passes.proofread import proofread
from core.timing import FrameRate

from ..fakes.text_model import GoodModel


def _run(text: str, context: PassContext) -> tuple[str, list[tuple[str, int]]]:
    done, changes = run_passes(SubtitleDocument((Cue("a", 0, 50, text),), FrameRate(25)), (proofread,), context)
    return done.cues[0].text, [(change.note.source, len(change.note.refused)) for change in changes]


def test_known_slips() -> None:
    assert _run("我好仲意返屋企訓覺", PassContext()) == ("我好鍾意返屋企瞓覺", [("rules", 0)])
    assert _run("件衫唔洗得", PassContext()) == ("件衫唔洗得", [])


@pytest.mark.parametrize(
    ("reply", "text", "notes"),
    [
        ("佢尋晚瞓咗十個鐘", "佢尋晚瞓咗十個鐘", [("model", 0)]),
        ("他昨晚睡了十個小時", "佢尋晚瞓佐十個鐘", []),
        ("佢尋晚唔瞓佐十個鐘", "佢尋晚瞓佐十個鐘", [("kept", 2)]),
    ],
)
def test_a_model_may_only_correct(reply: str, text: str, notes: list[tuple[str, int]]) -> None:
    model = GoodModel({"佢尋晚瞓佐十個鐘": reply})
    assert _run("佢尋晚瞓佐十個鐘", PassContext(model=model)) == (text, notes)
