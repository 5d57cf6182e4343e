"""Which cues a range means: the range grows outward to whole cues, and on to the next pause where people speak without one.

The rule: a cue that the range touches is redone whole. Where the cue at an edge follows its neighbour with less than PAUSE_MS of silence, cues
are added until there is that much, for at most REACH_MS; if there is none, the longest silence on the way counts. A moment of silence outside is
listened to as well, up to the gap that the cues next to the span keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from ..document import Cue, SubtitleDocument
from ..timing import FrameRate, ms_to_frame_ceil, ms_to_frame_floor, ms_to_frame_nearest

PAUSE_MS, REACH_MS = 200, 5000
_MARGIN_MS = 200  # what a recogniser wants to hear before the first sound


@dataclass(frozen=True, slots=True)
class Span:
    """Frames [start_frame, end_frame) are heard anew; of the document's cues those at places [first, last) give way."""

    start_frame: int
    end_frame: int
    first: int
    last: int


def span_of(document: SubtitleDocument, asked: tuple[int, int], length_frames: int, gap: int) -> Span:
    """The span of a range of frames of a document that is `length_frames` long.

    No cue outside [first, last) reaches into the span, nor nearer to it than `gap` frames unless nothing would be left of it then.
    """
    cues, rate = document.cues, document.rate
    first = sum(cue.end_frame <= asked[0] for cue in cues)
    last = max(first, sum(cue.start_frame < asked[1] for cue in cues))
    start, end = asked
    if first < last:
        clear = partial(_clearest, pauses=_pauses(cues, rate), least=ms_to_frame_nearest(PAUSE_MS, rate))
        reach, edge_start, edge_end = ms_to_frame_nearest(REACH_MS, rate), cues[first].start_frame, cues[last - 1].end_frame
        first = clear(place for place in range(first, -1, -1) if edge_start - cues[place].start_frame <= reach)
        last = clear(place for place in range(last, len(cues) + 1) if cues[place - 1].end_frame - edge_end <= reach)
        start, end = min(start, cues[first].start_frame), max(end, cues[last - 1].end_frame)
    before = cues[first - 1].end_frame if first else -gap
    after = cues[last].start_frame if last < len(cues) else length_frames + gap
    margin = ms_to_frame_nearest(_MARGIN_MS, rate)
    wide = max(before + gap, start - margin), min(after - gap, end + margin)
    return Span(*(wide if wide[0] < wide[1] else (max(before, start, 0), min(after, end, length_frames))), first, last)


def _clearest(places: Iterable[int], *, pauses: Sequence[int], least: int) -> int:
    """The first place with a pause of `least` frames, or the one with the longest."""
    best = -1
    for place in places:
        if pauses[place] >= least:
            return place
        if best < 0 or pauses[place] > pauses[best]:
            best = place
    return best


def _pauses(cues: Sequence[Cue], rate: FrameRate) -> list[int]:
    """Frames of silence before each cue and after the last one; less than none where a cue is shown while its neighbour speaks."""
    voices = [_voice(cue, rate) for cue in cues]
    edge = ms_to_frame_ceil(REACH_MS, rate)
    between = [_silence(*pair) for pair in zip(pairwise(cues), pairwise(voices), strict=True)]
    return [edge, *between, edge]


def _silence(cues: tuple[Cue, Cue], voices: tuple[tuple[int, int], tuple[int, int]]) -> int:
    (before, after), (earlier, later) = cues, voices
    hidden = max(before.end_frame - later[0], earlier[1] - after.start_frame, 0)
    return -hidden or later[0] - earlier[1]


def _voice(cue: Cue, rate: FrameRate) -> tuple[int, int]:
    """Where a cue's words were heard; where it is shown, when it has none or a person put it elsewhere."""
    if not cue.words:
        return cue.start_frame, cue.end_frame
    start, end = ms_to_frame_floor(cue.words[0].start_ms, rate), ms_to_frame_ceil(cue.words[-1].end_ms, rate)
    return (start, end) if start < cue.end_frame and cue.start_frame < end else (cue.start_frame, cue.end_frame)
