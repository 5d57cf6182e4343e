"""From regions to chunks: the stretches of audio that the recogniser hears one at a time. Integer milliseconds, no audio.

Whisper pays for a whole window however little is in it, so regions are packed together. Long silence invites invented text and fills the
window, so most of a pause is not heard (`clock.py`). Where to cut inside speech is the caller's `Quiet` function (see `quiet.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..document import SpeechRegion
from .clock import pause_heard_ms

Quiet = Callable[[int, int], int]
"""(start_ms, end_ms) -> the quietest moment of that stretch in milliseconds."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of audio with the speech in it; neighbouring chunks never overlap."""

    start_ms: int
    end_ms: int
    regions: tuple[SpeechRegion, ...]


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """What is heard of chunks in milliseconds, pads included: `shortest_ms` to `longest_ms` is aimed at, `cap_ms` is never passed.

    Whisper's window is 30 s, and its 440 tokens are enough for 28 s at ten characters a second (1.3 tokens a character in HKCanCor); `asr/rounds.py`
    halves a chunk that needs more. A pause above `max_pause_ms` always ends a chunk; `tail_ms` is the least that a cut inside speech leaves over.
    Raises ValueError when the lengths leave no room for a cut.
    """

    shortest_ms: int = 22_000
    longest_ms: int = 28_000
    cap_ms: int = 28_000
    max_pause_ms: int = 8_000
    pad_ms: int = 200
    tail_ms: int = 4_000

    def __post_init__(self) -> None:
        if not 2 * self.pad_ms < self.shortest_ms <= self.longest_ms <= self.cap_ms or self.shortest_ms + self.tail_ms > self.cap_ms:
            raise ValueError(f"chunk lengths do not fit together: {self}")


def pack(regions: Sequence[SpeechRegion], quiet: Quiet, duration_ms: int, options: ChunkOptions = ChunkOptions()) -> tuple[Chunk, ...]:
    """Chunks in time order, inside [0, duration_ms]; every region lies in one of them, or in several when it alone is above the cap.

    `regions` are in time order and do not overlap. Cuts go to the longest pause that keeps the length aimed at, else to the last pause
    under the cap; a region above the cap is cut where `quiet` says. Pads of neighbouring chunks meet in the middle of their pause.
    """
    pieces = [piece for region in regions for piece in _split(region, quiet, options)]
    groups = list(_groups(pieces, options))
    spans = _widen([(group[0].start_ms, group[-1].end_ms) for group in groups], options.pad_ms, duration_ms)
    return tuple(Chunk(start, end, group) for (start, end), group in zip(spans, groups, strict=True))


def _split(region: SpeechRegion, quiet: Quiet, options: ChunkOptions) -> Iterator[SpeechRegion]:
    """The region in pieces that fit under the cap, or itself."""
    pads, start = 2 * options.pad_ms, region.start_ms
    while region.end_ms - start > options.cap_ms - pads:
        low = start + options.shortest_ms - pads
        high = min(start + options.longest_ms - pads, region.end_ms - options.tail_ms)
        cut = min(max(quiet(low, high), low), high)
        yield replace(region, start_ms=start, end_ms=cut)
        start = cut
    yield replace(region, start_ms=start)


def _groups(pieces: Sequence[SpeechRegion], options: ChunkOptions) -> Iterator[tuple[SpeechRegion, ...]]:
    first = 0
    while first < len(pieces):
        stop = _cut(pieces, first, options)
        yield tuple(pieces[first:stop])
        first = stop


def _widen(spans: Sequence[tuple[int, int]], pad_ms: int, duration_ms: int) -> list[tuple[int, int]]:
    """Each (start, end) with `pad_ms` on both sides, inside [0, duration_ms]; where two pads would overlap they meet in the middle.

    `spans` are in time order and do not overlap.
    """
    middles = [(left[1] + right[0]) // 2 for left, right in pairwise(spans)]
    floors, ceilings = [0, *middles], [*middles, duration_ms]
    return [(max(start - pad_ms, floor), min(end + pad_ms, ceiling)) for (start, end), floor, ceiling in zip(spans, floors, ceilings, strict=False)]


def _cut(pieces: Sequence[SpeechRegion], first: int, options: ChunkOptions) -> int:
    """Index one past the last piece of the chunk that starts with piece `first`."""
    length = pieces[first].end_ms - pieces[first].start_ms + 2 * options.pad_ms
    best, best_pause, stop = 0, -1, first + 1
    while stop < len(pieces):
        pause = pieces[stop].start_ms - pieces[stop - 1].end_ms
        if pause > options.max_pause_ms:
            return stop
        if pause >= best_pause and options.shortest_ms <= length <= options.longest_ms:
            best, best_pause = stop, pause
        length += pause_heard_ms(pause) + pieces[stop].end_ms - pieces[stop].start_ms
        if length > options.cap_ms:
            return best or stop
        stop += 1
    return stop
