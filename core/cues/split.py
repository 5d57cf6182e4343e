"""Transcript -> SubtitleDocument: one cue per phrase, cut at pauses and at the widest line, in whole frames.

Character times come from the recogniser where it gives them; otherwise a segment's characters are spread over the speech inside it.
Only this stage gives text its time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..document import Cue, Segment, SpeechRegion, SubtitleDocument, Transcript, Word
from ..timing import FrameRate, ms_to_frame_ceil, ms_to_frame_floor
from .width import width

_TOKEN = re.compile(r"[A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ'’.,:%&@/+-]*(?<![.,:])|\s+|.", re.DOTALL)
_END_MARKS = "，。！？；、：,.!?;:…"


@dataclass(frozen=True, slots=True)
class CueOptions:
    """`max_width` in full-width characters; a pause of `pause_ms` or more ends a cue; a cue lasts at least `min_ms` where its neighbour allows."""

    max_width: int = 16
    pause_ms: int = 600
    min_ms: int = 500


def make_cues(transcript: Transcript, regions: Sequence[SpeechRegion], rate: FrameRate, range_frames: int, options: CueOptions) -> tuple[Cue, ...]:
    """Cues in order, without overlap, inside [0, range_frames)."""
    phrases = [phrase for segment in transcript.segments for phrase in _phrases(segment.words or spread(segment, regions), options)]
    phrases.sort(key=lambda words: words[0].start_ms)
    return tuple(_in_frames(phrases, rate, range_frames, options))


def document_of(cues: tuple[Cue, ...], rate: FrameRate, start_frame: int, transcript: Transcript) -> SubtitleDocument:
    """The spoken document of these cues."""
    return SubtitleDocument(cues, rate, start_frame, transcript.language, "spoken", ("make_cues",), transcript.findings)


def spread(segment: Segment, regions: Sequence[SpeechRegion]) -> tuple[Word, ...]:
    """Words of a segment whose recogniser gave none: its characters share the speech inside it by width, silences skipped."""
    tokens = [token for token in _TOKEN.findall(segment.text.strip())]
    spans = _speech_in(segment, regions)
    length_ms = sum(end - start for start, end in spans)
    weights = [0.0 if token.isspace() or token in _END_MARKS else width(token) for token in tokens]
    scale = length_ms / (sum(weights) or 1.0)
    words: list[Word] = []
    done = 0.0
    for token, weight in zip(tokens, weights, strict=True):
        start = _at(done * scale, spans, closing=weight == 0.0)
        done += weight
        end = _at(done * scale, spans, closing=True)
        words.append(Word(token, start, max(start, end)))
    return tuple(words)


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


def _phrases(words: Sequence[Word], options: CueOptions) -> list[list[Word]]:
    runs: list[list[Word]] = [[]]
    for word in words:
        if runs[-1] and word.start_ms - runs[-1][-1].end_ms >= options.pause_ms:
            runs.append([])
        runs[-1].append(word)
    return [phrase for run in runs for phrase in _fit(_stripped(run), options.max_width) if phrase]


def _stripped(words: list[Word]) -> list[Word]:
    while words and words[0].text.isspace():
        words = words[1:]
    while words and words[-1].text.isspace():
        words = words[:-1]
    return words


def _fit(words: list[Word], max_width: int) -> list[list[Word]]:
    if not words or _width(words) <= max_width or len(words) == 1:
        return [words]
    cut = _best_cut(words, max_width)
    return [_stripped(words[:cut]), *_fit(_stripped(words[cut:]), max_width)]


def _best_cut(words: list[Word], max_width: int) -> int:
    """The index to cut before: after punctuation or a space if one fits in the last half, else where the parts come out even."""
    fits = [i for i in range(1, len(words)) if _width(_stripped(words[:i])) <= max_width] or [1]
    marks = [i for i in fits if words[i - 1].text in _END_MARKS or words[i - 1].text.isspace() or words[i].text.isspace()]
    late = [i for i in marks if _width(words[:i]) >= max_width / 2]
    if late:
        return late[-1]
    parts = -(-_width(words) // max_width)
    even = _width(words) / parts
    allowed = [i for i in fits if words[i].text not in _END_MARKS] or fits
    return min(allowed, key=lambda i: abs(_width(words[:i]) - even))


def _width(words: Sequence[Word]) -> float:
    return width("".join(word.text for word in words))


def _in_frames(phrases: list[list[Word]], rate: FrameRate, range_frames: int, options: CueOptions) -> list[Cue]:
    starts = [min(ms_to_frame_floor(words[0].start_ms, rate), range_frames) for words in phrases]
    for earlier, later in pairwise(range(len(starts))):
        starts[later] = max(starts[later], starts[earlier] + 1)
    shortest = ms_to_frame_ceil(options.min_ms, rate)
    cues: list[Cue] = []
    for number, words in enumerate(phrases):
        limit = starts[number + 1] if number + 1 < len(starts) else range_frames
        end = max(ms_to_frame_ceil(words[-1].end_ms, rate), starts[number] + shortest)
        end = min(end, limit)
        if end <= starts[number]:
            continue
        text = "".join(word.text for word in words).strip()
        spoken = tuple(word for word in words if not word.text.isspace())
        cues.append(Cue(f"c{len(cues) + 1:05}", starts[number], end, text, spoken))
    return cues
