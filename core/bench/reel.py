"""A torture reel: everything that makes recognisers invent, and speech that is hard to hear, at known places.

Another horror is another entry of `_parts`: its name, its samples, and the words in it ('' for none).
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.resample import resample
from ..audio.wav import SAMPLE_RATE, Audio
from ..practice.voice import Voice, speak_timed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GAP_MS = 1500
_TEXT = "今日天氣好好，我哋不如去海邊行下"


@dataclass(frozen=True, slots=True)
class Part:
    """What is heard from `start_ms` to `end_ms`; `text` is what is said, '' where nobody speaks."""

    name: str
    start_ms: int
    end_ms: int
    text: str


def write_reel(path: Path, silence_s: float = 8.0) -> tuple[Audio, tuple[Part, ...]]:
    """Write the reel, one part after the other with 1.5 s between them; `silence_s` is the length of its long silence.

    Raises SetupError `practice.no_voice` without the computer voice.
    """
    import numpy as np

    parts: list[Part] = []
    position = 0
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        for name, samples, text in _parts(np.random.default_rng(11), silence_s):
            gap = np.zeros(_GAP_MS * SAMPLE_RATE // 1000, dtype=np.float32)
            start = position + len(gap)
            position = start + len(samples)
            parts.append(Part(name, start * 1000 // SAMPLE_RATE, position * 1000 // SAMPLE_RATE, text))
            whole = np.concatenate((gap, samples)).clip(-1, 1)
            file.writeframes(np.rint(whole * 32767).astype("<i2").tobytes())
    return Audio(path, position), tuple(parts)


def _parts(random: np.random.Generator, silence_s: float) -> Iterator[tuple[str, NDArray[np.float32], str]]:
    import numpy as np

    clock = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    noise = random.standard_normal(3 * SAMPLE_RATE)
    speech = _speech(Voice("f1"))
    yield "silence", np.zeros(int(silence_s * SAMPLE_RATE), dtype=np.float32), ""
    yield "white noise", (noise * 0.05).astype(np.float32), ""
    yield "faint hiss", (noise * 0.002).astype(np.float32), ""
    yield "hum", (0.2 * np.sin(2 * np.pi * 50 * clock) + 0.05 * np.sin(2 * np.pi * 150 * clock)).astype(np.float32), ""
    yield "line-up tone", (0.3 * np.sin(2 * np.pi * 1000 * clock)).astype(np.float32), ""
    yield "chords", _chords(clock), ""
    yield "applause", _claps(random), ""
    yield "speech", speech, _TEXT
    yield "clipped speech", (speech * 12).clip(-1, 1), _TEXT
    yield "speech at -45 dBFS", _at_level(speech, -45.0), _TEXT
    yield "12 characters a second", _speech(Voice("m1", 320), speed=1.6), _TEXT
    for number in range(4):
        start = SAMPLE_RATE // 2 + number * SAMPLE_RATE // 2
        yield f"fragment of 100 ms, {number + 1}", speech[start : start + SAMPLE_RATE // 10], ""


def _speech(voice: Voice, speed: float = 1.0) -> NDArray[np.float32]:
    import numpy as np

    spoken = speak_timed(_TEXT, voice)
    samples = resample(spoken.trimmed().astype(np.float32), spoken.sample_rate * speed, SAMPLE_RATE)
    scaled: NDArray[np.float32] = (samples * (0.5 / np.abs(samples).max())).astype(np.float32)
    return scaled


def _at_level(samples: NDArray[np.float32], dbfs: float) -> NDArray[np.float32]:
    import numpy as np

    factor = 10 ** (dbfs / 20) / float(np.sqrt(np.mean(samples**2)))
    scaled: NDArray[np.float32] = (samples * factor).astype(np.float32)
    return scaled


def _chords(clock: NDArray[np.float64]) -> NDArray[np.float32]:
    """Three triads with overtones, struck and dying away."""
    import numpy as np

    out = np.zeros(len(clock))
    for number, root in enumerate((220.0, 246.94, 196.0)):
        since = clock - number
        tones = (np.sin(2 * np.pi * root * ratio * overtone * clock) / overtone for ratio in (1.0, 1.26, 1.5) for overtone in (1, 2, 3))
        out += np.where((since >= 0) & (since < 1), np.exp(-3 * np.maximum(since, 0)), 0) * sum(tones)
    chords: NDArray[np.float32] = (0.3 * out / np.abs(out).max()).astype(np.float32)
    return chords


def _claps(random: np.random.Generator) -> NDArray[np.float32]:
    """Thousands of short bursts of noise."""
    import numpy as np

    out = np.zeros(3 * SAMPLE_RATE)
    burst = np.exp(-np.arange(480) / 80)
    for start in random.integers(0, len(out) - len(burst), 2400):
        out[start : start + len(burst)] += random.standard_normal(len(burst)) * burst * random.uniform(0.3, 1.0)
    claps: NDArray[np.float32] = (0.25 * out / np.abs(out).max()).astype(np.float32)
    return claps
