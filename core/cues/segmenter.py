"""Where the words of Chinese text end: rjieba on a simplified shadow of the text, whose places are those of the original.

rjieba's dictionary is simplified and written Chinese. Its shadow gives clean words for Traditional text, and `data/words/cantonese.txt` adds
what it does not know; a project's names come on top. To have another word kept whole, add it there.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from .words import word_list

if TYPE_CHECKING:
    from opencc import OpenCC

# other spellings of spoken characters, one for one, so that places stay
_SPELLINGS = str.maketrans("噉哩𡃉嚹囖𠸏唧嗮哂揾黎", "咁呢㗎喇囉喎啫晒晒搵嚟")
_FREQUENCY = 20_000  # wins over any two of the dictionary's words, loses to a longer word
_NAME_FREQUENCY = 10_000_000


def usual_spelling(word: str) -> str:
    """A word as the word lists write it."""
    return word.translate(_SPELLINGS)


class Segmenter:
    """Finds word ends; `names` are kept whole above all.

    An instance holds rjieba's dictionary (about 40 MB): take it from `segmenter`, which keeps it.
    """

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        from opencc import OpenCC
        from rjieba import Jieba

        self._shadow: OpenCC = OpenCC("t2s")
        self._jieba = Jieba()
        for word in sorted(word_list("cantonese")):
            self._jieba.add_word(self.shadow(word), _FREQUENCY, "x")
        for name in sorted(names):
            self._jieba.add_word(self.shadow(name), _NAME_FREQUENCY, "n")
        self._pairs: dict[str, bool] = {}

    def shadow(self, text: str) -> str:
        """Simplified characters with one spelling, one for one: a conversion that changed the length is done again by the character."""
        folded = text.translate(_SPELLINGS)
        simple: str = self._shadow.convert(folded)
        if len(simple) == len(text):
            return simple
        return "".join(self._shadow.convert(char)[:1] or char for char in folded)

    def words(self, text: str) -> tuple[str, ...]:
        """The words of `text`, which joined give `text` again; a run of Latin letters or digits may be one or several."""
        ends = (0, *self.ends(text))
        return tuple(text[start:end] for start, end in pairwise(ends))

    def is_word(self, pair: str) -> bool:
        """True when two characters are a word of the dictionary; remembered, because text asks for few pairs often."""
        known = self._pairs.get(pair)
        if known is None:
            known = self._pairs[pair] = len(self.ends(pair)) == 1
        return known

    def ends(self, text: str) -> tuple[int, ...]:
        """Offset of the end of each word in characters of `text`, the last being its length; () for no text."""
        return tuple(accumulate(len(word) for word in self._jieba.cut(self.shadow(text), False)))


@cache
def segmenter(names: frozenset[str] = frozenset()) -> Segmenter:
    """The segmenter for a project's names, made once (0.2 s)."""
    return Segmenter(names)
