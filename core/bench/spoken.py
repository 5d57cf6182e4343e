"""Speech with a known truth: computer-voice sentences laid into silence or noise at places we choose.

`bench speech` measures on it and the tests of `core/speech` listen to it. Another kind of background is another `Background`.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.resample import resample
from ..audio.wav import SAMPLE_RATE, Audio
from ..practice.voice import Voice, speak_timed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SENTENCES = (
    "今日天氣好好，我哋不如去海邊行下",
    "你食咗飯未呀",
    "琴日我喺旺角見到佢",
    "呢份文件要喺星期五之前交",
    "唔該晒你幫我手",
    "聽日朝早九點喺公司樓下等",
    "我都唔知點解佢會咁講",
    "佢話搭地鐵會快啲，但係我想坐巴士睇下風景",
)
VOICES = (Voice("f1"), Voice("m3", 150, 45), Voice("f4", 180, 60), Voice("m1", 140, 40))


@dataclass(frozen=True, slots=True)
class Background:
    """White noise at `noise_dbfs` (RMS over full scale, None for digital silence), random pauses of `pause_ms`, speech peaking at `peak`.

    With `sound_every` n, every n-th pause holds a loud sound that is not speech: by turns noise and a tone. `tail_ms` is the pause at the end.
    """

    noise_dbfs: float | None = None
    pause_ms: tuple[int, int] = (600, 2500)
    peak: float = 0.5
    sound_every: int = 0
    seed: int = 7
    tail_ms: int = 1000


def write_spoken(
    path: Path, seconds: int, background: Background = Background(), texts: Sequence[str] = SENTENCES
) -> tuple[Audio, tuple[tuple[int, int], ...]]:
    """Write about `seconds` of `texts`, in order and again from the first, with pauses before and after.

    Returns the audio and the true (start_ms, end_ms) of every sentence. Raises SetupError `practice.no_voice` without the computer voice.
    """
    import numpy as np

    random = np.random.default_rng(background.seed)
    utterances = [_resampled(text, VOICES[i % len(VOICES)], background.peak) for i, text in enumerate(texts)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        position, truth = 0, []
        for piece, spoken in _pieces(utterances, seconds, background, random):
            if spoken:
                truth.append((position * 1000 // SAMPLE_RATE, (position + len(piece)) * 1000 // SAMPLE_RATE))
            file.writeframes(_as_int16(piece, background, random))
            position += len(piece)
    return Audio(path, position), tuple(truth)


def _pieces(
    utterances: Sequence[NDArray[np.float32]], seconds: int, background: Background, random: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """Pause, sentence, pause, sentence ... pause, with whether it is speech."""
    import numpy as np

    position, index = 0, 0
    while position < seconds * SAMPLE_RATE:
        pause = np.zeros(int(random.integers(*background.pause_ms)) * SAMPLE_RATE // 1000, dtype=np.float32)
        if background.sound_every and index % background.sound_every == background.sound_every - 1:
            pause = np.concatenate((pause, _sound(index // background.sound_every, random), pause))
        sentence = utterances[index % len(utterances)]
        yield pause, False
        yield sentence, True
        position += len(pause) + len(sentence)
        index += 1
    yield np.zeros(background.tail_ms * SAMPLE_RATE // 1000, dtype=np.float32), False


def _sound(number: int, random: np.random.Generator) -> NDArray[np.float32]:
    """1.5 s of white noise at -35 dBFS or of a 440 Hz tone at -20 dBFS."""
    import numpy as np

    count = SAMPLE_RATE * 3 // 2
    if number % 2 == 0:
        return random.standard_normal(count, dtype=np.float32) * np.float32(10 ** (-35 / 20))
    return (10 ** (-20 / 20) * 2**0.5 * np.sin(2 * np.pi * 440 * np.arange(count) / SAMPLE_RATE)).astype(np.float32)


def _resampled(text: str, voice: Voice, peak: float) -> NDArray[np.float32]:
    """One sentence at 16 kHz from its first sound to its last, shape (n,), largest sample `peak`."""
    import numpy as np

    spoken = speak_timed(text, voice)
    samples = resample(spoken.trimmed().astype(np.float32), spoken.sample_rate, SAMPLE_RATE)
    return samples * np.float32(peak / np.abs(samples).max())


def _as_int16(samples: NDArray[np.float32], background: Background, random: np.random.Generator) -> bytes:
    import numpy as np

    if background.noise_dbfs is not None:
        samples = samples + random.standard_normal(len(samples), dtype=np.float32) * np.float32(10 ** (background.noise_dbfs / 20))
    data: bytes = np.rint(samples.clip(-1, 1) * 32767).astype("<i2").tobytes()
    return data
