"""Edges and picture cuts: text appears and goes with the picture where it is near a cut anyway.

Source: Netflix Timed Text Style Guide, Subtitle Timing Guidelines 360051554394, with half a second as H frames:

    in-time in [cut, cut+H)            -> the cut
    in-time less than 3/4 H before it  -> the cut;  3/4 H..H-1 before it: reported by lint, because moving it back runs ahead of the voice
    out-time within H before a cut     -> the gap before the cut
    out-time within H after it, or on it -> the gap before the cut, else H after it
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from .presets import Limits
from .slots import Slot, room_after


def cut_at_or_before(cuts: Sequence[int], frame: int) -> int | None:
    """The last cut at or before `frame`."""
    index = bisect_right(cuts, frame)
    return cuts[index - 1] if index else None


def cut_after(cuts: Sequence[int], frame: int) -> int | None:
    """The first cut after `frame`."""
    index = bisect_right(cuts, frame)
    return cuts[index] if index < len(cuts) else None


def cut_between(cuts: Sequence[int], first: int, end: int) -> bool:
    """True when a cut lies in [first, end)."""
    index = bisect_left(cuts, first)
    return index < len(cuts) and cuts[index] < end


def snap_in(slots: Sequence[Slot], cuts: Sequence[int], limits: Limits) -> None:
    """Put in-times that are near a cut on it, in place."""
    for index, slot in enumerate(slots):
        before, after = cut_at_or_before(cuts, slot.start), cut_after(cuts, slot.start)
        if before is not None and slot.start - before < limits.half:
            if slot.voice_start - before <= limits.early and _clear(slots, index, before, limits):
                slot.move_start(before, "shot")
        elif after is not None and 4 * (after - slot.start) < 3 * limits.half and slot.bears(slot.end - after):
            slot.move_start(after, "shot")


def _clear(slots: Sequence[Slot], index: int, frame: int, limits: Limits) -> bool:
    """Make room before `frame` for slot `index` by ending the one before it there; False when that one needs its time."""
    if index == 0:
        return True
    previous, end = slots[index - 1], frame - limits.gap
    if end - previous.start < previous.least:
        return False
    if previous.end > end:
        previous.move_end(end, "shot")
    return True


def snap_out(slots: Sequence[Slot], cuts: Sequence[int], limits: Limits, length: int) -> None:
    """End cues that are near a cut just before it, in place."""
    for index, slot in enumerate(slots):
        before, after = cut_at_or_before(cuts, slot.end), cut_after(cuts, slot.end)
        last = room_after(slots, index, limits.gap, length)
        if before is not None and before > slot.start and slot.end - before < limits.half:
            if slot.bears(before - limits.gap - slot.start):
                slot.move_end(before - limits.gap, "shot")
            elif before + limits.half <= min(last, slot.voice_end + limits.linger_max):
                slot.move_end(before + limits.half, "shot")
        elif after is not None and after - slot.end < limits.half:
            end = after - limits.gap
            fits = end <= min(last, slot.voice_end + limits.linger_max) and slot.bears(end - slot.start)
            if fits and end - slot.start <= limits.longest:
                slot.move_end(end, "shot")
