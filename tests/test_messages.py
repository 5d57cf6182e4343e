"""The catalogue: both languages, the same placeholders, and an entry for every code that the source names."""

import re
import string
from pathlib import Path

import pytest

from core.messages import catalogue, hint, language_from_environment, text

CORE = Path(__file__).parent.parent / "core"


def _placeholders(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_an_entry_has_both_languages_and_knows_the_same_names(key: str) -> None:
    entry = catalogue()[key]
    assert entry["en"].strip() and entry["zh"].strip()
    assert _placeholders(entry["en"]) == _placeholders(entry["zh"])
    assert ("hint_en" in entry) == ("hint_zh" in entry)
    assert set(entry) <= {"en", "zh", "hint_en", "hint_zh"}


def test_every_code_raised_in_the_source_has_an_entry_and_an_error_has_a_hint() -> None:
    raised = re.compile(r"(?:InputError|SetupError|StageError|WireError)\(\s*\"([a-z_0-9]+\.[a-z_0-9.]+)\"")
    codes = {code for file in CORE.rglob("*.py") for code in raised.findall(file.read_text("utf-8"))}
    assert len(codes) > 10
    missing = sorted(code for code in codes if code not in catalogue())
    without_hint = sorted(code for code in codes & set(catalogue()) if not catalogue()[code].get("hint_en"))
    assert (missing, without_hint) == ([], [])


def test_text_and_hint_fill_placeholders() -> None:
    assert text("files.missing", "en", file="a.mov") == "a.mov does not exist."
    assert text("files.missing", "zh", file="a.mov") == "找不到 a.mov。"
    assert hint("files.missing", "en", file="a.mov").startswith("Check the spelling")


@pytest.mark.parametrize(("value", "language"), [("zh_HK.UTF-8", "zh"), ("yue_HK", "zh"), ("en_GB.UTF-8", "en"), ("C", "en")])
def test_the_language_follows_the_environment(value: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CANTO_BEATS_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", value)
    assert language_from_environment() == language
