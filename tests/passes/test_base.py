"""The guard around a pass: whatever it does to cues, only text comes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.document import Cue, Finding, SubtitleDocument
from core.errors import Cancelled
from core.passes.base import PassContext, run_passes
from core.passes.diff import Change, Note, Refusal, diff_json
from core.timing import FrameRate

DOCUMENT = SubtitleDocument((Cue("a", 0, 10, "一", speaker="甲"), Cue("b", 10, 20, "二")), FrameRate(25), 90000, findings=(Finding("x", "y"),))


def _with(*cues: Cue) -> Callable[[SubtitleDocument, PassContext], SubtitleDocument]:
    def bad(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
        return replace(document, cues=cues)

    return bad


A, B = DOCUMENT.cues


@pytest.mark.parametrize(
    ("cues", "texts", "codes"),
    [
        pytest.param((replace(A, text="壹"), B), ("壹", "二"), [], id="text only"),
        pytest.param((replace(A, text="壹", end_frame=9), B), ("一", "二"), ["passes.cue_moved"], id="time"),
        pytest.param((replace(A, text="壹", speaker="乙"), B), ("一", "二"), ["passes.cue_moved"], id="speaker"),
        pytest.param((replace(A, text="壹"),), ("壹", "二"), ["passes.cue_lost", "passes.cues_changed"], id="lost"),
        pytest.param((A, B, Cue("c", 20, 30, "三")), ("一", "二"), ["passes.cues_changed"], id="added"),
        pytest.param((replace(A, id="z"), B), ("一", "二"), ["passes.cue_lost", "passes.cues_changed"], id="renamed"),
    ],
)
def test_only_text_comes_through(cues: tuple[Cue, ...], texts: tuple[str, ...], codes: list[str]) -> None:
    done, _ = run_passes(DOCUMENT, (_with(*cues),), PassContext())
    assert tuple(cue.text for cue in done.cues) == texts
    assert [replace(cue, text="") for cue in done.cues] == [replace(cue, text="") for cue in DOCUMENT.cues]
    assert [finding.code for finding in done.findings] == ["x", *codes]
    assert (done.rate, done.start_frame, done.history) == (FrameRate(25), 90000, ("bad",))


def test_an_impossible_document_changes_nothing() -> None:
    done, changes = run_passes(DOCUMENT, (_with(replace(A, text=" "), B), _with(B, A)), PassContext())
    assert done.cues == DOCUMENT.cues and changes == ()
    assert [finding.code for finding in done.findings] == ["x", "passes.broken", "passes.broken"]


def test_each_change_is_kept_with_its_note() -> None:
    def noted(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
        context.notes["a"] = Note("model", ("passes.level_written",), (Refusal("壞", ("passes.guard_length",)),))
        return replace(document, cues=(replace(A, text="壹"), replace(B, text="貳")))

    _, changes = run_passes(DOCUMENT, (noted,), PassContext())
    assert changes[1] == Change("b", "noted", "二", "貳", Note("rules"))
    assert diff_json(changes)[0] == {
        "cue": "a",
        "pass": "noted",
        "before": "一",
        "after": "壹",
        "source": "model",
        "reasons": ["passes.level_written"],
        "refused": [{"reply": "壞", "reasons": ["passes.guard_length"]}],
    }


def test_cancel_stops_between_passes() -> None:
    context = PassContext()
    context.cancel.cancel()
    with pytest.raises(Cancelled):
        run_passes(DOCUMENT, (_with(A, B),), context)
