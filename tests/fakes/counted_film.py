"""Films whose frames say their own number: frame n is a grey of luma 16 + 2 n, so that a picture of it can be read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.media.ffmpeg import run_ffmpeg
from core.progress import CancelToken

FRAMES, RATE, KEY_EVERY = 100, 25, 25


def make(path: Path, *arguments: str) -> Path:
    """Run ffmpeg with `arguments`, writing `path`."""
    run_ffmpeg([*arguments, "-y", str(path)], CancelToken())
    return path


def counted(path: Path, *options: str, filters: str = "", size: str = "64x36", key_every: int = KEY_EVERY) -> Path:
    """4 s of counted frames at 25 a second, H.264 with B frames, a key frame every second."""
    source = f"color=black:s={size}:r={RATE}:d={FRAMES // RATE},format=yuv420p,geq=lum='16+2*N':cb=128:cr=128{filters}"
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-qp", "4", "-g", str(key_every), "-sc_threshold", "0")
    return make(path, "-f", "lavfi", "-i", source, *coding, *options)


def number_of(pixels: Any) -> int:
    """The number of the frame that a picture shows."""
    return round(float(pixels.mean()) * 219 / 255 / 2)
