"""Real Cantonese conversation with made-up times: the HKCanCor corpus as segments with words, for measuring layout.

The corpus has no times. Every syllable gets about 190 ms (five a second), a comma 120 to 350 ms of silence, the next utterance 200 to 900 ms,
from one seed. Without marks there are no pauses inside an utterance either, so that a splitter has only the words to go by.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import islice

from ..document import Segment, Transcript, Word
from ..errors import SetupError

_SEED = 7
_SYLLABLE_MS, _SPREAD_MS, _SHORTEST_MS, _LATIN_MS = 190, 40, 110, 350
_COMMA_MS, _TURN_MS = (120, 350), (200, 900)
_MARKS = {",": "，", ".": "。", "?": "？", "!": "！"}
_LATIN = re.compile(r"[A-Za-z0-9]+")


def talk(utterances: int, *, marks: bool, skip: int = 0) -> Transcript:
    """That many utterances of the corpus after the first `skip`. Raises SetupError `layout.no_corpus` without pycantonese."""
    if not find_spec("pycantonese"):
        raise SetupError("layout.no_corpus")
    import pycantonese

    spoken = pycantonese.hkcancor().utterances()
    random_ms = random.Random(_SEED)
    segments: list[Segment] = []
    at_ms = 0
    for utterance in islice(spoken, skip, None):
        words, at_ms = _timed([token.word for token in utterance.tokens], at_ms, random_ms, marks)
        if words:
            segments.append(Segment(words[0].start_ms, words[-1].end_ms, "".join(word.text for word in words), words))
            at_ms += random_ms.randint(*_TURN_MS)
        if len(segments) == utterances:
            break
    return Transcript(tuple(segments), "HKCanCor", "yue")


def _timed(tokens: Sequence[str], at_ms: int, random_ms: random.Random, marks: bool) -> tuple[tuple[Word, ...], int]:
    words: list[Word] = []
    for token in tokens:
        if token in _MARKS:
            if marks and words:
                words.append(Word(_MARKS[token], at_ms, at_ms))
                at_ms += random_ms.randint(*_COMMA_MS)
            continue
        for sound in _sounds(token):
            if sound.isascii() and words and words[-1].text.isascii():
                words.append(Word(" ", at_ms, at_ms))
            length = _LATIN_MS if sound.isascii() else max(_SHORTEST_MS, int(random_ms.gauss(_SYLLABLE_MS, _SPREAD_MS)))
            words.append(Word(sound, at_ms, at_ms + length))
            at_ms += length
    return tuple(words), at_ms


def _sounds(token: str) -> Iterator[str]:
    """Latin words whole, other letters one by one, nothing else."""
    position = 0
    for latin in _LATIN.finditer(token):
        yield from (char for char in token[position : latin.start()] if char.isalnum())
        yield latin[0]
        position = latin.end()
    yield from (char for char in token[position:] if char.isalnum())
