"""The one catalogue of user-visible text, in English and Traditional Chinese (Hong Kong).

Texts live in `data/messages/*.json`, one file an area: {"area.name": {"en": ..., "zh": ..., "hint_en": ..., "hint_zh": ...}}.
To add one, put it in the area's file; `tests/test_messages.py` checks that both languages exist and use the same placeholders.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]

_FOLDER = Path(__file__).parent / "data" / "messages"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All entries of all areas by key.

    Raises ValueError when two areas define the same key.
    """
    entries: dict[str, dict[str, str]] = {}
    for file in sorted(_FOLDER.glob("*.json")):
        for key, entry in json.loads(file.read_text("utf-8")).items():
            if key in entries:
                raise ValueError(f"{file.name} defines {key} again")
            entries[key] = entry
    return entries


def text(key: str, language: Language = "en", /, **params: object) -> str:
    """The text of `key` with its placeholders filled. Raises KeyError for a key that is in no area."""
    return catalogue()[key][language].format_map(params)


def hint(key: str, language: Language = "en", /, **params: object) -> str:
    """The next step for `key`, or '' where the entry has none. Raises KeyError for a key that is in no area."""
    return catalogue()[key].get(f"hint_{language}", "").format_map(params)


def language_from_environment() -> Language:
    """'zh' when CANTO_BEATS_LANG, LC_ALL, LC_MESSAGES or LANG names Chinese, else 'en'."""
    for name in ("CANTO_BEATS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith(("zh", "yue")) else "en"
    return "en"
