"""A chunk in two, where it hurts least: in the pause nearest its middle, else at its quietest point."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ..speech.chunks import Chunk
from ..speech.quiet import quietest_ms

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..document import SpeechRegion

# a chunk shorter than this does not fill Whisper's places with speech: cutting it would not help
SHORTEST_MS = 2_000


def halves(audio: Audio, chunk: Chunk) -> tuple[Chunk, ...]:
    """Two chunks that together are `chunk`, each with its share of the speech; none for a chunk under two seconds."""
    length_ms = chunk.end_ms - chunk.start_ms
    if length_ms < SHORTEST_MS:
        return ()
    cut_ms = _cut_ms(audio, chunk)
    parts = (chunk.start_ms, cut_ms), (cut_ms, chunk.end_ms)
    return tuple(Chunk(start, end, _inside(chunk.regions, start, end)) for start, end in parts)


def _cut_ms(audio: Audio, chunk: Chunk) -> int:
    third_ms = (chunk.end_ms - chunk.start_ms) // 3
    low, high = chunk.start_ms + third_ms, chunk.end_ms - third_ms
    pauses = [(before.end_ms + after.start_ms) // 2 for before, after in pairwise(chunk.regions)]
    central = [place for place in pauses if low <= place <= high]
    middle_ms = (low + high) / 2
    return min(central, key=lambda place: abs(place - middle_ms)) if central else quietest_ms(audio, low, high)


def _inside(regions: tuple[SpeechRegion, ...], start_ms: int, end_ms: int) -> tuple[SpeechRegion, ...]:
    cut = (replace(region, start_ms=max(region.start_ms, start_ms), end_ms=min(region.end_ms, end_ms)) for region in regions)
    return tuple(region for region in cut if region.end_ms > region.start_ms)
