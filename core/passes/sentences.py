"""Which cues make one sentence, and a rewritten sentence shared out over its cues again.

A sentence goes on into the next cue when the speaker hardly pauses and nothing closes the line: no mark, no particle that ends a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from ..document import Cue, SubtitleDocument

_CLOSED = tuple("。！？!?…」』》.㗎喇啦囉喎啫吖嘞呀啊嘛咩啩咋呢嗎吧添")
_MOST_CUES, _MOST_CHARACTERS = 4, 60
_PAUSE_S = 0.25  # a gap this long is heard as one


def sentences(document: SubtitleDocument) -> tuple[tuple[Cue, ...], ...]:
    """The document's cues, in order, grouped into sentences of at most four cues and 60 characters."""
    groups: list[list[Cue]] = []
    for cue in document.cues:
        if groups and _goes_on(groups[-1], cue, document):
            groups[-1].append(cue)
        else:
            groups.append([cue])
    return tuple(tuple(group) for group in groups)


def _goes_on(group: Sequence[Cue], cue: Cue, document: SubtitleDocument) -> bool:
    last = group[-1]
    if last.speaker != cue.speaker or last.text.rstrip().endswith(_CLOSED) or len(group) >= _MOST_CUES:
        return False
    if sum(len(one.text) for one in group) + len(cue.text) > _MOST_CHARACTERS:
        return False
    return (cue.start_frame - last.end_frame) / document.rate.fps < _PAUSE_S


def joined(texts: Sequence[str]) -> str:
    """One line of the cues' texts: a space where Latin words or a line break would run together."""
    out = ""
    for text in (" ".join(text.split()) for text in texts):
        gap = " " if out and out[-1].isascii() and text[:1].isascii() and out[-1].isalnum() and text[:1].isalnum() else ""
        out += gap + text
    return out


def share(text: str, like: Sequence[str], word_ends: Callable[[str], Sequence[int]]) -> tuple[str, ...] | None:
    """`text` cut into as many parts as `like` has, at the words nearest to where those parts end; None when a part would be empty.

    `like` is the same sentence in words close to `text` (the rule engine's), cue by cue.
    """
    if len(like) == 1:
        return (text,)
    blocks = SequenceMatcher(None, "".join(like), text, autojunk=False).get_matching_blocks()
    ends = word_ends(text)
    cuts, end = [0], 0
    for part in like[:-1]:
        end += len(part)
        wanted = _mapped(end, blocks)
        cuts.append(min(ends, key=lambda place: (abs(place - wanted), place)))
    cuts.append(len(text))
    parts = tuple(text[start:stop].strip() for start, stop in pairwise(cuts))
    return parts if all(parts) else None


def _mapped(place: int, blocks: Sequence[tuple[int, int, int]]) -> int:
    """Where a place of the first text lies in the second: after the last character before it that both have."""
    best = 0
    for start, other, size in blocks:
        if start < place and size:
            best = other + min(size, place - start)
    return best
