"""From a chunk's tokens to lines with times on the programme's clock.

`read_lines` splits at the timestamps, `place_lines` makes Segments that keep the promises of ChunkResult whatever a model wrote: inside the
chunk, in order, without overlap, never of zero length, and no text lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..document import Segment, Word
from ..speech.clock import end_to_programme, heard_pieces, start_to_programme
from .tokens import STAMP_MS, SpecialTokens

if TYPE_CHECKING:
    from ..speech.chunks import Chunk

TextOf = Callable[[Sequence[int]], str]


@dataclass(slots=True)
class Line:
    """Text tokens between two timestamps (steps of 20 ms of what is heard; None where the model wrote none).

    `words` are what `alignment.py` made of the tokens.
    """

    start: int | None
    end: int | None = None
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    words: tuple[Word, ...] = ()


def read_lines(tokens: Sequence[int], logprobs: Sequence[float], special: SpecialTokens) -> list[Line]:
    """Lines with text in the order written; special tokens other than timestamps are left out."""
    lines = [Line(None)]
    for token, logprob in zip(tokens, logprobs, strict=True):
        line = lines[-1]
        if token < special.end:
            line.tokens.append(token)
            line.logprobs.append(logprob)
        elif token >= special.stamps and line.tokens:
            line.end = token - special.stamps
            lines.append(Line(line.end))
        elif token >= special.stamps:
            line.start = token - special.stamps
    return [line for line in lines if line.tokens]


def place_lines(lines: Sequence[Line], chunk: Chunk, text_of: TextOf, no_speech: float) -> tuple[Segment, ...]:
    """Segments in milliseconds from the range's first frame.

    A line without an end reaches to the end of the chunk's last speech. A line for which no time is left joins the one before it.
    """
    placed: list[Segment] = []
    for line in lines:
        text = text_of(line.tokens).replace("\ufffd", "").strip()
        if not text:
            continue
        after_ms = placed[-1].end_ms if placed else chunk.start_ms
        if placed and after_ms >= chunk.end_ms:
            placed[-1] = replace(placed[-1], text=placed[-1].text + text, words=(*placed[-1].words, *line.words))
            continue
        start_ms, end_ms = _span(line, chunk, after_ms)
        mean = sum(line.logprobs) / len(line.logprobs)
        placed.append(Segment(start_ms, end_ms, text, line.words, mean, no_speech))
    return tuple(placed)


def _span(line: Line, chunk: Chunk, after_ms: int) -> tuple[int, int]:
    """Start and end of a line in [after_ms, chunk's end], at least one step long where there is room, one millisecond anyhow."""
    pieces = heard_pieces(chunk)
    start_ms = after_ms if line.start is None else start_to_programme(pieces, line.start * STAMP_MS)
    start_ms = min(max(start_ms, after_ms), max(after_ms, chunk.end_ms - STAMP_MS))
    speech_end_ms = chunk.regions[-1].end_ms if chunk.regions else chunk.end_ms
    end_ms = speech_end_ms if line.end is None else end_to_programme(pieces, line.end * STAMP_MS)
    return start_ms, min(max(end_ms, start_ms + STAMP_MS), chunk.end_ms)
