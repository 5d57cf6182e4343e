"""Picture cuts inside a media file, by ffmpeg's scene change detector on a small copy of the picture.

Only for files that nobody cut into a timeline: an edit's cuts are known exactly. To judge cuts otherwise, change `_FILTERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from ..progress import CancelToken
from .ffmpeg import AUDIO_FILTERS, find_ffmpeg, stream_output

_SCORE = 10  # of 100; ffmpeg's documentation calls 8 to 14 good
_FILTERS = f"scale=192:-2:flags=fast_bilinear,scdet=threshold={_SCORE},metadata=print:key=lavfi.scd.time:file=-"
_CUT = re.compile(rb"lavfi\.scd\.time=([0-9.]+)")
_DONE = re.compile(rb"out_time_us=(\d+)")


def find_cuts(file: Path, progress: Callable[[float], None], cancel: CancelToken) -> tuple[Fraction, ...]:
    """Times in seconds, from the file's first moment, of the first frame after each cut; `progress` hears how many seconds are done.

    The loop filter is skipped: it smooths blocks that a picture of 192 pixels does not show. Raises SetupError `ffmpeg.*`, what
    `stream_output` raises, and what `progress` raises.
    """
    find_ffmpeg(AUDIO_FILTERS | {"scdet", "metadata"})
    arguments = ["-skip_loop_filter", "all", "-i", str(file), "-an", "-sn", "-dn", "-vf", _FILTERS, "-progress", "pipe:1", "-f", "null", "-"]
    cuts: list[Fraction] = []
    rest = b""
    for data in stream_output(arguments, cancel, subject=str(file)):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if cut := _CUT.match(line):
                cuts.append(Fraction(cut[1].decode()))
            elif done := _DONE.match(line):
                progress(int(done[1]) / 1e6)
    return tuple(sorted(set(cuts)))
