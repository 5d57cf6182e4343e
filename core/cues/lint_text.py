"""Checks of marks and blanks, after the Traditional Chinese style guides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .lint_base import Check, Find, Hit, Subject, each_line, hit

_HAN = r"[㐀-鿿\U00020000-\U0003ffff]"
_NETFLIX = "Netflix Traditional Chinese 215994807"
_LINE_END = re.compile(rf"([，。、；]|(?<={_HAN})[,;.])\s*$")
HALF_WIDTH = re.compile(rf"(?<={_HAN})[,!?:;](?!\d)|[!?](?={_HAN})")
ELLIPSIS = re.compile("\\.{2,}|。{2,}|[…⋯]{2,}")
DOUBLED = re.compile("[？！?!]{2,}")
_BLANKS = re.compile(r"^\s|\s$|[ \u3000\t]{2,}|\u3000")
_MIXED = re.compile("[0-9０-９][十百千]|[一二三四五六七八九十百千][0-9０-９]")
_QUESTION = re.compile(
    r"(?:嗎|咩|係咪|係唔係|是不是|有冇|有沒有|(\w)[唔不]\1\w{0,2}|[咗過]\w{0,3}未|[飽好定完到嚟]未|點解|為甚麼|為什麼|邊個|邊度|幾多|幾時)[呀啊㗎呢]?[。.]?$"
)
_BOUND = re.compile(rf"{_HAN}( ?)(?=[A-Za-z])|(?<=[A-Za-z])( ?){_HAN}")


def _on_lines(pattern: re.Pattern[str]) -> Find:
    """A hit for every line in which the pattern is found; the message shows what was found."""

    def find(subject: Subject) -> Iterator[Hit]:
        for index, line in each_line(subject):
            if found := pattern.search(line):
                yield hit(index, text=found[0].strip() or "␣")

    return find


def _empty(subject: Subject) -> Iterator[Hit]:
    """Cues that the reader of the file had to drop; they are reported at the first cue."""
    for finding in subject.document.findings if subject.document.cues else ():
        if finding.code == "formats.empty_dropped":
            yield hit(0, message=finding.message)


def _missing_question(subject: Subject) -> Iterator[Hit]:
    for index, cue in enumerate(subject.document.cues):
        if any(mark in cue.text[-2:] for mark in "？?"):
            continue
        said = subject.spoken.get(cue.id, "").strip()
        if _QUESTION.search(cue.text.strip()) or said.endswith(("？", "?")):
            yield hit(index)


def _latin_spacing(subject: Subject) -> Iterator[Hit]:
    """Blanks between Chinese and Latin letters, where most places of the document have none, or the other way round."""
    cues = subject.document.cues
    spaced = [[bool(found[1] or found[2]) for found in _BOUND.finditer(cue.text)] for cue in cues]
    flat = [value for values in spaced for value in values]
    usual = 2 * sum(flat) >= len(flat)
    yield from (hit(index) for index, values in enumerate(spaced) if any(value != usual for value in values))


def _unified(table: dict[str, str]) -> Callable[[Subject], Iterator[Hit]]:
    """Hits where a character is written in the form that the document uses less."""

    def find(subject: Subject) -> Iterator[Hit]:
        wrong = {old: new for old, new in usual_forms(subject, table).items() if old != new}
        for index, cue in enumerate(subject.document.cues):
            for char in dict.fromkeys(cue.text):
                if char in wrong:
                    yield hit(index, text=char, other=wrong[char])

    return find


VARIANTS = dict(zip("説羣衞牀綫麪裡啓峯", "說群衛床線麵裏啟峰", strict=True))


def usual_forms(subject: Subject, table: dict[str, str] = VARIANTS) -> dict[str, str]:
    """Each variant form in the document -> the form that the document uses more; on a tie the one that Hong Kong screens show."""
    whole = "".join(cue.text for cue in subject.document.cues)
    usual: dict[str, str] = {}
    for reference, common in table.items():
        if reference in whole and common in whole:
            better = reference if whole.count(reference) > whole.count(common) else common
            usual[common if better == reference else reference] = better
    return usual


CHECKS = (
    Check("empty", "error", _empty, "SubtitleDocument: a cue has text", fix=True),
    Check("whitespace", "error", _on_lines(_BLANKS), "Netflix general requirements 215758617: no blanks at ends, none doubled", fix=True),
    Check("line_end_punct", "warning", _on_lines(_LINE_END), f"{_NETFLIX}: no comma or full stop at the end of a line", fix=True),
    Check("halfwidth_punct", "warning", _on_lines(HALF_WIDTH), f"{_NETFLIX}: full-width marks", fix=True),
    Check("ellipsis", "warning", _on_lines(ELLIPSIS), f"{_NETFLIX}: one character", fix=True),
    Check("double_marks", "warning", _on_lines(DOUBLED), f"{_NETFLIX}: no doubled question or exclamation marks", fix=True),
    Check("missing_question", "warning", _missing_question, f"{_NETFLIX}: a question mark is mandatory"),
    Check("mixed_numeral", "warning", _on_lines(_MIXED), f"{_NETFLIX}: no number half in digits, half in characters"),
    Check("latin_spacing", "info", _latin_spacing, "Project convention: one policy for blanks around Latin words"),
    Check("hk_variant", "warning", _unified(VARIANTS), "Project convention: one form of a character in a document", fix=True),
)
