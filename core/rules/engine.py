"""The rule engine: spoken Cantonese to half-written or written Chinese, one pass over a line's tokens for each table.

A table is indexed by the literal that anchors each rule; of the rules at one place the one with the longest pattern wins, then the table's
order. The first table reorders clauses in place; the second replaces words and sees its neighbours as they were. Nothing here knows any word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from .matching import Span, expand, match
from .pattern import BIT, BREAK, LEVELS, Element, Level, Rule, Term
from .tables import rules_of
from .tokens import QUOTED, Segmenter, quoted

# a rule with one token that it cannot do without: where it stands from the anchor, its words and its class
_Entry = tuple[Rule, int, frozenset[str], int]
_Index = dict[str, tuple[_Entry, ...]]
_OPENING = frozenset("「『《“〈")
_NOT_BEFORE = BIT["MOD"]


class RuleEngine:
    """Rules at one level over one vocabulary. Deterministic; `names` are words that no rule touches."""

    def __init__(self, level: Level, names: frozenset[str] = frozenset(), tables: tuple[str | None, str] = ("structure.tsv", "words.tsv")) -> None:
        self.level = level
        chosen = [[rule for rule in (rules_of(name) if name else ()) if LEVELS.index(rule.level) <= LEVELS.index(level)] for name in tables]
        self._segmenter = Segmenter(_vocabulary(chosen), names, fold_spellings=level != "spoken")
        self._masks = self._segmenter.masks
        self._masks.update(dict.fromkeys(names, BIT["N"]))
        self._reorder, self._substitute = (_indexed(rules, names) for rules in chosen)

    def rewrite(self, sentences: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Each sentence's cue texts rewritten: as many texts, in order. What stands in quotes, titles and names is left alone."""
        return [self._segmenter.text(self._tokens(tokens)) for tokens in self._segmenter.sentences(sentences)]

    def line(self, text: str) -> str:
        """One line on its own."""
        return self.rewrite([(text,)])[0][0]

    def word_ends(self, text: str) -> tuple[int, ...]:
        """The places after each word of a line."""
        return self._segmenter.ends(text)

    def _tokens(self, tokens: list[str]) -> list[str]:
        masks = [self._masks[token] for token in tokens]
        if not _OPENING.isdisjoint(tokens):
            for place in quoted(tokens):
                masks[place] = QUOTED
        self._reordered(tokens, masks)
        return self._substituted(tokens, masks)

    def _reordered(self, tokens: list[str], masks: list[int]) -> None:
        """Apply the first table in place; what a rule writes is looked at again, a bounded number of times."""
        place, budget, index = 1, 3 * len(tokens), self._reorder
        while place < len(tokens) - 1:
            rules = index.get(tokens[place])
            if rules and budget and masks[place] != QUOTED:
                for rule, beside, words, mask in rules:
                    at = place + beside
                    if (masks[at] & mask or tokens[at] in words) and (spans := match(rule, tokens, masks, place)):
                        budget -= 1
                        place = self._replace(rule, tokens, masks, (spans, place))
                        break
                else:
                    place += 1
            else:
                place += 1

    def _replace(self, rule: Rule, tokens: list[str], masks: list[int], found: tuple[tuple[Span, ...], int]) -> int:
        """Write what `rule` makes of the spans found at an anchor; returns the place to go on from."""
        spans, place = found
        start, end = spans[0][0], spans[-1][1]
        written = expand(rule, tokens, spans)
        if rule.to_verb:
            self._put(tokens, masks, (start, end), [])
            at = _first_verb(masks, start)
            self._put(tokens, masks, (at, at), written)
            return start + 1
        if written == tokens[start:end]:
            return end
        self._put(tokens, masks, (start, end), written)
        return start + (1 if start < place or written else 0)

    def _put(self, tokens: list[str], masks: list[int], span: tuple[int, int], written: list[str]) -> None:
        kept = dict(zip(tokens[span[0] : span[1]], masks[span[0] : span[1]], strict=True))
        tokens[span[0] : span[1]] = written
        masks[span[0] : span[1]] = [kept.get(token) or self._masks[token] for token in written]

    def _substituted(self, tokens: list[str], masks: list[int]) -> list[str]:
        """Apply the second table; conditions see the tokens as they were."""
        out: list[str] = []
        place, end, index = 0, len(tokens), self._substitute
        while place < end:
            token = tokens[place]
            rules = index.get(token)
            place += 1
            if not rules or masks[place - 1] == QUOTED:
                out.append(token)
                continue
            for rule, beside, words, mask in rules:
                if rule.plain is not None:
                    out.append(rule.plain)
                    break
                at = place - 1 + beside
                if (masks[at] & mask or tokens[at] in words) and (spans := match(rule, tokens, masks, place - 1)):
                    out += expand(rule, tokens, spans)
                    place = spans[-1][1]
                    break
            else:
                out.append(token)
        return out


def _vocabulary(tables: Sequence[Sequence[Rule]]) -> dict[str, str]:
    """Every literal of the rules with the written word it stands for, '' where that is a grammar word or more than one word."""
    words: dict[str, str] = {}
    for rule in (rule for rules in tables for rule in rules):
        standard = "".join(rule.replacement) if rule.level == "written" and len(rule.pattern) == 1 else ""
        words |= dict.fromkeys(rule.words(), standard)
    return words


def _first_verb(masks: list[int], end: int) -> int:
    """The place of the clause's first verb before `end`, or `end`."""
    start = end
    while not masks[start - 1] & BREAK:
        start -= 1
    return next((place for place in range(start, end) if masks[place] & BIT["V"] and not masks[place] & _NOT_BEFORE), end)


def _indexed(rules: Sequence[Rule], names: frozenset[str]) -> _Index:
    """Rules by anchor, longer patterns first, then those of the higher level, then in the table's order."""
    index: dict[str, list[_Entry]] = {}
    for rule in sorted(rules, key=lambda rule: (-len(rule.pattern), -LEVELS.index(rule.level))):
        entry = (rule, *_needed(rule))
        for word in rule.literals - names:
            index.setdefault(word, []).append(entry)
    return {word: tuple(found) for word, found in index.items()}


def _needed(rule: Rule) -> tuple[int, frozenset[str], int]:
    """The neighbour of the anchor that a rule needs, so that most of the rules which do not fit are passed over without a call; else itself."""
    pattern, anchor = rule.pattern, rule.anchor
    left: Sequence[Element | Term] = pattern[anchor - 1 : anchor] if anchor else rule.before[-1:]
    right: Sequence[Element | Term] = pattern[anchor + 1 : anchor + 2] or rule.after[:1]
    for beside, found in ((-1, left), (1, right)):
        for one in found:
            certain = not (one.negated or one.reach) if isinstance(one, Term) else bool(one.words or one.mask)
            if certain:
                return beside, one.words, one.mask
    return 0, rule.literals, 0


@cache
def engine(level: Level, names: frozenset[str] = frozenset()) -> RuleEngine:
    """The engine of a level, made once."""
    return RuleEngine(level, names)


@cache
def repairs(table: str, names: frozenset[str] = frozenset()) -> RuleEngine:
    """The engine of one table that keeps speech speech ('repairs.tsv', 'slips.tsv'), made once."""
    return RuleEngine("spoken", names, (None, table))
