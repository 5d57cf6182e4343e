"""Which lines are speech and which the model made up: evidence is weighed, nothing vanishes.

A line is dropped for what nobody says (credits of other people's videos), for circles, and for two independent signs that there was nothing to
hear. One sign alone makes it doubtful: it stays, with a flag. Either way a Finding keeps the text and the reason. Another sign is another entry
of `_signs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..cues.spread import tokens_of
from ..document import Finding, Segment
from ..messages import Language, text
from .base import ChunkResult
from .phrases import known_phrase, plain
from .repeats import Repeat, packs_too_well, tandem_repeat

if TYPE_CHECKING:
    from ..document import SpeechRegion
    from ..speech.chunks import Chunk

NO_SPEECH, LOW_LOGPROB, LITTLE_SPEECH = 0.6, -1.0, 0.2
# Chinese characters and Latin words a second of speech: broadcasters reach 7, nobody 12
FASTEST, SLOWEST = 12.0, 0.7
_RATE_LEAST_MS = 1_000
# where other people's videos say goodbye, and so the model does
_EDGE_MS = 30_000
# a phrase that people say too is dropped at the edges when its words are no surer than this
_SURE_LOGPROB = -0.5
_MANY_SHARE, _MANY_LEAST = 0.3, 3


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left of a chunk, and what is to be looked at."""

    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...]


def sift(result: ChunkResult, chunk: Chunk, duration_ms: int, language: Language) -> Sifted:
    """Judge the lines of a chunk; `duration_ms` is that of the whole audio."""
    segments: list[Segment] = []
    findings: list[Finding] = []
    for segment in result.segments:
        kept, dropped, reasons = judge(segment, chunk.regions, duration_ms)
        if kept:
            segments.append(kept)
        if reasons:
            code = "asr.dropped" if dropped else "asr.doubtful"
            findings.append(_finding(code, replace(segment, text=dropped or segment.text), reasons, language))
    return Sifted(tuple(segments), tuple(findings))


def judge(segment: Segment, regions: Sequence[SpeechRegion], duration_ms: int) -> tuple[Segment | None, str, tuple[str, ...]]:
    """What stays of a line (None: nothing), the text that was dropped ('' when it is only doubtful), and why."""
    signs = _signs(segment, regions)
    phrase = known_phrase(segment.text)
    if phrase and not phrase.spoken:
        return None, segment.text, ("known_phrase", *signs)
    if phrase and (signs or (_at_edge(segment, duration_ms) and segment.avg_logprob < _SURE_LOGPROB)):
        return None, segment.text, ("known_phrase", *signs)
    if len(set(signs) & {"no_speech", "low_confidence", "no_voice"}) >= 2:
        return None, segment.text, signs
    repeat = tandem_repeat(segment.text)
    if repeat or packs_too_well(segment.text):
        kept = _without(segment, repeat) if repeat else None
        gone = segment.text[repeat.start + repeat.unit : repeat.end] if repeat else segment.text
        return kept, gone, ("repeats", *signs)
    if doubts := tuple(sign for sign in signs if sign != "no_speech"):
        return replace(segment, flags=(*segment.flags, *doubts)), "", doubts
    return segment, "", ()


def _signs(segment: Segment, regions: Sequence[SpeechRegion]) -> tuple[str, ...]:
    """What speaks against a line: names in the catalogue as `asr.because.<name>`."""
    length_ms = segment.end_ms - segment.start_ms
    voiced_ms = sum(max(0, min(segment.end_ms, region.end_ms) - max(segment.start_ms, region.start_ms)) for region in regions)
    said = sum(any(map(str.isalnum, part)) for part in tokens_of(segment.text))
    rate = said * 1000 / max(1, voiced_ms)
    tests = (
        ("no_speech", segment.no_speech > NO_SPEECH),
        ("low_confidence", segment.avg_logprob < LOW_LOGPROB),
        ("no_voice", voiced_ms < LITTLE_SPEECH * length_ms),
        ("too_fast", voiced_ms >= _RATE_LEAST_MS and rate > FASTEST),
        ("too_slow", voiced_ms >= 2 * _RATE_LEAST_MS and rate < SLOWEST),
    )
    return tuple(name for name, true in tests if true)


def _at_edge(segment: Segment, duration_ms: int) -> bool:
    return segment.start_ms < _EDGE_MS or segment.end_ms > duration_ms - _EDGE_MS


def _without(segment: Segment, repeat: Repeat) -> Segment:
    """The line with its repeated unit said once; words follow the text."""
    kept = segment.text[: repeat.start + repeat.unit] + segment.text[repeat.end :]
    first, last = len(plain(segment.text[: repeat.start + repeat.unit])), len(plain(segment.text[: repeat.end]))
    words, position = [], 0
    for word in segment.words:
        if position < first or position >= last:
            words.append(word)
        position += len(plain(word.text))
    return replace(segment, text=kept, words=tuple(words), flags=(*segment.flags, "repeats"))


def _finding(code: str, segment: Segment, reasons: Sequence[str], language: Language) -> Finding:
    why = text("asr.because.between", language).join(text(f"asr.because.{reason}", language) for reason in reasons)
    message = text(code, language, second=f"{segment.start_ms / 1000:.1f}", text=segment.text, why=why)
    return Finding(code, message, "warning", None, segment.start_ms, segment.end_ms)


def whole_file(findings: Sequence[Finding], chunks: int, language: Language) -> tuple[Finding, ...]:
    """A suggestion when 30 % of the chunks, and at least three, gave something to doubt: then it is not the lines, it is the choice of model."""
    codes = ("asr.dropped", "asr.doubtful", "asr.words_may_be_missing", "asr.nothing_understood")
    doubted = min(chunks, sum(finding.code in codes for finding in findings))
    if doubted < _MANY_LEAST or doubted < _MANY_SHARE * chunks:
        return ()
    return (Finding("asr.many_doubts", text("asr.many_doubts", language, count=doubted, chunks=chunks), "warning"),)
