"""The small language of the rule tables: what a rule looks for and what it puts in its place, token by token.

    食/飲        one token out of these            V  V/A/食    a class, in capitals (`classes.tsv`, else the segmenter's tag), or a word
    =D           the Latin word D
    ..           one to six tokens inside a clause $1           the same token as element 1
    ^  $         the edge of a clause              !x           not x (conditions only)
    ~x           x somewhere in this clause on that side of the match (conditions only); ~~x: in the whole line

A replacement holds words and `$n` (what element n matched), `$1$1` side by side for doubling; `-` deletes. `@verb w` puts `w` before the
clause's first verb and deletes the match. To add a symbol: give it a branch in `_element` or `_term` and a line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["spoken", "half", "written"]
LEVELS: tuple[Level, ...] = ("spoken", "half", "written")

_CLASSES = "BRK V A N PN R CL NUM T SFP FEM LAT HARM PSY SUR ON Q COP ADV MOD SPLIT"
BIT = {name: 1 << index for index, name in enumerate(_CLASSES.split())}
BREAK = BIT["BRK"]
MANY_LIMIT = 6

_REFERENCE = re.compile(r"\$\d")


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a pattern: any of `words`, a class of `mask`, the token matched by element `same` (1-based), or up to six tokens."""

    words: frozenset[str] = frozenset()
    mask: int = 0
    same: int = 0
    many: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on a neighbour. `reach`: 0 the very next token, 1 anywhere in the clause, 2 anywhere in the line."""

    words: frozenset[str]
    mask: int
    negated: bool
    reach: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table. `anchor` is the index of the pattern's first literal; `examples` are (spoken, rewritten) pairs.

    `plain` is what a rule for one word without conditions writes, else None.
    """

    level: Level
    pattern: tuple[Element, ...]
    anchor: int
    before: tuple[Term, ...]
    after: tuple[Term, ...]
    replacement: tuple[str, ...]
    to_verb: bool
    examples: tuple[tuple[str, str], ...]
    source: str
    plain: str | None

    @property
    def literals(self) -> frozenset[str]:
        """The words that can start a match."""
        return self.pattern[self.anchor].words

    def words(self) -> Iterable[str]:
        """Every literal of the pattern: what the segmenter has to keep whole."""
        return (word for element in self.pattern for word in element.words)


def parse_rule(row: dict[str, str], source: str) -> Rule:
    """A rule from a row with the columns level, pattern, before, after, replacement and examples.

    Raises ValueError that names `source` for a level, class or shape that does not exist.
    """
    try:
        level = row["level"]
        if level not in LEVELS:
            raise ValueError(f"level {level!r}")
        pattern = tuple(_element(part) for part in row["pattern"].split())
        anchor = next(index for index, element in enumerate(pattern) if element.words)
        if any(element.many or element.same for element in pattern[:anchor]):
            raise ValueError("'..' and '$n' need a literal before them")
        parts = row["replacement"].split()
        to_verb = parts[:1] == ["@verb"]
        replacement = () if parts == ["-"] else tuple(parts[1:] if to_verb else parts)
        if not parts or any(int(found[1:]) not in range(1, len(pattern) + 1) for part in parts for found in _REFERENCE.findall(part)):
            raise ValueError(f"replacement {row['replacement']!r}")
        before, after = (tuple(_term(part) for part in row[side].split()) for side in ("before", "after"))
        bare = len(pattern) == 1 and not before and not after and not to_verb and "$" not in row["replacement"]
        plain = "".join(replacement) if bare else None
        return Rule(level, pattern, anchor, before, after, replacement, to_verb, _examples(row["examples"]), source, plain)
    except (ValueError, KeyError, StopIteration) as error:
        raise ValueError(f"{source}: {error!r}") from error


def _element(part: str) -> Element:
    if part == "..":
        return Element(many=True)
    if part.startswith("$"):
        return Element(same=int(part[1:]))
    words, mask = _alternatives(part)
    return Element(words, mask)


def _term(part: str) -> Term:
    negated, part = part.startswith("!"), part.removeprefix("!")
    reach = len(part) - len(part.lstrip("~"))
    words, mask = _alternatives(part.lstrip("~"))
    return Term(words, mask, negated, reach)


def _alternatives(part: str) -> tuple[frozenset[str], int]:
    """'食/V/$' -> its words and its class mask."""
    mask, words = 0, set()
    for choice in part.split("/"):
        if choice in ("^", "$"):
            mask |= BREAK
        elif choice.isascii() and choice.isalpha():
            mask |= BIT[choice]
        elif choice:
            words.add(choice.removeprefix("="))
    return frozenset(words), mask


def _examples(text: str) -> tuple[tuple[str, str], ...]:
    """'a => b ; c => d' -> (('a', 'b'), ('c', 'd'))."""
    pairs = [pair.split("=>") for pair in text.split(";") if pair.strip()]
    return tuple((spoken.strip(), rewritten.strip()) for spoken, rewritten in pairs)
