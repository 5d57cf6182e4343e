"""Edges and their neighbours: padding after the voice, gaps closed or kept, cues neither too short nor too long.

The steps of `space` come in the order of Netflix's Subtitle Timing Guidelines (360051554394): cuts first, then chains, gaps, lengths. None
of them makes two cues overlap. Another rule is another step, with its own Reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .presets import Limits
from .shots import cut_at_or_before, cut_between, snap_in, snap_out
from .slots import Slot, room_after


def space(slots: Sequence[Slot], limits: Limits, cuts: Sequence[int], length: int) -> None:
    """Settle every edge, in place; `cuts` are sorted, `length` is the range's."""
    snap_in(slots, cuts, limits)
    snap_out(slots, cuts, limits, length)
    close_gaps(slots, limits, cuts)
    keep_gaps(slots, limits)
    lengthen(slots, limits, cuts, length)
    shorten(slots, limits)
    close_gaps(slots, limits, cuts)


def linger(slots: Sequence[Slot], limits: Limits, length: int) -> None:
    """Leave text up a little after the voice, longer after a particle, which trails off; never so long that a clear gap becomes a short one."""
    for index, slot in enumerate(slots):
        wanted = slot.voice_end + (limits.particle_linger if slot.final_particle else limits.linger)
        if index + 1 < len(slots) and slots[index + 1].start - slot.voice_end >= limits.close_below:
            wanted = min(wanted, slots[index + 1].start - limits.close_below)
        slot.move_end(max(slot.end, min(wanted, room_after(slots, index, limits.gap, length))), "linger")


def close_gaps(slots: Sequence[Slot], limits: Limits, cuts: Sequence[int]) -> None:
    """A gap too short to be seen as one becomes the standard gap: the earlier cue stays; not across a cut."""
    for earlier, later in pairwise(slots):
        end = later.start - limits.gap
        apart = later.start - earlier.end
        if limits.gap_most < apart < limits.close_below and end - earlier.start <= limits.longest and not cut_between(cuts, earlier.end, later.start):
            earlier.move_end(end, "chain")


def keep_gaps(slots: Sequence[Slot], limits: Limits) -> None:
    """Less than the standard gap, or an overlap: the earlier cue ends sooner."""
    for earlier, later in pairwise(slots):
        end = later.start - limits.gap
        if later.start - earlier.end < limits.gap_least:
            earlier.move_end(max(end, min(earlier.start + 1, later.start)), "gap")


def lengthen(slots: Sequence[Slot], limits: Limits, cuts: Sequence[int], length: int) -> None:
    """Give cues that are too short the free time after them, then before them, then what their neighbour only lingers."""
    for index, slot in enumerate(slots):
        last = room_after(slots, index, limits.gap, length)
        if slot.length < limits.shortest:
            slot.move_end(max(slot.end, min(slot.start + limits.shortest, last)), "short")
        near = min(last, slot.voice_end + limits.linger_max)
        if slot.length < slot.least:
            slot.move_end(max(slot.end, min(slot.start + slot.least, near)), "speed")
        if slot.length < limits.target:
            slot.move_end(max(slot.end, _before_cut(slot, min(slot.start + limits.target, near), cuts, limits)), "short")
        if slot.length < slot.least:
            _borrow(slots, index, limits)


def _before_cut(slot: Slot, end: int, cuts: Sequence[int], limits: Limits) -> int:
    """`end`, or where the cue ends now when `end` would lie near a cut that it does not reach yet."""
    cut = cut_at_or_before(cuts, end + limits.half)
    return slot.end if cut is not None and cut > slot.end else end


def _borrow(slots: Sequence[Slot], index: int, limits: Limits) -> None:
    """Begin early, as far as the voice allows, in free time or in what the cue before merely lingers."""
    slot = slots[index]
    wanted = max(slot.end - slot.least, slot.voice_start - limits.early, 0)
    if index:
        previous = slots[index - 1]
        needed = max(previous.start + previous.least, previous.voice_end)
        wanted = max(wanted, min(previous.end, needed) + limits.gap)
        if wanted < slot.start and previous.end > wanted - limits.gap:
            previous.move_end(wanted - limits.gap, "gap")
    if wanted < slot.start:
        slot.move_start(wanted, "short")


def shorten(slots: Sequence[Slot], limits: Limits) -> None:
    """Nothing stays up for longer than the longest time."""
    for slot in slots:
        if slot.length > limits.longest:
            slot.move_end(slot.start + limits.longest, "long")
