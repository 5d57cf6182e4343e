"""Words of Cantonese and written Chinese, and places that are those of the original text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cues.segmenter import Segmenter, segmenter
from core.cues.words import word_list


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我哋而家喺邊度食飯", "我哋 而家 喺 邊度 食飯"),
        ("即係嗰陣時冇乜嘢做", "即係 嗰陣時 冇乜嘢 做"),
        ("噉樣哩個係唔使嘅𡃉", "噉樣 哩個 係 唔使 嘅 𡃉"),
        ("因為疫情的關係很多店舖都倒閉了", "因為 疫情 的 關係 很多 店舖 都 倒閉 了"),
        ("香港科技大學打電話給我", "香港科技大學 打電話 給 我"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert segmenter().words(text) == tuple(words.split())


def test_a_name_is_kept_whole_only_where_it_was_given() -> None:
    assert "龜波氣功" in segmenter(frozenset({"龜波氣功"})).words("佢識龜波氣功")
    assert "龜波氣功" not in segmenter().words("佢識龜波氣功")


def test_no_text_has_no_words() -> None:
    assert segmenter().ends("") == () and segmenter().words("") == ()


def test_a_conversion_that_changes_the_length_is_done_by_the_character() -> None:
    class Longer:
        def convert(self, text: str) -> str:
            return {"乾": "干", "嘢": "野?"}.get(text, text if len(text) == 1 else text + "!")

    own = Segmenter()
    own._shadow = Longer()
    assert own.shadow("乾嘢好") == "干野好"


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(segmenter().words(text)) == text


@pytest.mark.parametrize("name", ["cantonese", "no_start", "no_end", "openers", "linkers", "alone", "particles"])
def test_lists_have_no_marks_in_them(name: str) -> None:
    assert word_list(name) and all(word.isalnum() for word in word_list(name))
