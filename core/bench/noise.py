"""Sources whose every sample is known: band-limited noise, one seed a channel, written into real media files.

The 16 kHz signal is the truth; files at 44.1 or 48 kHz hold the same signal interpolated exactly (zero-padded spectrum), so a clip can be
looked for by cross-correlation. Noise up to 6 kHz survives AAC and MP3. A new kind of file is a new row of `CODECS`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.wav import SAMPLE_RATE
from ..media.ffmpeg import run_ffmpeg
from ..progress import CancelToken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_S = 20
_BAND_HZ = (100, 6000)
_LEVEL = 0.05
CODECS: dict[str, tuple[str, ...]] = {
    "wav": ("-c:a", "pcm_s16le"),
    "mov": ("-c:a", "aac", "-b:a", "192k", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "192k"),
}
_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25")


@dataclass(frozen=True, slots=True)
class NoiseSource:
    """A media file of noise: its kind in CODECS, whole seconds, sample rate in Hz, and one seed for each channel."""

    path: Path
    kind: str
    seconds: int
    rate: int
    seeds: tuple[int, ...]


def noise(seed: int, start: int, stop: int) -> NDArray[np.float32]:
    """Samples [start, stop) at 16 kHz of the endless noise named `seed`; zeros before sample 0."""
    import numpy as np

    size = BLOCK_S * SAMPLE_RATE
    first, last = max(0, start) // size, max(0, stop - 1) // size
    known = np.concatenate([_block(seed, index, SAMPLE_RATE) for index in range(first, last + 1)])
    wanted = np.zeros(stop - start, np.float32)
    low, high = max(start, 0), max(stop, 0)
    wanted[low - start : high - start] = known[low - first * size : high - first * size]
    return wanted


def write_source(source: NoiseSource) -> None:
    """Write the file unless it is there. Raises StageError `ffmpeg.failed`."""
    if source.path.exists():
        return
    source.path.parent.mkdir(parents=True, exist_ok=True)
    raw, part = source.path.with_suffix(".f32"), source.path.with_name("part." + source.path.name)
    try:
        _write_raw(source, raw)
        sound = ["-f", "f32le", "-ar", str(source.rate), "-ac", str(len(source.seeds)), "-i", str(raw)]
        picture = [*_PICTURE, "-map", "0:a", "-map", "1:v"] if source.kind == "mov" else []
        run_ffmpeg([*sound, *picture, "-t", str(source.seconds), *CODECS[source.kind], "-y", str(part)], CancelToken(), subject=str(source.path))
        os.replace(part, source.path)
    finally:
        raw.unlink(missing_ok=True)
        part.unlink(missing_ok=True)


def _write_raw(source: NoiseSource, raw: Path) -> None:
    import numpy as np

    with raw.open("wb") as file:
        for index in range(-(-source.seconds // BLOCK_S)):
            channels = [_block(seed, index, source.rate) for seed in source.seeds]
            file.write(np.stack(channels, axis=1).astype("<f4").tobytes())


@lru_cache(maxsize=8)
def _block(seed: int, index: int, rate: int) -> NDArray[np.float32]:
    """Block number `index` of a noise at a sample rate: the same spectrum whatever the rate, so the same sound."""
    import numpy as np

    random = np.random.default_rng([seed, index])
    spectrum = np.zeros(BLOCK_S * rate // 2 + 1, np.complex64)
    low, high = (BLOCK_S * hertz for hertz in _BAND_HZ)
    spectrum[low:high] = np.exp(2j * np.pi * random.random(high - low, np.float32))
    power = _LEVEL * BLOCK_S * rate / np.sqrt(2 * (high - low))
    samples: NDArray[np.float32] = (np.fft.irfft(spectrum) * power).astype(np.float32)
    return samples
