"""A chunk in two, where it hurts least: in the pause nearest its middle, else at its quietest point."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ..speech.chunks import Chunk
from ..speech.clock import end_to_programme, heard_ms, heard_pieces, start_to_programme, to_heard
from ..speech.quiet import quietest_ms

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..document import SpeechRegion

# a chunk shorter than this does not fill Whisper's places with speech: cutting it would not help
SHORTEST_MS = 2_000


def halves(audio: Audio, chunk: Chunk) -> tuple[Chunk, ...]:
    """Two chunks that together are `chunk`, each with its share of the speech; none for a chunk of which less than two seconds are heard."""
    if heard_ms(chunk) < SHORTEST_MS:
        return ()
    cut_ms = _cut_ms(audio, chunk)
    parts = (chunk.start_ms, cut_ms), (cut_ms, chunk.end_ms)
    return tuple(Chunk(start, end, _inside(chunk.regions, start, end)) for start, end in parts)


def parts_of(audio: Audio, chunk: Chunk, longest_ms: int) -> tuple[Chunk, ...]:
    """Chunks that together are `chunk`; of none of them more than `longest_ms` (at least two seconds) are heard."""
    if heard_ms(chunk) <= longest_ms:
        return (chunk,)
    return tuple(part for half in halves(audio, chunk) for part in parts_of(audio, half, longest_ms))


def _cut_ms(audio: Audio, chunk: Chunk) -> int:
    pieces, length_ms = heard_pieces(chunk), heard_ms(chunk)
    low, high = length_ms // 3, length_ms - length_ms // 3
    pauses = [(before.end_ms + after.start_ms) // 2 for before, after in pairwise(chunk.regions)]
    central = [place for place in pauses if low <= to_heard(pieces, place) <= high]
    if not central:
        return quietest_ms(audio, start_to_programme(pieces, low), end_to_programme(pieces, high))
    return min(central, key=lambda place: abs(2 * to_heard(pieces, place) - length_ms))


def _inside(regions: tuple[SpeechRegion, ...], start_ms: int, end_ms: int) -> tuple[SpeechRegion, ...]:
    cut = (replace(region, start_ms=max(region.start_ms, start_ms), end_ms=min(region.end_ms, end_ms)) for region in regions)
    return tuple(region for region in cut if region.end_ms > region.start_ms)
