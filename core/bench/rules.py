"""`canto-beats bench rules`: the rule engine against blind replacement, on the gold set and on real speech.

Another contestant is one more entry of `_contestants`: its name and a function from lines to lines. HKCanCor's utterances, which have no
reference, are rewritten too where pycantonese is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ..rules.engine import engine
from .gold import gold_lines, kept
from .table import BenchResult, Row
from .text_metrics import chrf2, markers_per_100

Rewrite = Callable[[Sequence[str]], list[str]]

# One character or word for another wherever it stands, as simple converters do it
_BLIND = {
    "點解": "為何", "邊個": "誰", "幾多": "多少", "而家": "現在", "嘅": "的", "係": "是", "咗": "了", "喺": "在", "唔": "不", "冇": "沒有",
    "俾": "給", "畀": "給", "嘢": "東西", "佢": "他", "哋": "們", "睇": "看", "嗰": "那", "呢": "這", "乜": "什麼", "咁": "這樣",
    "啲": "些", "話": "說", "嚟": "來", "攞": "拿", "諗": "想", "啦": "", "㗎": "", "囉": "", "喎": "", "呀": "", "咩": "", "喇": "",
}  # fmt: skip


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Score and time all contestants; `quick` times a tenth of the lines. Nothing is written to `work`.

    Raises SetupError `passes.gold_missing`.
    """
    return BenchResult("rules", tuple(_measure(name, rewrite, 5 if quick else 50) for name, rewrite in _contestants()))


def _contestants() -> Iterator[tuple[str, Rewrite | None]]:
    yield "as spoken", None
    yield "blind replacement", lambda lines: [_blind(line) for line in lines]
    rules = engine("written")
    yield "rules (ours)", lambda lines: [texts[0] for texts in rules.rewrite((line,) for line in lines)]


def _blind(line: str) -> str:
    for spoken, written in _BLIND.items():
        line = line.replace(spoken, written)
    return line


def _measure(name: str, rewrite: Rewrite | None, times: int) -> Row:
    gold = gold_lines()
    spoken = [line.spoken for line in gold]
    made = rewrite(spoken) if rewrite else spoken
    parts = {group: [(text, line.written) for text, line in zip(made, gold, strict=True) if line.held == held] for group, held in _GROUPS}
    scores = {f"chrf2_{group}": round(chrf2(*zip(*pairs, strict=True)), 2) for group, pairs in parts.items()}
    facts = 100 * sum(kept(text, line) for text, line in zip(made, gold, strict=True)) / len(gold)
    row = Row(name, {**scores, "markers_per_100": round(markers_per_100(made), 2), "facts_kept_pct": round(facts, 1)})
    if find_spec("pycantonese"):
        real = hkcancor_lines()
        row.metrics["hkcancor_markers_per_100"] = round(markers_per_100(rewrite(real) if rewrite else real), 2)
    if rewrite:
        row.metrics["lines_per_s"] = _speed(rewrite, spoken * times)
    return row


_GROUPS = (("open", False), ("held", True))


def _speed(rewrite: Rewrite, lines: Sequence[str]) -> int:
    """Lines a second, the best of three runs: other programs only ever make it slower."""
    seconds = []
    for _ in range(3):
        started_s = time.perf_counter()
        rewrite(lines)
        seconds.append(time.perf_counter() - started_s)
    return round(len(lines) / min(seconds))


@cache
def hkcancor_lines() -> tuple[str, ...]:
    """Every utterance of the HKCanCor corpus that has words (about 16,000)."""
    from pycantonese import hkcancor

    lines = ("".join(token.word for token in utterance.tokens if token.word) for utterance in hkcancor().utterances())
    return tuple(line for line in lines if line.strip())
