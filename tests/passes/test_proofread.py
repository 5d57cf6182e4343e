"""Known slips by table; a model's corrections only when they change little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.document import Cue, SubtitleDocument
from core.llm.base import Reply
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


REFUSED = "A rewrite was refused ({}): {}"


@pytest.mark.parametrize(
    ("reply", "text", "source", "reasons"),
    [
        ("佢尋晚瞓咗十個鐘", "佢尋晚瞓咗十個鐘", "model", []),
        ("他昨晚睡了十個小時", "佢尋晚瞓佐十個鐘", "kept", ["more than a correction"]),
        ("佢尋晚唔瞓佐十個鐘", "佢尋晚瞓佐十個鐘", "kept", ["yes and no differ", "yes and no differ"]),
    ],
)
def test_a_model_may_only_correct_and_what_is_refused_is_kept_as_a_finding(reply: str, text: str, source: str, reasons: list[str]) -> None:
    document = SubtitleDocument((Cue("a", 0, 50, "佢尋晚瞓佐十個鐘"),), FrameRate(25))
    done, (change,) = run_passes(document, (proofread,), PassContext(model=GoodModel({"佢尋晚瞓佐十個鐘": reply})))
    assert (done.cues[0].text, change.note.source) == (text, source)
    assert [refusal.reply for refusal in change.note.refused] == [reply] * len(reasons)
    told = [(finding.code, finding.level, finding.cue_id, finding.message) for finding in done.findings]
    assert told == [("passes.refused", "warning", "a", REFUSED.format(reason, reply)) for reason in reasons]


class Slips:
    """The first reply denies what was said, the second corrects it."""

    def __init__(self) -> None:
        self.replies = ["1. 佢尋晚唔瞓佐十個鐘", "1. 佢尋晚瞓咗十個鐘"]

    def generate(self, *_: object, **__: object) -> Iterator[Reply]:
        yield Reply(self.replies.pop(0))


def test_a_refused_reply_is_told_although_the_next_one_stands() -> None:
    document = SubtitleDocument((Cue("a", 0, 50, "佢尋晚瞓佐十個鐘"),), FrameRate(25))
    done, (change,) = run_passes(document, (proofread,), PassContext(model=Slips()))  # type: ignore[arg-type]
    assert done.cues[0].text == "佢尋晚瞓咗十個鐘"
    assert (change.note.source, len(change.note.refused)) == ("model", 1)
    assert [finding.message for finding in done.findings] == [REFUSED.format("yes and no differ", "佢尋晚唔瞓佐十個鐘")]
