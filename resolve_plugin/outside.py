"""What a run of the In/Out range leaves alone: the cues of our own track that lie outside it, and our markers there.

The range grows to whole cues first, so that none of them is half inside; what is outside goes back on the track with the new cues.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .resolve_api import ResolveHost
from .srt import Cue
from .timeline_reader import TimelineFacts
from .track_writer import ours

Span = tuple[int, int]


def whole_cues(host: ResolveHost, facts: TimelineFacts, span: Span, registers: Iterable[str]) -> Span:
    """The span, in frames from the timeline's start, grown to the edges of our cues that reach over its own."""
    first, end = span
    cues = [cue for register in registers for cue in _cues(host, facts.id, register, facts.start_frame)]
    while True:
        over = [cue for cue in cues if cue.start_frame < end and cue.end_frame > first]
        grown = min([first, *(cue.start_frame for cue in over)]), max([end, *(cue.end_frame for cue in over)])
        if grown == (first, end):
            return max(0, first), min(facts.frames, end)
        first, end = grown


def cues_outside(host: ResolveHost, facts: TimelineFacts, span: Span, register: str) -> tuple[Cue, ...]:
    """The cues of the track that would be replaced which are not wholly inside the span."""
    found = _cues(host, facts.id, register, facts.start_frame)
    return tuple(cue for cue in found if cue.start_frame < span[0] or cue.end_frame > span[1])


def with_new(kept: Iterable[Cue], new: Iterable[Cue]) -> tuple[Cue, ...]:
    """Old and new cues in order; a new one ends where a kept one begins, and begins where one ends."""
    old = sorted(kept, key=lambda cue: cue.start_frame)
    fitted = []
    for cue in new:
        first = max([cue.start_frame, *(one.end_frame for one in old if one.start_frame <= cue.start_frame)])
        end = min([cue.end_frame, *(one.start_frame for one in old if one.start_frame > cue.start_frame)])
        if first < end:
            fitted.append(Cue(first, end, cue.text))
    return tuple(sorted([*old, *fitted], key=lambda cue: cue.start_frame))


def is_inside(marker: dict[str, Any], span: Span | None) -> bool:
    """True for a marker inside the span; everything is inside the whole timeline."""
    return span is None or span[0] <= marker["frame"] < span[1]


def _cues(host: ResolveHost, timeline_id: str, register: str, start_frame: int) -> list[Cue]:
    filled = [track for track in ours(host.tracks(timeline_id, "subtitle"), register) if track["count"]]
    items = host.items(timeline_id, "subtitle", filled[0]["index"]) if filled else []
    return [Cue(item["start"] - start_frame, item["end"] - start_frame, item["text"]) for item in items]
