"""Time for text that a pass made longer: borrowed inside its sentence, whose outer edges and pauses stay on the voice.

A cue that cannot be read in its time takes frames from a neighbour that has more than its characters need. What a rewrite moved between cues is
paid for that way; nothing moves where nothing is too short.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from .presets import Limits
from .slots import Slot


def retime(slots: Sequence[Slot], sentences: Iterable[range], limits: Limits) -> None:
    """Move the edges between cues of one sentence that follow each other at once, in place and no further than a quarter of a second.

    `sentences` are ranges of places in `slots`; an edge that lies on a cut stays. Each slot's `least` is what its characters need;
    who has no more than that gives nothing.
    """
    for sentence in sentences:
        for run in _without_pause(slots, sentence, limits):
            _push(run, limits, later=True)
            _push(run, limits, later=False)


def _without_pause(slots: Sequence[Slot], sentence: range, limits: Limits) -> Iterable[list[Slot]]:
    run: list[Slot] = []
    for index in sentence:
        if run and slots[index].start - run[-1].end > limits.gap_most:
            yield run
            run = []
        run.append(slots[index])
    yield run


def _push(run: Sequence[Slot], limits: Limits, *, later: bool) -> None:
    """Let each cue that is too short push the edge to its right (or left) into what its neighbour can spare."""
    pairs = list(pairwise(run))
    for left, right in pairs if later else reversed(pairs):
        short, rich = (left, right) if later else (right, left)
        frames = min(short.least - short.length, rich.length - rich.least, limits.half // 2)
        if frames > 0 and "shot" not in (left.end_reason, right.start_reason):
            step = frames if later else -frames
            left.move_end(left.end + step, "reading")
            right.move_start(right.start + step, "reading")
