"""Sound that lies in a WAV as plain whole numbers, read and resampled in this process: no ffmpeg has to be started, and nothing goes through a pipe.

That is the sound that Resolve renders for us (48 kHz, 16 bits) and what sound recorders write. Everything else, and whatever looks odd, is
ffmpeg's: `pcm_span` answers None. To read another kind of sample, add its width to `_floats`.
"""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..media.probe import MediaInfo
from ..progress import CancelToken
from .resample import resample_blocks, whole_ratio
from .spans import Channels, Span
from .wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTHS = (2, 3, 4)  # bytes a sample
_BLOCK_BYTES = 1 << 19


@dataclass(frozen=True, slots=True)
class PcmSpan:
    """Frames [first, last) of a WAV of `channels` channels, `width` bytes a sample, `rate` Hz, which is a whole multiple of 16 kHz."""

    path: Path
    channels: int
    width: int
    rate: int
    first: int
    last: int


def pcm_span(span: Span, media: MediaInfo) -> PcmSpan | None:
    """Where the span's samples lie in its file; None where ffmpeg must read it."""
    streams = media.audio_streams
    if span.speed != 1 or media.has_picture or len(streams) != 1 or streams[0].start_s:
        return None
    try:
        with Path(span.file).open("rb") as raw, wave.open(raw, "rb") as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames = file.getnframes()
            # a header is read no further than to the first sample; one that promises more than there is belongs to a recorder that died
            whole = raw.tell() + frames * shape[0] * shape[1] <= raw.seek(0, os.SEEK_END)
    except (OSError, EOFError, wave.Error):
        return None
    channels, width, rate = shape
    first, last = span.seek_s * rate, (span.seek_s + span.length_s) * rate
    odd = (channels, rate) != (streams[0].channels, streams[0].sample_rate) or not whole or not frames or first.denominator != 1
    if odd or width not in _WIDTHS or not whole_ratio(rate, SAMPLE_RATE):
        return None
    return PcmSpan(Path(span.file), channels, width, rate, min(int(first), frames), min(frames, _ceiling(last)))


def read_pcm(pcm: PcmSpan, columns: tuple[Channels, ...], cancel: CancelToken) -> Iterator[NDArray[np.float32]]:
    """The frames at 16 kHz as blocks of shape (samples, columns), each column the mean of its channels; full scale is 1.

    Raises InputError `resample.read_failed` when the file cannot be read to the end, and Cancelled.
    """
    return resample_blocks(_mixed(pcm, columns, cancel), len(columns), (pcm.rate, SAMPLE_RATE))


def _mixed(pcm: PcmSpan, columns: tuple[Channels, ...], cancel: CancelToken) -> Iterator[NDArray[np.float32]]:
    import numpy as np

    straight = columns == tuple((channel,) for channel in range(pcm.channels))
    for frames in _frames(pcm, cancel):
        samples = _floats(frames, pcm.width).reshape(-1, pcm.channels)
        yield samples if straight else np.stack([_mean(samples, column) for column in columns], axis=1)


def _mean(samples: NDArray[np.float32], channels: Channels) -> NDArray[np.float32]:
    import numpy as np

    total = samples[:, channels[0]] * np.float32(1 / len(channels))
    for channel in channels[1:]:
        total += samples[:, channel] * np.float32(1 / len(channels))
    return total


def _frames(pcm: PcmSpan, cancel: CancelToken) -> Iterator[bytes]:
    frame = pcm.channels * pcm.width
    size = _BLOCK_BYTES // frame
    try:
        with wave.open(str(pcm.path), "rb") as file:
            file.setpos(pcm.first)
            for position in range(pcm.first, pcm.last, size):
                cancel.check()
                count = min(size, pcm.last - position)
                data = file.readframes(count)
                if len(data) < count * frame:
                    raise EOFError(f"{len(data)} bytes of {count * frame}")
                yield data
    except (OSError, EOFError, wave.Error) as error:
        raise InputError("resample.read_failed", file=pcm.path, detail=repr(error)) from error


def _floats(data: bytes, width: int) -> NDArray[np.float32]:
    """Little-endian whole numbers of 2, 3 or 4 bytes as float32 in -1..1."""
    import numpy as np

    if width == 3:  # each sample with the byte before it as the lowest of four, which the shift drops again
        return (np.ndarray((len(data) // 3,), "<i4", b"\0" + data, strides=(3,)) >> 8).astype(np.float32) * np.float32(2.0**-23)
    return np.frombuffer(data, f"<i{width}").astype(np.float32) * np.float32(2.0 ** (1 - 8 * width))


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
