"""A long, dense edit of noise sources, and the proof of where each clip landed.

Every clip's sound is known, so extraction is checked by cross-correlation and not by itself. Another shape of timeline is another EditShape.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.wav import SAMPLE_RATE, Audio, read_samples
from ..timeline import AudioPiece, AudioPlan
from ..timing import FrameRate
from .noise import NoiseSource, noise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = FrameRate(24000, 1001)  # a frame is 667 1/3 samples: rounding has to be right
_WINDOW = 4 * SAMPLE_RATE
_REACH = SAMPLE_RATE // 20
_CHANNELS: tuple[tuple[int, ...], ...] = ((0,), (1,), ())


@dataclass(frozen=True, slots=True)
class EditShape:
    """How large an edit is: clips in all, tracks, whole seconds of timeline, number of sources and whole seconds of each."""

    clips: int = 600
    tracks: int = 4
    seconds: int = 3000
    sources: int = 10
    source_s: int = 600


def edit_sources(shape: EditShape, folder: Path) -> tuple[NoiseSource, ...]:
    """The sources to write: four in five cameras' files (H.264 and AAC in a .mov), one a recorder's WAV, at 48 and 44.1 kHz."""
    kinds = (("mov", 48_000), ("mov", 44_100), ("wav", 48_000), ("mov", 48_000), ("mov", 48_000))
    chosen = (kinds[index % len(kinds)] for index in range(shape.sources))
    return tuple(
        NoiseSource(folder / f"noise{index}_{rate}_{shape.source_s}s.{kind}", kind, shape.source_s, rate, (2 * index, 2 * index + 1))
        for index, (kind, rate) in enumerate(chosen)
    )


def edit_plan(shape: EditShape, sources: Sequence[NoiseSource]) -> AudioPlan:
    """The same edit every time: each track cut into equal slots, a clip of random length, gain, channels and source in each."""
    dice = random.Random(shape.clips)
    slots = shape.clips // shape.tracks
    slot = int(shape.seconds * RATE.fps) // slots
    pieces = []
    for number in range(slots * shape.tracks):
        track, index = divmod(number, slots)
        pieces.append(_clip(dice, (track, index * slot, slot), sources[number % len(sources)]))
    return AudioPlan(RATE, 0, slot * slots, tuple(pieces), name="noise edit")


def clip_lags(audio: Audio, plan: AudioPlan, sources: Sequence[NoiseSource]) -> Iterator[tuple[AudioPiece, int, float]]:
    """Each clip with the lag in samples at which its known sound is found, and how well it fits there (correlation, 0 to 1)."""
    by_path = {str(source.path): source for source in sources}
    for piece in sorted(plan.pieces, key=lambda piece: (str(piece.file), piece.source_start_s)):
        start_s, end_s = piece.record_start_s, piece.record_start_s + piece.record_duration_s
        first = round(start_s * SAMPLE_RATE)
        count = min(_WINDOW, round(end_s * SAMPLE_RATE) - first)
        heard = read_samples(audio, first, first + count)
        at = round((piece.source_start_s - start_s) * SAMPLE_RATE) + first
        lag, fit = best_lag(heard, _known(by_path[str(piece.file)], piece.channels, at, count), _REACH)
        yield piece, lag, fit


def best_lag(heard: NDArray[np.float32], known: NDArray[np.float32], reach: int) -> tuple[int, float]:
    """The shift within +-`reach` samples at which `known` lies in `heard` (same length), and the normalised correlation there."""
    import numpy as np

    size = 1 << (2 * len(known) - 1).bit_length()
    curve = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(known, size)), size)
    near = np.concatenate([curve[-reach:], curve[: reach + 1]])
    best = int(np.argmax(near))
    return best - reach, float(near[best] / max(1e-12, float(np.linalg.norm(heard) * np.linalg.norm(known))))


def _clip(dice: random.Random, place: tuple[int, int, int], source: NoiseSource) -> AudioPiece:
    track, slot_start, slot = place
    length = dice.randint(slot // 8, slot)
    start = slot_start + dice.randint(0, slot - length)
    source_start = dice.randint(0, int(source.seconds * RATE.fps) - length)
    return AudioPiece(
        file=str(source.path),
        record_start_s=start / RATE.fps,
        record_duration_s=length / RATE.fps,
        source_start_s=source_start / RATE.fps,
        channels=dice.choice(_CHANNELS),
        gain_db=dice.choice((-6.0, 0.0, 3.0)),
        fade_in_s=dice.choice((Fraction(0), Fraction(1, 10))),
        name=f"clip at frame {start}",
        track=f"Audio {track + 1}",
    )


def _known(source: NoiseSource, channels: tuple[int, ...], at: int, count: int) -> NDArray[np.float32]:
    import numpy as np

    seeds = [source.seeds[channel] for channel in channels] or list(source.seeds)
    mean: NDArray[np.float32] = np.mean([noise(seed, at, at + count) for seed in seeds], axis=0, dtype=np.float32)
    return mean
