"""From token times to words with times: one Word for a Chinese character or a whole Latin word, on the programme's clock.

A token may be half a character or two of them. Attention stretches a character over the pause beside it, so every time is cut to the speech
that the detector heard. Marks and blanks get no word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..cues.spread import tokens_of
from ..document import SpeechRegion, Word

if TYPE_CHECKING:
    from ..speech.chunks import Chunk

TextOf = Callable[[Sequence[int]], str]
_BROKEN = "\ufffd"
# longer than any syllable of slow speech: attention has lost the place
_LONGEST_MS = 1200


@dataclass(frozen=True, slots=True)
class TimedToken:
    """A text token with its time on the programme's clock in milliseconds, and its natural log probability."""

    token: int
    start_ms: float
    end_ms: float
    logprob: float


@dataclass(frozen=True, slots=True)
class Letter:
    """A character of what tokens say, with their time and probability."""

    text: str
    start_ms: float
    end_ms: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A Chinese character or a whole Latin word with the time that somebody claims for it."""

    text: str
    start_ms: float
    end_ms: float
    confidence: float


def words_of_tokens(tokens: Sequence[TimedToken], text_of: TextOf, chunk: Chunk) -> tuple[Word, ...]:
    """Words in order, none before the end of the one before it, inside the chunk's speech."""
    return place_words(spoken_of(letters_of(tokens, text_of)), chunk)


def letters_of(tokens: Sequence[TimedToken], text_of: TextOf) -> list[Letter]:
    """The characters of whole tokens; bytes that never become one are left out."""
    return [letter for piece in _pieces(tokens, text_of) for letter in _letters(*piece)]


def spoken_of(letters: Sequence[Letter]) -> list[Spoken]:
    """What in these letters takes time to say."""
    spoken, position = [], 0
    for part in tokens_of("".join(letter.text for letter in letters)):
        group = letters[position : position + len(part)]
        position += len(group)
        if is_spoken(part):
            confidence = sum(letter.confidence for letter in group) / len(group)
            spoken.append(Spoken(part, group[0].start_ms, group[-1].end_ms, confidence))
    return spoken


def is_spoken(part: str) -> bool:
    """True for characters and words, False for marks and blanks."""
    return any(character.isalnum() for character in part)


def place_words(spoken: Iterable[Spoken], chunk: Chunk) -> tuple[Word, ...]:
    """Words in order, none before the end of the one before it, inside the chunk's speech."""
    words: list[Word] = []
    after_ms = chunk.start_ms
    for part in spoken:
        start_ms, end_ms = _in_speech(part.start_ms, part.end_ms, chunk.regions)
        start_ms = min(max(start_ms, after_ms), chunk.end_ms)
        end_ms = min(max(end_ms, start_ms), chunk.end_ms)
        words.append(Word(part.text, start_ms, end_ms, round(part.confidence, 4)))
        after_ms = end_ms
    return tuple(words)


def _pieces(tokens: Sequence[TimedToken], text_of: TextOf) -> list[tuple[str, list[TimedToken]]]:
    """The shortest runs of tokens that are whole characters; a run that never becomes whole is left out."""
    pieces: list[tuple[str, list[TimedToken]]] = []
    group: list[TimedToken] = []
    for token in tokens:
        group.append(token)
        text = text_of([timed.token for timed in group])
        if _BROKEN not in text:
            pieces.append((text, group))
            group = []
    return pieces


def _letters(text: str, tokens: Sequence[TimedToken]) -> list[Letter]:
    """A piece's characters, which share its time evenly; blanks take none of it."""
    start_ms, end_ms = tokens[0].start_ms, tokens[-1].end_ms
    confidence = math.exp(sum(timed.logprob for timed in tokens) / len(tokens))
    count, done = sum(not character.isspace() for character in text) or 1, 0
    letters = []
    for character in text:
        before = start_ms + (end_ms - start_ms) * done / count
        done += not character.isspace()
        letters.append(Letter(character, before, start_ms + (end_ms - start_ms) * done / count, confidence))
    return letters


def _in_speech(start_ms: float, end_ms: float, regions: Sequence[SpeechRegion]) -> tuple[int, int]:
    """The longest part of [start, end] with speech in it; the nearest moment of speech where there is none; all of it without regions."""
    parts = [(max(start_ms, region.start_ms), min(end_ms, region.end_ms)) for region in regions]
    inside = [part for part in parts if part[1] > part[0]]
    if inside:
        start_ms, end_ms = max(inside, key=lambda part: part[1] - part[0])
    elif regions:
        edges = [edge for region in regions for edge in (region.start_ms, region.end_ms)]
        start_ms = end_ms = min(edges, key=lambda edge: abs(edge - start_ms))
    return round(start_ms), round(min(end_ms, start_ms + _LONGEST_MS))
