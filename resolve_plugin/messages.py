"""User-visible text of the plugin, in English and Traditional Chinese (Hong Kong).

`messages.json` maps a key to {"en": ..., "zh": ...}; a hint has its own key '<key>.hint'. A test checks both languages of every entry and that
every key used in the code exists.
"""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache
from typing import Any

_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "messages.json")
_CHINESE = ("zh", "yue")


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """All entries."""
    with open(_FILE, encoding="utf-8") as file:
        entries: dict[str, dict[str, str]] = json.load(file)
    return entries


def text(key: str, language: str = "en", /, **params: Any) -> str:
    """The text of `key` with placeholders filled; a missing key is a programming error (KeyError)."""
    return catalogue()[key][language].format_map(params)


def system_language() -> str:
    """'zh' when the system speaks Chinese, else 'en': environment first, then the macOS preference, which a Dock-started app still has."""
    for name in ("CANTO_BEATS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value and value not in ("C", "POSIX", "C.UTF-8"):
            return "zh" if value.lower().startswith(_CHINESE) else "en"
    return "zh" if _macos_language().lower().startswith(_CHINESE) else "en"


def _macos_language() -> str:
    if sys.platform != "darwin":
        return ""
    import plistlib

    try:
        with open(os.path.expanduser("~/Library/Preferences/.GlobalPreferences.plist"), "rb") as file:
            languages = plistlib.load(file).get("AppleLanguages") or [""]
    except (OSError, ValueError):
        return ""
    return str(languages[0])
