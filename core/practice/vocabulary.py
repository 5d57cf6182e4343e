"""The token set of Whisper large-v3: its numbers, its tokenizer files, and the small share of it that training meets.

The byte-pair ranks come from the mlx-whisper wheel (OpenAI's multilingual vocabulary, MIT). To add a special token: there is none to
add, the list is Whisper's own and every number below follows from it.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SetupError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VOCAB_SIZE = 51866
END, START, YUE, TRANSCRIBE = 50257, 50258, 50358, 50360
TRANSLATE, START_OF_LM, START_OF_PREVIOUS, NO_SPEECH, NO_TIMESTAMPS = 50359, 50361, 50362, 50363, 50364
FIRST_TIMESTAMP = 50365
TIMESTAMPS = 1501
TICKS_PER_SECOND = 50  # timestamps are 0.02 s apart
MAX_TOKENS = 448

# OpenAI's pattern for Whisper (tokenizer.py of openai-whisper and mlx-whisper)
_PATTERN = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def timestamp(seconds: float) -> int:
    """The token for a time within the window; raises ValueError outside 0..30 s."""
    tick = round(seconds * TICKS_PER_SECOND)
    if not 0 <= tick < TIMESTAMPS:
        raise ValueError(f"{seconds} s is outside a Whisper window")
    return FIRST_TIMESTAMP + tick


def languages() -> dict[str, int]:
    """Language token to number, in large-v3's order (Cantonese is the last of the hundred)."""
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    return {f"<|{code}|>": START + 1 + index for index, code in enumerate(LANGUAGES)}


def control_tokens() -> list[str]:
    """The tokens from <|endoftext|> to <|notimestamps|>, in the order of their numbers."""
    tail = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
    return ["<|endoftext|>", "<|startoftranscript|>", *languages(), *(f"<|{name}|>" for name in tail)]


def build_tokenizer() -> Tokenizer:
    """The whole large-v3 tokenizer, timestamps included, from mlx-whisper's vocabulary file.

    Raises SetupError without mlx-whisper.
    """
    from tokenizers import AddedToken
    from transformers.convert_slow_tokenizer import TikTokenConverter

    converter = TikTokenConverter(vocab_file=str(_ranks_file()), pattern=_PATTERN, extra_special_tokens=control_tokens())
    tokenizer: Tokenizer = converter.converted()
    # not special: transformers finds the first timestamp as the number after the last special token
    stamps = [f"<|{tick / TICKS_PER_SECOND:.2f}|>" for tick in range(TIMESTAMPS)]
    tokenizer.add_tokens([AddedToken(stamp, normalized=False, special=False) for stamp in stamps])
    return tokenizer


def write_tokenizer(folder: Path) -> None:
    """Write tokenizer.json, tokenizer_config.json and special_tokens_map.json, as transformers and faster-whisper read them."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer()
    special = {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    extra = [token for token in control_tokens() if token != "<|endoftext|>"]
    config: dict[str, Any] = {
        **special,
        "tokenizer_class": "WhisperTokenizer",
        "processor_class": "WhisperProcessor",
        "model_max_length": MAX_TOKENS,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "errors": "replace",
        "additional_special_tokens": extra,
    }
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False), "utf-8")
    _write_json(folder / "tokenizer_config.json", config)
    _write_json(folder / "special_tokens_map.json", {**special, "additional_special_tokens": extra})


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer written by `write_tokenizer`; needs only the tokenizers package."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def _ranks_file() -> Path:
    spec = importlib.util.find_spec("mlx_whisper")
    if spec is None or not spec.submodule_search_locations:
        raise SetupError("practice.no_vocabulary")
    return Path(spec.submodule_search_locations[0]) / "assets" / "multilingual.tiktoken"


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
