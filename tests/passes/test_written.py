"""The written pass: model, then rules, then what was said; every refusal a Finding with its reply."""

from __future__ import annotations

import pytest

from core.document import Cue, SubtitleDocument
from core.errors import Cancelled, StageError
from core.passes.base import PassContext, run_passes
from core.passes.diff import Change
from core.passes.glossary import Glossary
from core.passes.written import written
from core.timing import FrameRate

from ..fakes.text_model import FaultyModel, GoodModel


def _document(*texts: str, gap: int = 50) -> SubtitleDocument:
    return SubtitleDocument(tuple(Cue(f"c{n}", n * 100, n * 100 + 100 - gap, text) for n, text in enumerate(texts)), FrameRate(25))


def _run(document: SubtitleDocument, context: PassContext) -> tuple[list[str], SubtitleDocument, tuple[Change, ...]]:
    done, changes = run_passes(document, (written,), context)
    return [cue.text for cue in done.cues], done, changes


def test_rules_alone() -> None:
    texts, done, changes = _run(_document("佢哋唔喺度", "食咗飯未呀？"), PassContext())
    assert texts == ["他們不在這裏", "吃了飯沒有？"]
    assert (done.register, done.history, done.findings) == ("written", ("written",), ())
    assert [(change.cue_id, change.note.source, change.note.reasons) for change in changes] == [
        ("c0", "rules", ("passes.level_written",)),
        ("c1", "rules", ("passes.level_written",)),
    ]


def test_half_and_spoken() -> None:
    assert _run(_document("佢唔鍾意食餸"), PassContext("half"))[0] == ["他不鍾意食餸"]
    texts, done, changes = _run(_document("佢唔鍾意食嘢"), PassContext("spoken"))
    assert (texts, done.register, changes) == (["佢唔鍾意食嘢"], "spoken", ())


def test_a_good_reply_is_taken() -> None:
    model = GoodModel({"佢哋唔喺度": "他們不在這兒"})
    texts, done, changes = _run(_document("佢哋唔喺度"), PassContext(model=model))
    assert (texts, done.findings, changes[0].note.source) == (["他們不在這兒"], (), "model")
    assert model.prompts == ["1. 佢哋唔喺度"]


def test_a_refused_reply_is_asked_for_again_then_left_to_the_rules() -> None:
    model = GoodModel({"佢哋唔喺度": "他們在這裏"})
    texts, done, changes = _run(_document("佢哋唔喺度", "個女好靚"), PassContext(model=model))
    assert texts == ["他們不在這裏", "女兒很漂亮"]
    assert model.prompts == ["1. 佢哋唔喺度\n2. 個女好靚", "1. 佢哋唔喺度\n後文（不用改寫）：個女好靚"]
    assert [(finding.code, finding.cue_id) for finding in done.findings] == [("passes.refused", "c0")] * 2
    assert done.findings[0].message == "A rewrite was refused (yes and no differ): 他們在這裏"
    assert (changes[0].note.source, [refusal.reply for refusal in changes[0].note.refused]) == ("rules", ["他們在這裏"] * 2)


def test_a_sentence_over_two_cues_is_asked_as_one_and_shared_out() -> None:
    model = GoodModel({"我諗住聽日同你去旺角食飯": "我打算明天跟你去旺角吃飯"})
    texts, _, _ = _run(_document("我諗住聽日", "同你去旺角食飯", gap=0), PassContext(model=model))
    assert texts == ["我打算明天", "跟你去旺角吃飯"]
    assert model.prompts == ["1. 我諗住聽日同你去旺角食飯"]


def test_a_word_cut_in_two_by_a_cue_is_read_whole() -> None:
    assert _run(_document("佢打咗個電", "話俾我", gap=0), PassContext())[0] == ["他打了一個電話", "給我"]


def test_a_failing_model_leaves_the_rest_to_the_rules_and_is_told() -> None:
    class Broken(GoodModel):
        def generate(self, *arguments: object) -> object:  # type: ignore[override]
            raise StageError("llm.failed_for_the_test", detail="x") if self.answers else RuntimeError("no memory left")

    texts, done, _ = _run(_document("佢唔喺度"), PassContext(model=Broken()))
    assert texts == ["他不在這裏"]
    assert [finding.code for finding in done.findings] == ["passes.model_failed"] * 2
    assert "no memory left" in done.findings[0].message


def test_a_run_that_was_cancelled_asks_the_model_nothing() -> None:
    context = PassContext(model=(model := GoodModel()))
    context.cancel.cancel()
    with pytest.raises(Cancelled):
        written(_document("佢唔喺度"), context)
    assert model.prompts == []


def test_particles_alone_stay_and_a_note_says_so() -> None:
    texts, done, _ = _run(_document("囉", "佢走咗囉"), PassContext())
    assert texts == ["囉", "他走了"]
    assert [(finding.code, finding.level, finding.cue_id) for finding in done.findings] == [("passes.particles_kept", "info", "c0")]


def test_a_great_change_of_length_is_noted() -> None:
    _, done, _ = _run(_document("冇"), PassContext())
    assert [(finding.code, finding.message) for finding in done.findings] == [("passes.length", "The cue went from 1 to 2 characters.")]


def test_glossary_names_are_left_alone_by_the_rules() -> None:
    assert _run(_document("我去冇有鬼餐廳"), PassContext(glossary=Glossary(("冇有鬼餐廳",))))[0] == ["我去冇有鬼餐廳"]


def test_the_document_given_is_never_changed() -> None:
    document = _document("佢唔喺度")
    _run(document, PassContext(model=FaultyModel(seed=3)))
    assert document == _document("佢唔喺度")
