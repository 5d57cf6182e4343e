"""A segment's characters on the clock: the recogniser's own word times where it gives them, else shared out over the speech inside it.

Only words that carry sound take time; marks and blanks stand at the end of the word before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..document import Segment, SpeechRegion, Word
from .width import graphemes, width

_LATIN = re.compile(r"([A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ\u0300-\u036f'’.,:%&@/+-]*(?<![.,:])|\s+)")
_SILENT = frozenset("，。！？；：、,.!?;:…「」『』《》〈〉“”（）()")


def words_of(segment: Segment, regions: Sequence[SpeechRegion]) -> tuple[Word, ...]:
    """Words that joined are the segment's text, each with its time, and with its speaker where the segment or any of them names one."""
    text = segment.text.strip()
    words = tuple(_inside(word, segment) for word in segment.words)
    if not words or "".join(word.text for word in words) != text:
        words = tuple(_with_marks(text, words)) or spread(segment, regions)
    return _said_by(words, segment.speaker)


def _said_by(words: tuple[Word, ...], speaker: str | None) -> tuple[Word, ...]:
    """Every word with a speaker where anyone is named: its own, else the segment's, else that of the word before; marks go with the word before."""
    named = speaker or next((word.speaker for word in words if word.speaker), None)
    if named is None:
        return words
    filled: list[Word] = []
    for word in words:
        named = word.speaker or (speaker if any(map(str.isalnum, word.text)) else None) or named
        filled.append(replace(word, speaker=named))
    return tuple(filled)


def _inside(word: Word, segment: Segment) -> Word:
    """The word on the segment's span: alignment sometimes leaves a first sound at the end of the sentence before."""
    start, end = (min(max(at, segment.start_ms), segment.end_ms) for at in (word.start_ms, word.end_ms))
    return word if (start, end) == (word.start_ms, word.end_ms) else replace(word, start_ms=start, end_ms=end)


def _with_marks(text: str, words: Sequence[Word]) -> Iterator[Word]:
    """The words with what the text has between them, as words without length; nothing when a word is not in the text."""
    found: list[Word] = []
    position, end_ms = 0, words[0].start_ms if words else 0
    for word in words:
        bare = word.text.strip()
        place = text.find(bare, position)
        if place < 0:
            return
        if place > position:
            found.append(Word(text[position:place], end_ms, end_ms))
        found.append(replace(word, text=bare))
        position, end_ms = place + len(bare), word.end_ms
    yield from found
    if found and position < len(text):
        yield Word(text[position:], end_ms, end_ms)


def spread(segment: Segment, regions: Sequence[SpeechRegion]) -> tuple[Word, ...]:
    """Words of a segment whose recogniser gave none: its characters share the speech inside it by width, silences skipped."""
    tokens = list(tokens_of(segment.text.strip()))
    spans = _speech_in(segment, regions)
    length_ms = sum(end - start for start, end in spans)
    weights = [0.0 if token.isspace() or token in _SILENT else width(token) for token in tokens]
    scale = length_ms / (sum(weights) or 1.0)
    words: list[Word] = []
    done = 0.0
    for token, weight in zip(tokens, weights, strict=True):
        start = _at(done * scale, spans, closing=weight == 0.0)
        done += weight
        end = _at(done * scale, spans, closing=True)
        words.append(Word(token, start, max(start, end)))
    return tuple(words)


def tokens_of(text: str) -> Iterator[str]:
    """Chinese characters one by one, Latin words and numbers whole, and runs of blanks; joined they are `text`."""
    for part in _LATIN.split(text):
        yield from (part,) if part and (part.isspace() or (part[0].isalnum() and _LATIN.fullmatch(part))) else graphemes(part)


def _speech_in(segment: Segment, regions: Sequence[SpeechRegion]) -> list[tuple[int, int]]:
    cut = [(max(r.start_ms, segment.start_ms), min(r.end_ms, segment.end_ms)) for r in regions]
    return [(start, end) for start, end in cut if end > start] or [(segment.start_ms, segment.end_ms)]


def _at(position_ms: float, spans: list[tuple[int, int]], *, closing: bool) -> int:
    """Programme time after `position_ms` of speech; at a seam between spans, the earlier side when closing, the later when opening."""
    left = position_ms
    for start, end in spans:
        length = end - start
        if left < length - 0.5 or (closing and left <= length + 0.5):
            return round(start + min(left, length))
        left -= length
    return spans[-1][1]
