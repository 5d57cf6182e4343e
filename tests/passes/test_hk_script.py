"""Hong Kong characters: simplified text, names, and the words that only neighbours can tell."""

from __future__ import annotations

import pytest

from core.document import Cue, SubtitleDocument
from core.passes.base import PassContext, ScriptOptions
from core.passes.glossary import Glossary
from core.passes.hk_script import hk_script, is_simplified
from core.timing import FrameRate


def _texts(context: PassContext, *texts: str) -> list[str]:
    document = SubtitleDocument(tuple(Cue(f"c{n}", n * 100, n * 100 + 50, text) for n, text in enumerate(texts)), FrameRate(25))
    return [cue.text for cue in hk_script(document, context).cues]


@pytest.mark.parametrize(
    ("simplified", "hong_kong"),
    [
        ("呢几个字都表达唔到", "呢幾個字都表達唔到"),
        ("佢只系谂住一次过学咁多嘢", "佢只係諗住一次過學咁多嘢"),
        ("边个系学系主任", "邊個係學系主任"),
        ("我食左饭黎㗎", "我食咗飯嚟㗎"),
        ("呢个系统同我冇关系", "呢個系統同我冇關係"),
        ("我既手机试吓先", "我嘅手機試吓先"),
        ("你吓亲我", "你嚇親我"),
        ("点解甘贵", "點解咁貴"),
    ],
)
def test_simplified_text_becomes_hong_kong_cantonese(simplified: str, hong_kong: str) -> None:
    assert _texts(PassContext(), simplified) == [hong_kong]


def test_traditional_text_keeps_its_names() -> None:
    assert _texts(PassContext(), "余香凝同甘小姐喺左邊", "黎明唱歌", "皇后大道") == ["余香凝同甘小姐喺左邊", "黎明唱歌", "皇后大道"]


def test_the_variants_are_a_choice() -> None:
    assert _texts(PassContext(), "他说衞生") == ["他說衞生".replace("衞", "衛")]
    assert _texts(PassContext(script=ScriptOptions("standard")), "他说卫生") == ["他説衞生"]


def test_glossary_names_keep_their_characters() -> None:
    assert _texts(PassContext(glossary=Glossary(("余德丞",))), "佢系余德丞，边个话嘅") == ["佢係余德丞，邊個話嘅"]


def test_which_text_is_simplified() -> None:
    assert is_simplified("边个系学系主任")
    assert not is_simplified("邊個係學系主任，余先生")
