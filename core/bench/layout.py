"""`canto-beats bench layout`: our cues against two published sets of rules, on conversation, judged by a segmenter that none of them uses.

The peers are re-implemented from what their pages say (AutoSubs, August 2026; stable-ts, October 2025), with their Chinese defaults and no other
timing than their own. Judged under `hk_broadcast`; words are pycantonese's. Another peer is one more entry of `_contestants`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..cues.layout import Scene, lay_out
from ..cues.lint import lint
from ..cues.lint_base import Subject
from ..cues.presets import DEFAULT, load_preset
from ..cues.split import CueOptions, document_of, make_cues
from ..cues.width import width
from ..document import Cue, SubtitleDocument, Transcript, Word
from ..timing import FrameRate, ms_to_frame_ceil, ms_to_frame_floor
from .table import BenchResult, Row
from .talk import talk

Splitter = Callable[[Transcript], SubtitleDocument]
_RATE = FrameRate(25)
_UTTERANCES, _QUICK_UTTERANCES = 1700, 200
_SENTENCE_ENDS, _COMMAS = frozenset("。？！?!"), frozenset("，,；;、")


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Lay out the same talk by each set of rules, without and with marks; nothing is written, `work` is not used.

    Raises SetupError `layout.no_corpus`.
    """
    rows = []
    for marks in (False, True):
        transcript = talk(_QUICK_UTTERANCES if quick else _UTTERANCES, marks=marks)
        cuts_words = _judge(transcript)
        for name, splitter in _contestants():
            splitter(Transcript(transcript.segments[:5], transcript.model, transcript.language))  # loads what it needs
            began = time.process_time()
            document = splitter(transcript)
            seconds = time.process_time() - began
            rows.append(
                Row(f"{name}, {'marks' if marks else 'bare'}", {**measure(document, cuts_words), "ms_per_cue": 1000 * seconds / len(document.cues)})
            )
    return BenchResult("layout", tuple(rows))


def measure(document: SubtitleDocument, cuts_words: Callable[[Sequence[Cue]], tuple[int, int]]) -> dict[str, int | float]:
    """Cues; cuts inside an utterance, and how many of those go through a word; hard limits broken; lines that begin with a particle."""
    codes = [finding.code for finding in lint(Subject(document, load_preset(DEFAULT))) if finding.level == "error"]
    cuts, through = cuts_words(document.cues)
    return {
        "cues": len(document.cues),
        "overlaps": sum(second.start_frame < first.end_frame for first, second in zip(document.cues, document.cues[1:], strict=False)),
        "cuts": cuts,
        "words_cut": through,
        "words_cut_percent": round(100 * through / max(1, cuts), 2),
        "too_wide": codes.count("lint.cpl"),
        "too_short": codes.count("lint.dur_min"),
        "too_long": codes.count("lint.dur_max"),
        "too_fast": codes.count("lint.cps"),
        "no_gap": codes.count("lint.gap_lt2"),
        "particle_first": sum(finding.code == "lint.starts_with_particle" for finding in lint(Subject(document, load_preset(DEFAULT)))),
    }


def _judge(transcript: Transcript) -> Callable[[Sequence[Cue]], tuple[int, int]]:
    """Counts a document's cuts inside utterances, and those inside a word of pycantonese's."""
    import pycantonese

    edges: set[int] = set()  # places in the whole talk's letters where a word ends
    turns: set[int] = set()  # where an utterance ends
    place = 0
    for segment in transcript.segments:
        for stretch in re.split(r"[^\w]+", segment.text):
            for word in pycantonese.segment(stretch) if stretch else ():
                place += len(word)
                edges.add(place)
        turns.add(place)

    def judge(cues: Sequence[Cue]) -> tuple[int, int]:
        at, cuts, through = 0, 0, 0
        for cue in cues:
            at += sum(char.isalnum() for char in cue.text)
            cuts += at not in turns
            through += at not in turns and at not in edges
        return cuts, through

    return judge


def _contestants() -> Iterator[tuple[str, Splitter]]:
    yield "ours", _ours
    yield "AutoSubs' rules", _by(_autosubs)
    yield "stable-ts' rules", _by(_stable_ts)


def _ours(transcript: Transcript) -> SubtitleDocument:
    cues = make_cues(transcript, (), _RATE, 10**9, CueOptions())
    return lay_out(document_of(cues, _RATE, 0, transcript), load_preset(DEFAULT), Scene()).document


def _by(split: Callable[[Sequence[Word]], list[list[Word]]]) -> Splitter:
    """The document of a rule that cuts the words of a whole talk."""

    def document(transcript: Transcript) -> SubtitleDocument:
        words = [word for segment in transcript.segments for word in segment.words]
        cues: list[Cue] = []
        for number, part in enumerate(part for part in split(words) if "".join(word.text for word in part).strip()):
            start = max(ms_to_frame_floor(part[0].start_ms, _RATE), cues[-1].end_frame if cues else 0)
            end = max(ms_to_frame_ceil(part[-1].end_ms, _RATE), start + 1)
            cues.append(Cue(str(number), start, end, "".join(word.text for word in part).strip()))
        return SubtitleDocument(tuple(cues), _RATE)

    return document


def _autosubs(words: Sequence[Word]) -> list[list[Word]]:
    """Hard breaks at half a second of silence, sentence ends and six seconds; then lines of at most 20 for Chinese, cut greedily near even length,
    after an end mark (3) or a comma or quarter-second pause (2), never before a closing mark (kinsoku)."""
    blocks: list[list[Word]] = [[]]
    for word in words:
        block = blocks[-1]
        if block and word.text not in _SENTENCE_ENDS | _COMMAS:
            silence_ms = word.start_ms - block[-1].end_ms
            if silence_ms >= 500 or block[-1].text in _SENTENCE_ENDS or word.end_ms - block[0].start_ms > 6000:
                blocks.append([])
        blocks[-1].append(word)
    return [line for block in blocks for line in _balanced(block, 20)]


def _balanced(block: list[Word], widest: int) -> list[list[Word]]:
    total = _width(block)
    if total <= widest or len(block) < 2:
        return [block]
    even = total / -(-total // widest)
    fits = [i for i in range(1, len(block)) if _width(block[:i]) <= widest and block[i].text not in _SENTENCE_ENDS | _COMMAS] or [1]

    def score(place: int) -> float:
        before, after = block[place - 1], block[place]
        strength = 3 if before.text in _SENTENCE_ENDS else 2 if before.text in _COMMAS or after.start_ms - before.end_ms >= 250 else 0
        return abs(_width(block[:place]) - even) - 2 * strength

    place = min(fits, key=score)
    return [block[:place], *_balanced(block[place:], widest)]


def _stable_ts(words: Sequence[Word]) -> list[list[Word]]:
    """The default regrouping: at end marks, at half a second of silence, at commas in lines of 50 characters and more, at 70 characters."""
    lines: list[list[Word]] = [[]]
    for word in words:
        line = lines[-1]
        if line and word.text not in _SENTENCE_ENDS | _COMMAS:
            length = sum(len(one.text) for one in line)
            comma = line[-1].text in _COMMAS and length >= 50
            if line[-1].text in _SENTENCE_ENDS or word.start_ms - line[-1].end_ms >= 500 or comma or length + len(word.text) > 70:
                lines.append([])
        lines[-1].append(word)
    return lines


def _width(words: Sequence[Word]) -> float:
    return width("".join(word.text for word in words))
