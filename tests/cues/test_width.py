"""Display width: full-width 1, half-width 0.5, by grapheme."""

import pytest

from core.cues.width import graphemes, width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0.0),
        ("你好", 2.0),
        ("ok", 1.0),
        ("去 Mong Kok 食飯", 8.0),
        ("𨋢㗎嘅", 3.0),
        ("，。「」", 4.0),
        ("e\u0301", 0.5),
        ("\u200b\ufeff你", 1.0),
        ("👨‍👩‍👧", 1.0),
        ("❤️", 1.0),
    ],
)
def test_width(text: str, expected: float) -> None:
    assert width(text) == expected


def test_graphemes_keep_marks_with_their_base() -> None:
    assert graphemes("e\u0301你👨‍👩‍👧") == ("e\u0301", "你", "👨‍👩‍👧")
