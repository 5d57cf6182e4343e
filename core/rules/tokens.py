"""Text into words, each with its classes: rjieba on a simplified shadow of the text, cut at the same places in the original.

rjieba's dictionary is simplified and written Chinese; its shadow gives clean words for Traditional text, and the words of our tables are
added to it. Classes come from `classes.tsv` first, then from the dictionary's part of speech.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from .pattern import BIT, BREAK
from .tables import classes

if TYPE_CHECKING:
    from opencc import OpenCC

# Other spellings of spoken characters, as in the HKCanCor corpus; one for one, so that places stay
_VARIANTS = str.maketrans("噉哩𡃉嚹囖𠸏唧嗮哂揾", "咁呢㗎喇囉喎啫晒晒搵")
_SPELLING = re.compile("「[^」\n]*」|『[^』\n]*』|《[^》\n]*》|“[^”\n]*”|[噉哩𡃉嚹囖𠸏唧嗮哂揾]+")
CUE_BREAK = "\x1e"
_LINE_BREAK = "\x0b"
_END = "\n"
_PLAIN = str.maketrans({"\n": _LINE_BREAK, CUE_BREAK: " ", _LINE_BREAK: " "})
_FREQUENCY = 20_000  # beats any split into two of the dictionary's words, loses to a longer word
_NAME_FREQUENCY = 10_000_000
_BY_TAG = {"v": "V", "a": "A", "n": "N", "r": "R", "q": "CL", "m": "NUM", "t": "T", "d": "ADV", "z": "A", "i": "A", "l": "N", "j": "N", "s": "N"}
_BREAKS = frozenset("，。！？；：、,.!?;:…「」『』《》“”（）()— \t" + CUE_BREAK + _LINE_BREAK + _END)
_OPENING = {"「": "」", "『": "』", "《": "》", "“": "”", "〈": "〉"}
QUOTED = BIT["N"] | 1 << 40


class Segmenter:
    """Cuts text. `words` stay whole and get the class of the written word they map to ('' for a grammar word, which wins over others);
    `names` win over everything. `fold_spellings` reads 噉 as 咁 and the like, and writes them so.

    An instance holds rjieba's dictionary (about 40 MB), so make one for a run and keep it.
    """

    def __init__(self, words: Mapping[str, str], names: Iterable[str] = (), *, fold_spellings: bool = True) -> None:
        from opencc import OpenCC
        from rjieba import Jieba

        self._fold_spellings = fold_spellings
        self._shadow: OpenCC = OpenCC("t2s")
        self._jieba = Jieba()
        tags = {word: self._tag(standard) for word, standard in words.items()}
        for word in {**dict.fromkeys(classes(), "x"), **tags}:
            if len(word) > 1:
                self._jieba.add_word(self.shadow(word), _FREQUENCY * (10 if words.get(word) == "" else 1), tags.get(word, "x"))
        for word in (word for word, mask in classes().items() if mask & BIT["SPLIT"]):
            self._jieba.add_word(self.shadow(word), 0, "x")
        for name in names:
            self._jieba.add_word(self.shadow(name), _NAME_FREQUENCY, "n")
        self.masks = _Masks(self._tag)

    def shadow(self, text: str) -> str:
        """Simplified characters, one for one."""
        simple: str = self._shadow.convert(text)
        return simple if len(simple) == len(text) else "".join(self._shadow.convert(char)[:1] or char for char in text)

    def _tag(self, word: str) -> str:
        """The dictionary's part of speech of a word, or 'x'."""
        found = self._jieba.tag(self.shadow(word), False) if word else ()
        return str(found[0][1]) if len(found) == 1 else "x"

    def sentences(self, sentences: Iterable[tuple[str, ...]]) -> Iterator[list[str]]:
        """Tokens of each sentence; where it goes on in the next cue stands CUE_BREAK, after the word that began before the break."""
        cues = [tuple(cue.translate(_PLAIN) for cue in sentence) for sentence in sentences]
        if not cues:
            return
        text = _END.join("".join(sentence) for sentence in cues) + _END
        if self._fold_spellings:
            text = _SPELLING.sub(lambda found: found[0] if found[0][0] in _OPENING else found[0].translate(_VARIANTS), text)
        position, tokens, number = 0, [""], 0
        for piece in self._jieba.cut(self.shadow(text), False):
            end = position + len(piece)
            token = text[position:end]
            position = end
            if token != _END:
                tokens.append(token)
                if token[0] == "唔" and len(token) > 1 and tokens[-2][-1:] == token[1]:
                    tokens[-1:] = ["唔", token[1:]]  # 得唔得閒 asks; there is no 唔得閒 in it
                continue
            tokens.append("")
            yield _with_breaks(tokens, cues[number]) if len(cues[number]) > 1 else _joined(tokens)
            tokens, number = [""], number + 1

    def ends(self, text: str) -> tuple[int, ...]:
        """The place after each word of a text."""
        return tuple(accumulate(len(piece) for piece in self._jieba.cut(self.shadow(text), False)))

    def text(self, tokens: Iterable[str]) -> tuple[str, ...]:
        """The cues' texts that `tokens` spell, the inverse of `sentences`."""
        return tuple("".join(tokens).replace(_LINE_BREAK, "\n").split(CUE_BREAK))


class _Masks(dict[str, int]):
    """The class mask of a token, worked out once."""

    def __init__(self, tag: Callable[[str], str]) -> None:
        super().__init__(classes())
        self._tag = tag
        self[""] = BREAK

    def __missing__(self, token: str) -> int:
        mask = self[token] = self._mask(token)
        return mask

    def _mask(self, token: str) -> int:
        if token[0] in _BREAKS:
            return BREAK
        if token.isascii():
            return BIT["LAT"] if token.strip()[:1].isalpha() else BIT["NUM"] if token[0].isdigit() else 0
        name = _BY_TAG.get(self._tag(token)[:1])
        return BIT[name] if name else 0


def _with_breaks(tokens: list[str], cues: tuple[str, ...]) -> list[str]:
    """Put CUE_BREAK after the token in which each cue but the last one ends; a cue keeps at least the token it starts with."""
    ends: list[int] = []
    for cue in cues[:-1]:
        ends.append(len(cue) + (ends[-1] if ends else 0))
    out: list[str] = []
    position = 0
    for token in tokens:
        out.append(token)
        position += len(token)
        while ends and position >= ends[0]:
            ends.pop(0)
            out.append(CUE_BREAK)
    return _joined(out)


def _joined(tokens: list[str]) -> list[str]:
    """Spaces beside a Latin word belong to it: they part no clause."""
    if " " not in tokens:
        return tokens
    out: list[str] = []
    for token in tokens:
        latin = token[:1].isascii() and token[:1].isalnum()
        if out and ((token == " " and _is_latin(out[-1])) or (latin and out[-1] == " ")):
            out[-1] += token
        else:
            out.append(token)
    return out


def _is_latin(token: str) -> bool:
    return token.isascii() and token.strip() != "" and token.strip()[0].isalnum()


def quoted(tokens: list[str]) -> set[int]:
    """The places of tokens inside quotation marks or titles; an open mark without its closing one reaches to the end."""
    inside: set[int] = set()
    closing = ""
    for place, token in enumerate(tokens):
        if closing:
            if token == closing:
                closing = ""
            elif token and token != CUE_BREAK:
                inside.add(place)
        else:
            closing = _OPENING.get(token, "")
    return inside
