"""Does a rule fit here, and what does it write: pure functions over a line's tokens and their class masks.

Both lists begin and end with an empty token of class BRK, so that no index needs a check.
"""

from __future__ import annotations

from collections.abc import Sequence

from .pattern import BREAK, MANY_LIMIT, Element, Rule, Term

Span = tuple[int, int]


def match(rule: Rule, tokens: Sequence[str], masks: Sequence[int], place: int) -> tuple[Span, ...] | None:
    """The span of each element when the rule's anchor is the token at `place`, else None. The fewest tokens are taken by '..'."""
    pattern, anchor = rule.pattern, rule.anchor
    if len(pattern) == 1:
        if rule.before and not _before(rule.before, tokens, masks, place):
            return None
        return ((place, place + 1),) if not rule.after or _after(rule.after, tokens, masks, place + 1) else None
    start = place - anchor
    if start < 1:
        return None
    for back in range(anchor):
        element, at = pattern[back], start + back
        if not (masks[at] & element.mask or tokens[at] in element.words):
            return None
    if rule.before and not _before(rule.before, tokens, masks, start):
        return None
    if anchor + 1 == len(pattern):
        return tuple((at, at + 1) for at in range(start, place + 1)) if _after(rule.after, tokens, masks, place + 1) else None
    following = pattern[anchor + 1]
    if (following.words or following.mask) and not (masks[place + 1] & following.mask or tokens[place + 1] in following.words):
        return None
    return _rest(rule, tokens, masks, [(at, at + 1) for at in range(start, place + 1)])


def _rest(rule: Rule, tokens: Sequence[str], masks: Sequence[int], spans: list[Span]) -> tuple[Span, ...] | None:
    """Spans of the elements after those already in `spans`, or None."""
    place = spans[-1][1]
    if len(spans) == len(rule.pattern):
        return tuple(spans) if _after(rule.after, tokens, masks, place) else None
    element = rule.pattern[len(spans)]
    if not element.many:
        fits = place < len(tokens) - 1 and _one(element, tokens, masks, place, spans)
        return _rest(rule, tokens, masks, [*spans, (place, place + 1)]) if fits else None
    for end in range(place + 1, min(place + MANY_LIMIT, len(tokens) - 1) + 1):
        if masks[end - 1] & BREAK:
            return None
        if found := _rest(rule, tokens, masks, [*spans, (place, end)]):
            return found
    return None


def _one(element: Element, tokens: Sequence[str], masks: Sequence[int], place: int, spans: Sequence[Span]) -> bool:
    if element.same:
        return tokens[place] == tokens[spans[element.same - 1][0]]
    return tokens[place] in element.words or bool(masks[place] & element.mask)


def _before(terms: Sequence[Term], tokens: Sequence[str], masks: Sequence[int], start: int) -> bool:
    """Every term holds on the left; neighbours are read from the match outwards, the last term nearest."""
    near = start - 1
    for term in reversed(terms):
        if term.reach:
            held = _somewhere(term, tokens, masks, (start - 1, -1, -1))
        else:
            held = near >= 0 and (tokens[near] in term.words or bool(masks[near] & term.mask))
            near -= 1
        if held == term.negated:
            return False
    return True


def _after(terms: Sequence[Term], tokens: Sequence[str], masks: Sequence[int], end: int) -> bool:
    near = end
    for term in terms:
        if term.reach:
            held = _somewhere(term, tokens, masks, (end, len(tokens), 1))
        else:
            held = near < len(tokens) and (tokens[near] in term.words or bool(masks[near] & term.mask))
            near += 1
        if held == term.negated:
            return False
    return True


def _somewhere(term: Term, tokens: Sequence[str], masks: Sequence[int], places: tuple[int, int, int]) -> bool:
    """True when the term fits a token of the clause (reach 1) or the line (reach 2) in that direction."""
    for place in range(*places):
        if masks[place] & BREAK and (term.reach == 1 or not tokens[place]):
            return False
        if tokens[place] in term.words or masks[place] & term.mask:
            return True
    return False


def expand(rule: Rule, tokens: Sequence[str], spans: Sequence[Span]) -> list[str]:
    """The tokens that a matched rule writes."""
    out: list[str] = []
    for part in rule.replacement:
        if "$" not in part:
            out.append(part)
            continue
        for number in part[1:].split("$"):
            start, end = spans[int(number) - 1]
            out += tokens[start:end]
    return out
