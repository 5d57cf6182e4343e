"""One span of one file as blocks of 16 kHz float samples, through one run of ffmpeg and a pipe.

To treat a signal in another way, add a filter to `_lane`; everything ffmpeg prints or refuses is handled in `core/media/ffmpeg.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..media.ffmpeg import stream_output
from ..media.probe import MediaInfo
from ..progress import CancelToken
from .spans import Lane, Span
from .wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TEMPO_LIMITS = (Fraction(1, 2), Fraction(100))  # of one atempo filter
_STRETCH_RATE = 48_000  # atempo joins windows of 43 ms here and of 64 ms at 16 kHz: sharper onsets, placed 7 ms instead of 10 ms early


def decode_span(span: Span, media: MediaInfo, cancel: CancelToken) -> Iterator[NDArray[np.float32]]:
    """The span's samples, float32 of shape (samples, lanes), unclipped; ends early where the media does.

    Raises InputError `extract.no_sound`, `extract.no_stream` or `extract.no_channel`, Cancelled, and what `stream_output` raises.
    """
    import numpy as np

    frame_bytes = 4 * len(span.lanes)
    rest = b""
    for data in stream_output(decode_arguments(span, media), cancel, subject=span.file):
        data = rest + data
        whole = len(data) - len(data) % frame_bytes
        rest = data[whole:]
        if whole:
            yield np.frombuffer(data[:whole], dtype="<f4").reshape(-1, len(span.lanes))


def decode_arguments(span: Span, media: MediaInfo) -> list[str]:
    """ffmpeg's arguments: seek, mix each lane's channels, resample, write interleaved little-endian floats to stdout.

    `-ss` before `-i` is sample-accurate for sound. `first_pts=0` fills the silence before a stream that starts later than its file, which
    ffmpeg would drop, and `async=1` fills holes in the timestamps.
    """
    import ffmpeg

    path = str(Path(span.file).absolute())
    # A seek to 0 is not no seek: it makes ffmpeg drop AAC's first 21 ms.
    seek = {"ss": _decimal(span.seek_s)} if span.seek_s else {}
    source = ffmpeg.input(path, **seek, t=_decimal(span.length_s), vn=None, sn=None, dn=None, threads=1, protocol_whitelist="file")
    lanes = [_lane(source, lane, span, media) for lane in span.lanes]
    if len(lanes) == 1:
        return list(ffmpeg.output(lanes[0], "pipe:1", format="f32le").get_args())
    # amerge stops with its shortest input: all are padded, and the output's length is limited instead.
    merged = ffmpeg.filter([lane.filter("apad") for lane in lanes], "amerge", inputs=len(lanes))
    return list(ffmpeg.output(merged, "pipe:1", format="f32le", t=_decimal(span.length_s)).get_args())


def tempo_chain(speed: Fraction) -> tuple[Fraction, ...]:
    """Factors within atempo's limits whose product is `speed`; () at speed 1."""
    low, high = _TEMPO_LIMITS
    factors = []
    while speed < low or speed > high:
        factors.append(low if speed < low else high)
        speed /= factors[-1]
    return (*factors, speed) if speed != 1 else tuple(factors)


def _lane(source: Any, lane: Lane, span: Span, media: MediaInfo) -> Any:
    signal = source[f"a:{lane.stream}"].filter("aformat", sample_fmts="fltp").filter("pan", args=_average(lane, media))
    stretched = span.speed != 1
    signal = signal.filter("aresample", _STRETCH_RATE if stretched else SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    if not stretched:
        return signal
    signal = signal.filter("atrim", start_sample=round(span.skip_s * _STRETCH_RATE)).filter("asetpts", "PTS-STARTPTS")
    for factor in tempo_chain(span.speed):
        signal = signal.filter("atempo", _decimal(factor))
    return signal.filter("aresample", SAMPLE_RATE)


def _average(lane: Lane, media: MediaInfo) -> str:
    """pan's formula for the mean of the lane's channels; passed by name, as ffmpeg-python escapes unnamed arguments twice."""
    if not media.audio_streams:
        raise InputError("extract.no_sound", file=media.path)
    if lane.stream >= len(media.audio_streams):
        raise InputError("extract.no_stream", file=media.path, asked=lane.stream + 1, count=len(media.audio_streams))
    count = media.audio_streams[lane.stream].channels
    channels = lane.channels or tuple(range(count))
    if max(channels) >= count:
        raise InputError("extract.no_channel", file=media.path, asked=max(channels) + 1, count=count)
    weight = _decimal(Fraction(1, len(channels)))
    return "mono|c0=" + "+".join(f"{weight}*c{channel}" for channel in channels)


def _decimal(value: Fraction) -> str:
    return f"{float(value):.9f}".rstrip("0").rstrip(".")
