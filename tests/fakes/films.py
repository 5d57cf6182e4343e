"""Small films for tests of rendering, each made once in a run: 320x180, a second long, a moving test picture.

`film(folder, name)` makes the one called `name` in `_FILMS`; to add one, add its ffmpeg arguments there.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from core.document import Cue, SubtitleDocument
from core.media.ffmpeg import find_ffmpeg
from core.timing import FrameRate

RATE = FrameRate(25)
_FFMPEG = find_ffmpeg()  # before any test puts another in its place
_PICTURE = "testsrc2=s=320x180:r=25:d=1"
_X264 = ("-c:v", "libx264", "-preset", "ultrafast")
_X265 = ("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast")
_WIDE = "setparams=color_primaries=bt2020:colorspace=bt2020nc:color_trc="
_LEVELS = "log-level=error:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"


def _of(source: str, *rest: str) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", source, *rest)


_FILMS: dict[str, tuple[str, ...]] = {
    "plain.mp4": (*_of(_PICTURE), *_of("sine=d=1"), *_X264, "-c:a", "aac"),
    "mute.mp4": _of(_PICTURE, *_X264),
    "grey.mp4": _of("color=gray:s=320x180:r=25:d=0.4", *_X264),
    "pq.mp4": _of("color=black:s=320x180:r=25:d=0.4", "-vf", _WIDE + "smpte2084", *_X265, "-x265-params", _LEVELS),
    "hlg.mov": _of("color=black:s=320x180:r=25:d=0.4", "-vf", _WIDE + "arib-std-b67", *_X265, "-x265-params", "log-level=error"),
    "odd.mp4": _of("testsrc=s=321x181:r=25:d=0.4", "-pix_fmt", "yuv444p", *_X264),
    "wide_pixels.mp4": _of("color=black:s=240x180:r=25:d=0.4,setsar=4/3", *_X264),
    "interlaced.mp4": _of("testsrc2=s=320x180:r=50:d=0.4,interlace", "-flags", "+ilme+ildct", *_X264),
    "uneven.mp4": _of(
        "testsrc2=s=320x180:r=30:d=1", "-vf", "select='not(mod(n,3))+eq(n,1)+eq(n,10)',settb=1/600",
        "-fps_mode", "passthrough", "-enc_time_base", "filter", *_X264,
    ),
    "two_sounds.mkv": (
        *_of(_PICTURE), *_of("sine=d=1"), *_of("sine=f=300:d=1"), "-map", "0", "-map", "1", "-map", "2", *_X264,
        "-c:a:0", "pcm_s16le", "-c:a:1", "aac",
    ),
    "timecode.mov": _of(_PICTURE, "-timecode", "01:00:00:00", *_X264),
    "song.m4a": _of("sine=d=1", "-c:a", "aac"),
    "8k.mp4": _of("color=gray:s=7680x4320:r=25:d=0.04", *_X264),
}  # fmt: skip


def film(folder: Path, name: str) -> Path:
    """The film called `name` in `folder`, made unless it is there."""
    path = folder / name
    if not path.exists():
        run("-y", *_FILMS[name], str(path))
    return path


def run(*arguments: str) -> bytes:
    """Run ffmpeg and return its stdout."""
    return subprocess.run([str(_FFMPEG), "-nostdin", "-v", "error", *arguments], capture_output=True, check=True).stdout


def cues(*rows: tuple[int, int, str], rate: FrameRate = RATE) -> SubtitleDocument:
    """A document of (first frame, end frame, text)."""
    return SubtitleDocument(tuple(Cue(f"c{number}", start, end, text) for number, (start, end, text) in enumerate(rows, 1)), rate)
