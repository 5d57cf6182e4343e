"""Whisper's special tokens in one model folder: where they are, and the prompt made of them. Both backends read them here.

OpenAI's order (whisper `tokenizer.py`): text 0..50256, end 50257, start 50258, the languages, translate, transcribe, start of LM, start of
previous text, no speech, no timestamps, then <|0.00|> to <|30.00|> in steps of 20 ms. Vocabularies differ in the number of languages: 99
(51865 entries, without Cantonese) or 100 (51866, with 'yue' as the last).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import SetupError
from .layout import ModelFolder

STAMP_MS = 20
STAMPS = 1501

_END = 50257
_LANGUAGES = {51865: 99, 51866: 100}
# places in OpenAI's list of languages
_PLACES = {"en": 0, "zh": 1, "yue": 99}


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """Token ids. Text is [0, end); `stamps` is <|0.00|>; `suppressed` are text tokens that the model's makers forbid."""

    end: int
    start: int
    languages: tuple[tuple[str, int], ...]
    transcribe: int
    previous: int
    no_speech: int
    stamps: int
    suppressed: tuple[int, ...] = ()

    def language(self, asked: str) -> str:
        """The code to use for `asked`: itself, or 'zh' for 'yue' in a vocabulary without Cantonese. Raises SetupError `asr.no_language`."""
        known = dict(self.languages)
        for code in (asked, "zh") if asked == "yue" else (asked,):
            if code in known:
                return code
        raise SetupError("asr.no_language", language=asked)

    def prompt(self, asked: str) -> tuple[int, ...]:
        """What a chunk's decoding starts with: start, language, transcribe. Raises SetupError `asr.no_language`."""
        return (self.start, dict(self.languages)[self.language(asked)], self.transcribe)


def special_tokens(folder: ModelFolder) -> SpecialTokens:
    """The ids of `folder`'s vocabulary. Raises SetupError `asr.unknown_vocabulary` for one that is not multilingual Whisper's."""
    listed = folder.generation.get("lang_to_id") or {}
    count = len(listed) or _LANGUAGES.get(folder.n_vocab, 0)
    first = _END + 2
    after = first + count
    no_timestamps = folder.generation.get("no_timestamps_token_id") or after + 5
    if not count or no_timestamps != after + 5 or no_timestamps + STAMPS >= folder.n_vocab:
        raise SetupError("asr.unknown_vocabulary", folder=folder.path, size=folder.n_vocab)
    languages = {code: first + place for code, place in _PLACES.items() if place < count}
    languages |= {name.strip("<|>"): number for name, number in listed.items()}
    return SpecialTokens(
        end=_END,
        start=_END + 1,
        languages=tuple(sorted(languages.items())),
        transcribe=after + 1,
        previous=after + 3,
        no_speech=after + 4,
        stamps=no_timestamps + 1,
        suppressed=tuple(token for token in folder.generation.get("suppress_tokens") or () if 0 <= token < _END),
    )
