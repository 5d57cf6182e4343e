"""The picture cuts that layout looks at: the edit's own, or those found inside a file that was never cut.

To trust another source of cuts, add it to `cuts_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import EngineError
from ..media.probe import probe_media
from ..media.scenes import find_cuts
from ..progress import CancelToken
from ..timeline import AudioPlan
from ..timing import seconds_to_nearest_frame


def cuts_of(plan: AudioPlan, progress: Callable[..., None], *, detect: bool) -> tuple[int, ...]:
    """First frames of shots, sorted, counted from the range's first frame.

    Detection runs only for a plan with at most one cut that hears one file at its own speed, and only if that file has a picture; a picture
    that cannot be decoded has no cuts. `progress` hears (seconds done, seconds in all, unit) and may raise to stop.
    """
    audible = plan.audible
    if len(plan.cuts) > 1 or not detect or len(audible) != 1 or audible[0].file is None or audible[0].speed != 1:
        return tuple(sorted(plan.cuts))
    piece, file = audible[0], Path(audible[0].file)
    try:
        info = probe_media(file)
        if info.video_rate is None:
            return plan.cuts
        length_s = float(info.duration_s)
        found = find_cuts(file, lambda done_s: progress(min(done_s, length_s), length_s, "s"), CancelToken())
    except EngineError:
        return plan.cuts
    frames = {seconds_to_nearest_frame(at_s - piece.source_start_s + piece.record_start_s, plan.rate) for at_s in found}
    return tuple(sorted({frame for frame in frames if 0 < frame < plan.duration_frames} | set(plan.cuts)))
