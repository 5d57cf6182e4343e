"""chrF2 with the values that sacrebleu 2.6.0 gives (`CHRF().corpus_score`), and the count of spoken marks."""

from __future__ import annotations

import pytest

from core.bench.text_metrics import chrf2, markers_per_100


@pytest.mark.parametrize(
    ("texts", "references", "score"),
    [
        (["我喜歡你"], ["我喜歡你"], 100.0),
        (["他在家"], ["她在家裏"], 29.461279461279453),
        (["天文台說明天會下大雨", "我"], ["天文台說明天會下雨", "你"], 81.0128692228759),
        (["a b c", "佢喺度"], ["ab c", "他在這裏"], 40.55851063829787),
        ([""], ["好"], 0.0),
        (["甲"], ["乙"], 0.0),
    ],
)
def test_chrf2_is_sacrebleus(texts: list[str], references: list[str], score: float) -> None:
    assert chrf2(texts, references) == pytest.approx(score, abs=1e-9)


def test_a_corpus_needs_its_references() -> None:
    with pytest.raises(ValueError, match="shorter"):
        chrf2(["一", "二"], ["一"])


def test_markers() -> None:
    assert markers_per_100(["佢唔喺度"]) == 75.0
    assert markers_per_100(["他說「我唔走」"]) == 0.0
    assert markers_per_100([]) == 0.0
