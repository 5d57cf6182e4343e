"""Text in circles, and natural text that only looks like it."""

from __future__ import annotations

import pytest

from core.asr.repeats import Repeat, compression, packs_too_well, tandem_repeat

NATURAL = "今日天氣好好我哋不如去海邊行下你食咗飯未呀琴日我喺旺角見到佢呢份文件要喺星期五之前交唔該晒你幫我手聽日朝早九點喺公司樓下等我都唔知點解"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (NATURAL, None),
        ("哈哈哈哈哈哈", None),
        ("係係係，我知我知我知", None),
        ("好開心好開心好開心", None),
        ("哈哈哈哈哈哈哈哈哈", Repeat(0, 9, 1)),
        ("佢話多謝多謝多謝多謝多謝呀", Repeat(2, 12, 2)),
        ("我哋一齊去海邊行我哋一齊去海邊行", None),
        ("我哋去海邊" * 3, None),
        ("我哋去海邊行" * 3, Repeat(0, 18, 6)),
        ("請不吝點讚訂閱轉發" * 3, Repeat(0, 27, 9)),
    ],
)
def test_tandem_repeats(text: str, expected: Repeat | None) -> None:
    assert tandem_repeat(text) == expected


def test_compression() -> None:
    assert compression("") == 0.0
    # a deflate stream of one repeated character is some 20 bytes
    assert compression("好" * 200) > 20
    assert 1.0 < compression(NATURAL) < 1.5


def test_packing_counts_from_sixty_characters_on() -> None:
    assert not packs_too_well("多謝收看" * 14)
    assert packs_too_well("多謝收看" * 15)
    assert not packs_too_well(NATURAL)
