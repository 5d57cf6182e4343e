"""The media files of the sample timeline: computer voices, room noise and a drawn picture, encoded by ffmpeg.

A new kind of recording gets a function in `_RECORDINGS`.
"""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.resample import resample
from ..media.ffmpeg import run_ffmpeg
from ..progress import CancelToken
from ..timing import FrameRate, frame_to_timecode
from .sample_picture import HEIGHT, WIDTH, write_picture
from .sample_script import RATE, Source
from .voice import speak_timed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAD_S, _PAUSE_S, _TAIL_S = 1.0, 0.7, 0.9  # silence before the first line, between lines, after the last one
_ROOM_S = 9.0
_PEAK = 0.45
_SEED = 852
# the same file on every machine with the same ffmpeg
_EXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-threads", "1")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a take sounds in its file, in seconds from the first sample."""

    start_s: Fraction
    end_s: Fraction


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished media file: length in whole frames and where each take lies."""

    source: Source
    frames: int
    spots: tuple[Spot, ...]


def record(source: Source, folder: Path) -> Recording:
    """Write the source's file into `folder`. Raises what the voice and ffmpeg raise."""
    sample_rate, make = _RECORDINGS[source.kind]
    speech, spots = _speech(source, sample_rate)
    frames = -(-len(speech) * RATE // sample_rate)
    make(source, _padded(speech, frames * sample_rate // RATE), folder / source.file)
    return Recording(source, frames, spots)


def _speech(source: Source, sample_rate: int) -> tuple[NDArray[np.float32], tuple[Spot, ...]]:
    """All takes with pauses, float32 mono, and where each sounds."""
    import numpy as np

    parts = [_silence(_LEAD_S, sample_rate)]
    spots = []
    for take in source.takes:
        spoken = speak_timed(take.text, take.voice)
        sound = resample(spoken.trimmed().astype(np.float32) / np.float32(32768), spoken.sample_rate, sample_rate)
        start = sum(map(len, parts))
        spots.append(Spot(Fraction(start, sample_rate), Fraction(start + len(sound), sample_rate)))
        parts += [sound * np.float32(_PEAK / np.abs(sound).max()), _silence(_PAUSE_S, sample_rate)]
    parts.append(_silence(_TAIL_S - _PAUSE_S if source.takes else _ROOM_S - _LEAD_S, sample_rate))
    return np.concatenate(parts), tuple(spots)


def _silence(seconds: float, sample_rate: int) -> NDArray[np.float32]:
    import numpy as np

    return np.zeros(round(seconds * sample_rate), np.float32)


def _padded(sound: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    import numpy as np

    return np.concatenate([sound, np.zeros(samples - len(sound), np.float32)])


def _noise(samples: int, level_db: float) -> NDArray[np.float32]:
    """Low-passed noise, as a quiet room sounds; `level_db` is its RMS."""
    import numpy as np

    white = np.random.default_rng(_SEED).standard_normal(samples + 31)
    soft = np.convolve(white, np.hanning(32), "valid")
    scaled: NDArray[np.float32] = (soft * (10 ** (level_db / 20) / soft.std())).astype(np.float32)
    return scaled


def _camera(source: Source, speech: NDArray[np.float32], path: Path) -> None:
    """H.264 and AAC stereo in a .mov with a timecode track; the right channel is a little further from the mouth."""
    import numpy as np

    hiss = _noise(len(speech), -58.0)
    with tempfile.TemporaryDirectory() as scratch:
        sound, picture = Path(scratch) / "sound.wav", Path(scratch) / "picture.rgb"
        _write_wav(sound, np.stack([speech + hiss, 0.7 * speech - hiss], 1), 48_000)
        write_picture(picture, len(speech) * RATE // 48_000, source.start_frame)
        _encode(
            ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", str(picture), "-i", str(sound)],
            [
                "-c:v",
                "libx264",
                "-vf",
                f"scale={2 * WIDTH}:{2 * HEIGHT}:flags=neighbor",
                "-preset",
                "medium",
                "-crf",
                "27",
                "-pix_fmt",
                "yuv420p",
                "-g",
                "50",
                "-c:a",
                "aac",
                "-b:a",
                "96k",
            ],
            ["-timecode", _timecode(source), path],
        )


def _recorder(source: Source, speech: NDArray[np.float32], path: Path) -> None:
    """Broadcast WAV of four channels: a far microphone, the speech, an unused input and a line-up tone."""
    import numpy as np

    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(len(speech)) / 48_000)
    channels = np.stack([_noise(len(speech), -45.0), speech + _noise(len(speech), -62.0), np.zeros(len(speech)), tone], 1)
    reference = source.start_frame * 48_000 // RATE
    with tempfile.TemporaryDirectory() as scratch:
        sound = Path(scratch) / "sound.wav"
        _write_wav(sound, channels, 48_000)
        _encode(["-i", str(sound)], ["-c:a", "pcm_s16le", "-write_bext", "1"], ["-metadata", f"time_reference={reference}", path])


def _phone(source: Source, speech: NDArray[np.float32], path: Path) -> None:
    """AAC mono in .m4a, as a telephone's memo recorder writes it: no timecode."""
    _encode_mono(speech + _noise(len(speech), -60.0), ["-c:a", "aac", "-b:a", "64k"], path)


def _room(source: Source, speech: NDArray[np.float32], path: Path) -> None:
    """Quiet noise as MP3."""
    _encode_mono(_noise(len(speech), -52.0), ["-c:a", "libmp3lame", "-b:a", "64k"], path)


def _encode_mono(sound: NDArray[np.float32], codec: list[str], path: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        temporary = Path(scratch) / "sound.wav"
        _write_wav(temporary, sound[:, None], 44_100)
        _encode(["-i", str(temporary)], codec, [path])


def _encode(inputs: Sequence[str], codec: Sequence[str], output: Sequence[str | Path]) -> None:
    run_ffmpeg(["-y", *inputs, *_EXACT, *codec, *map(str, output)], CancelToken(), subject=str(output[-1]))


def _write_wav(path: Path, channels: NDArray[np.float32], sample_rate: int) -> None:
    """`channels` has shape (samples, channels), in -1..1."""
    import numpy as np

    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels.shape[1])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.round(channels * 32767).astype("<i2").tobytes())


def _timecode(source: Source) -> str:
    return frame_to_timecode(source.start_frame, FrameRate(RATE))


_Maker = Callable[["Source", "NDArray[np.float32]", Path], None]
_RECORDINGS: dict[str, tuple[int, _Maker]] = {
    "camera": (48_000, _camera),
    "recorder": (48_000, _recorder),
    "phone": (44_100, _phone),
    "room": (44_100, _room),
}
