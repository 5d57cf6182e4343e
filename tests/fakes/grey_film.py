"""A grey film to burn subtitles into, and the way to see whether letters are in it."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_clip(path: Path, seconds: int) -> None:
    """Write a grey film of 320x180 at 25 frames a second."""
    from core.media.ffmpeg import find_ffmpeg

    source = f"color=gray:s=320x180:r=25:d={seconds}"
    subprocess.run([str(find_ffmpeg()), "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", str(path)], check=True)


def brightest(film: Path, at_s: float) -> int:
    """The largest luma of the first frame at or after a time: 126 for the grey, above 200 where white letters are."""
    import av

    with av.open(str(film)) as container:
        frame = next(frame for frame in container.decode(video=0) if frame.time is not None and frame.time >= at_s)
        return int(frame.to_ndarray(format="gray").max())
