"""Atoms: the pieces of a line that no cut goes through, from words with times.

An atom is a Chinese word, a Latin word or a number with the marks that cling to it. Quotations, titles and names stay in one atom as long as
they fit on a line. Another thing that must stay whole is one more source of spans in `_whole_spans`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..document import Word
from .segmenter import segmenter, usual_spelling
from .width import width

_NUMERALS = "0-9０-９零〇一二兩三四五六七八九十百千萬億廿卅幾"
_RUNS = re.compile(
    r"[A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ\u0300-\u036f'’.,:%&@/+_-]*"
    rf"|[{_NUMERALS}]+(?:分之?[{_NUMERALS}]+|[{_NUMERALS}][個年月日號蚊元歲次度點分秒萬億%％]?幾?)"
)
_QUOTES = re.compile("「[^「」]*」|『[^『』]*』|《[^《》]*》|〈[^〈〉]*〉|“[^“”]*”|（[^（）]*）|\\([^()]*\\)")
_OPENING = frozenset("「『《〈“（([【")
_CLOSING = frozenset("，。！？；：、…,.!?;:」』》〉”）)]】%％～~⋯")
_DASHES = frozenset("-—–")


@dataclass(frozen=True, slots=True)
class Atom:
    """An unbreakable piece. `width` is that of `text`, `trail` that of its trailing blanks; `head` and `tail` are its first and last words.

    `clings`: its first character and the last one of the piece before are a word as well, so the words might part elsewhere (咁細|緻, 行落|去).
    """

    text: str
    words: tuple[Word, ...]
    start_ms: int
    end_ms: int
    width: float
    trail: float
    head: str
    tail: str
    clings: bool = False


def atoms_of(words: Sequence[Word], names: frozenset[str], hard_width: float) -> tuple[Atom, ...]:
    """The atoms of a run of words; a cut is legal between any two.

    `words` joined are the run's text, blanks and marks being words of their own or parts of one; each lies in exactly one atom.
    """
    text = "".join(word.text for word in words)
    if not text.strip():
        return ()
    splitter = segmenter(names)
    ends = splitter.ends(text)
    edges: dict[int, int] = {}  # where a word ends -> how many words that makes
    position = 0
    for count, word in enumerate(words, 1):
        position += len(word.text)
        edges[position] = count
    blocked = {place for start, end in _whole_spans(text, names, hard_width) for place in range(start + 1, end)}
    cuts = {place for place in ends if place in edges and place not in blocked and place < len(text) and _parts(text, place)}
    clinging = {place for place in cuts if text[place - 1].isalpha() and splitter.is_word(text[place - 1 : place + 1])}
    atoms = _atoms(text, words, edges, (ends, cuts))
    return tuple(replace(atom, clings=True) if place in clinging else atom for atom, place in _with_places(atoms))


def _with_places(atoms: Iterable[Atom]) -> Iterator[tuple[Atom, int]]:
    """Each atom with the place in the text where it begins."""
    place = 0
    for atom in atoms:
        yield atom, place
        place += len(atom.text)


def _whole_spans(text: str, names: frozenset[str], hard_width: float) -> Iterator[tuple[int, int]]:
    for run in _RUNS.finditer(text):
        yield run.span()
    for quote in _QUOTES.finditer(text):
        if width(quote[0]) <= hard_width:
            yield quote.span()
    for name in names:
        start = text.find(name) if 0 < width(name) <= hard_width else -1
        while start >= 0:
            yield start, start + len(name)
            start = text.find(name, start + 1)


def _parts(text: str, place: int) -> bool:
    """True when the characters around `place` do not cling to each other: no blank or closing mark begins an atom, no opening one ends it."""
    before, after = text[place - 1], text[place]
    return not (after.isspace() or after in _CLOSING or after in _DASHES or before in _OPENING or before in _DASHES)


def _atoms(text: str, words: Sequence[Word], edges: dict[int, int], places: tuple[Sequence[int], set[int]]) -> Iterator[Atom]:
    ends, cuts = places
    start, first, before = 0, 0, 0
    pieces: list[str] = []
    for end in ends:
        pieces.append(text[before:end])
        before = end
        if end in cuts or end == len(text):
            last = edges[end]
            yield _atom(text[start:end], tuple(words[first:last]), pieces)
            start, first, pieces = end, last, []


def _atom(text: str, words: tuple[Word, ...], pieces: Sequence[str]) -> Atom:
    spoken = [word for word in words if word.end_ms > word.start_ms] or words
    sounding = [piece for piece in pieces if piece[0].isalnum()] or [text]
    head, tail = usual_spelling(sounding[0]), usual_spelling(sounding[-1])
    return Atom(text, words, spoken[0].start_ms, spoken[-1].end_ms, width(text), width(text[len(text.rstrip()) :]), head, tail)
