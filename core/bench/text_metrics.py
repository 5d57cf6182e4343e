"""How good a rewrite is: chrF2 against a reference, spoken marks left over, facts kept.

chrF: Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015; with sacrebleu's defaults (n-grams of 1 to 6 characters
without white space, beta 2, summed over the corpus), whose values the tests hold. A new metric is a function of texts here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

_ORDER, _BETA = 6, 2
# Characters that written Chinese does not use, or only inside a few words
MARKERS = frozenset("嘅係咗喺唔冇嗰呢㗎喎囉啦咩喇佢哋嘢乜嚟畀俾睇咁啲攞諗嘞")
_QUOTED = re.compile("「[^」]*」|『[^』]*』|《[^》]*》")


def chrf2(texts: Sequence[str], references: Sequence[str]) -> float:
    """chrF2 of a corpus, 0 to 100. Raises ValueError when the two differ in number."""
    made, wanted, both = ([0] * _ORDER for _ in range(3))
    for text, reference in zip(texts, references, strict=True):
        for order, (one, two) in enumerate(zip(_ngrams(text), _ngrams(reference), strict=True)):
            made[order] += one.total()
            wanted[order] += two.total()
            both[order] += (one & two).total()
    counted = [order for order in range(_ORDER) if made[order] and wanted[order]]
    if not counted:
        return 0.0
    precision = sum(both[order] / made[order] for order in counted) / len(counted)
    recall = sum(both[order] / wanted[order] for order in counted) / len(counted)
    weighted = _BETA**2 * precision + recall
    return 100 * (1 + _BETA**2) * precision * recall / weighted if weighted else 0.0


def _ngrams(text: str) -> Iterator[Counter[str]]:
    bare = "".join(text.split())
    for order in range(1, _ORDER + 1):
        yield Counter(bare[at : at + order] for at in range(len(bare) - order + 1))


def markers_per_100(texts: Sequence[str]) -> float:
    """Spoken marks for each 100 characters, quotations and titles left out."""
    bare = _QUOTED.sub("", "".join(texts))
    return 100 * sum(char in MARKERS for char in bare) / (len(bare) or 1)
