"""A chunk's own clock: the middles of its long pauses are not heard, so what the recogniser hears is shorter than the chunk.

    programme  |--speech--|........ pause ........|--speech--|
    heard      |--speech--|.. ..|--speech--|

Another rule for what is left out belongs into `heard_pieces`; everybody who reads a chunk's sound, or turns a moment that was heard into one of
the programme, comes through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from ..audio.wav import read_samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..document import SpeechRegion

# In 20 minutes of held-out speech, 3,117 characters in windows of up to 28 s, the practice model wrote 94 wrong ones with pauses of at most 400 ms,
# 84 with 600, 83 with 800, 80 with 1,000; the last needs more windows.
LONGEST_PAUSE_MS = 800
_HALF_MS = LONGEST_PAUSE_MS // 2

Pieces = tuple[tuple[int, int], ...]
"""(start_ms, end_ms) on the programme's clock, in time order."""


class Stretch(Protocol):
    """What the clock needs of a chunk."""

    @property
    def start_ms(self) -> int: ...

    @property
    def end_ms(self) -> int: ...

    @property
    def regions(self) -> Sequence[SpeechRegion]: ...


def pause_heard_ms(pause_ms: int) -> int:
    """How much of a pause between two regions is heard: half of it from either end."""
    return min(pause_ms, LONGEST_PAUSE_MS)


def heard_pieces(chunk: Stretch) -> Pieces:
    """The parts of a chunk that are heard, one right after the other: all of it but the middles of its long pauses."""
    cuts = [
        (before.end_ms + _HALF_MS, after.start_ms - _HALF_MS)
        for before, after in pairwise(chunk.regions)
        if after.start_ms - before.end_ms > LONGEST_PAUSE_MS
    ]
    starts, ends = [chunk.start_ms, *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), chunk.end_ms]
    return tuple(zip(starts, ends, strict=True))


def heard_ms(chunk: Stretch) -> int:
    """How much of a chunk is heard."""
    return sum(end - start for start, end in heard_pieces(chunk))


def read_heard(audio: Audio, chunk: Stretch) -> NDArray[np.float32]:
    """What is heard of a chunk: float32 in -1..1, shape (samples,)."""
    import numpy as np

    rate = audio.sample_rate
    return np.concatenate([read_samples(audio, start * rate // 1000, end * rate // 1000) for start, end in heard_pieces(chunk)])


def start_to_programme(pieces: Pieces, heard: int) -> int:
    """The programme's time of what begins `heard` milliseconds into the pieces. What begins in a shortened pause begins behind its cut."""
    for start_ms, end_ms in pieces[:-1]:
        if heard < end_ms - start_ms - _HALF_MS:
            return start_ms + heard
        heard = max(0, heard - (end_ms - start_ms))
    return pieces[-1][0] + heard


def end_to_programme(pieces: Pieces, heard: int) -> int:
    """The programme's time of what ends `heard` milliseconds into the pieces. What ends in a shortened pause ends before its cut."""
    for start_ms, end_ms in pieces[:-1]:
        length_ms = end_ms - start_ms
        if heard <= length_ms + _HALF_MS:
            return start_ms + min(heard, length_ms)
        heard -= length_ms
    return pieces[-1][0] + heard


def to_heard(pieces: Pieces, programme_ms: int) -> int:
    """Milliseconds heard before a moment of the programme; in what is cut out, those before the cut."""
    return sum(min(max(programme_ms - start, 0), end - start) for start, end in pieces)
