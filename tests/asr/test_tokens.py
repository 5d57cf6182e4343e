"""Special tokens of the two vocabularies, with OpenAI's ids written out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.asr.layout import ModelFolder, read_folder
from core.asr.tokens import SpecialTokens, special_tokens
from core.errors import SetupError

from ..fakes.whisper_model import PRACTICE


def folder(n_vocab: int, **generation: Any) -> ModelFolder:
    return ModelFolder(Path("model"), "hf", (), {}, generation, 80, n_vocab, 448)


def test_hundred_languages() -> None:
    assert special_tokens(folder(51866)) == SpecialTokens(
        end=50257,
        start=50258,
        languages=(("en", 50259), ("yue", 50358), ("zh", 50260)),
        transcribe=50360,
        previous=50362,
        no_speech=50363,
        stamps=50365,
    )


def test_ninety_nine_languages() -> None:
    special = special_tokens(folder(51865))
    assert special == SpecialTokens(
        end=50257, start=50258, languages=(("en", 50259), ("zh", 50260)), transcribe=50359, previous=50361, no_speech=50362, stamps=50364
    )


def test_cantonese_is_chinese_where_the_vocabulary_has_none() -> None:
    assert special_tokens(folder(51866)).prompt("yue") == (50258, 50358, 50360)
    assert special_tokens(folder(51865)).language("yue") == "zh"
    assert special_tokens(folder(51865)).prompt("yue") == (50258, 50260, 50359)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SetupError) as caught:
        special_tokens(folder(51866)).prompt("tlh")
    assert caught.value.code == "asr.no_language"


def test_forbidden_tokens_are_text_only() -> None:
    assert special_tokens(folder(51866, suppress_tokens=[1, 50256, 50258, 50363])).suppressed == (1, 50256)


@pytest.mark.parametrize("n_vocab", [51864, 50258, 32000])
def test_other_vocabularies_are_refused(n_vocab: int) -> None:
    with pytest.raises(SetupError) as caught:
        special_tokens(folder(n_vocab))
    assert caught.value.code == "asr.unknown_vocabulary"


def test_a_vocabulary_padded_by_a_fine_tune_is_read_from_its_generation_config() -> None:
    languages = json.loads((PRACTICE / "generation_config.json").read_text("utf-8"))["lang_to_id"]
    special = special_tokens(folder(51968, lang_to_id=languages, no_timestamps_token_id=50364))
    assert (special.prompt("yue"), special.stamps) == ((50258, 50358, 50360), 50365)


def test_the_practice_model_agrees_with_its_own_tokenizer() -> None:
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(PRACTICE / "tokenizer.json"))
    special = special_tokens(read_folder(PRACTICE))
    names = ("<|endoftext|>", "<|startoftranscript|>", "<|yue|>", "<|transcribe|>", "<|nospeech|>", "<|0.00|>")
    ids = (special.end, special.start, dict(special.languages)["yue"], special.transcribe, special.no_speech, special.stamps)
    assert tuple(words.token_to_id(name) for name in names) == ids
