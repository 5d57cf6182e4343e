"""One span of one file as blocks of 16 kHz float samples, through one run of ffmpeg and a pipe.

To treat a signal in another way, add a filter to `_stream`; everything ffmpeg prints or refuses is handled in `core/media/ffmpeg.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..media.ffmpeg import stream_output
from ..media.probe import MediaInfo, open_options
from ..progress import CancelToken
from .spans import Lane, Span
from .wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TEMPO_LIMITS = (Fraction(1, 2), Fraction(100))  # of one atempo filter
_BLOCK_BYTES = 1 << 18
_STRETCH_RATE = 48_000  # atempo joins windows of 43 ms here and of 64 ms at 16 kHz: sharper onsets, placed 7 ms instead of 10 ms early


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """`width` signals are interleaved in the pipe; lane number n of the span is the mean of the columns `lanes[n]`."""

    width: int
    lanes: tuple[tuple[int, ...], ...]


def decode_span(span: Span, media: MediaInfo, cancel: CancelToken) -> Iterator[NDArray[np.float32]]:
    """The span's samples, float32 of shape (samples, columns), in blocks of any size, unclipped; ends early where the media does.

    `column_layout` says which columns make a lane. Raises what it and `stream_output` raise, and Cancelled.
    """
    import numpy as np

    width = column_layout(span, media).width
    rest = b""
    for data in stream_output(decode_arguments(span, media), cancel, subject=span.file, block_bytes=_BLOCK_BYTES):
        data = rest + data
        whole = len(data) - len(data) % (4 * width)
        rest = data[whole:]
        yield np.frombuffer(data, dtype="<f4", count=whole // 4).reshape(-1, width)


def decode_arguments(span: Span, media: MediaInfo) -> list[str]:
    """ffmpeg's arguments: seek, mix each lane's channels, resample, write interleaved little-endian floats to stdout.

    `-ss` before `-i` is sample-accurate for sound. `first_pts=0` fills the silence before a stream that starts later than its file, which
    ffmpeg would drop, and `async=1` fills holes in the timestamps.
    """
    import ffmpeg

    path = Path(span.file).absolute()
    # A seek to 0 is not no seek: it makes ffmpeg drop AAC's first 21 ms.
    seek = {"ss": _decimal(span.seek_s)} if span.seek_s else {}
    reading = {"t": _decimal(span.length_s), "vn": None, "sn": None, "dn": None, "threads": 1, "protocol_whitelist": "file"}
    source = ffmpeg.input(str(path), **seek, **reading, **open_options(path))
    streams = [_stream(source[f"a:{stream}"], _groups(lanes, media), span) for stream, lanes in _by_stream(span)]
    raw = {"format": "f32le", "flush_packets": 0}  # a write a packet would triple the cost of the pipe
    if len(streams) == 1:
        return list(ffmpeg.output(streams[0], "pipe:1", **raw).get_args())
    # amerge stops with its shortest input: all are padded, and the output's length is limited instead.
    merged = ffmpeg.filter([stream.filter("apad") for stream in streams], "amerge", inputs=len(streams))
    return list(ffmpeg.output(merged, "pipe:1", t=_decimal(span.length_s), **raw).get_args())


def column_layout(span: Span, media: MediaInfo) -> ColumnLayout:
    """Where the lanes are in the decoded blocks.

    Raises InputError `extract.no_sound`, `extract.no_stream` or `extract.no_channel`.
    """
    columns: list[tuple[int, ...]] = []
    first = 0
    for stream, lanes in _by_stream(span):
        groups = _groups(lanes, media) or [(channel,) for channel in range(media.audio_streams[stream].channels)]
        for lane in lanes:
            channels = _channels(lane, media)
            wanted = [channels] if channels in groups else [(channel,) for channel in channels]
            columns.append(tuple(first + groups.index(group) for group in wanted))
        first += len(groups)
    return ColumnLayout(first, tuple(columns))


def tempo_chain(speed: Fraction) -> tuple[Fraction, ...]:
    """Factors within atempo's limits whose product is `speed`; () at speed 1."""
    low, high = _TEMPO_LIMITS
    factors = []
    while speed < low or speed > high:
        factors.append(low if speed < low else high)
        speed /= factors[-1]
    return (*factors, speed) if speed != 1 else tuple(factors)


def _stream(signal: Any, groups: Sequence[tuple[int, ...]], span: Span) -> Any:
    """One audio stream at 16 kHz with a channel for each group of its channels; () carries the stream as it is."""
    if groups:
        mixes = (f"c{index}={_average(group)}" for index, group in enumerate(groups))
        # By name, for ffmpeg-python escapes unnamed arguments twice.
        signal = signal.filter("aformat", sample_fmts="fltp").filter("pan", args="|".join([f"{len(groups)}c", *mixes]))
    stretched = span.speed != 1
    resample = {"async": 1, "first_pts": 0, "osf": "flt"}
    signal = signal.filter("aresample", _STRETCH_RATE if stretched else SAMPLE_RATE, **resample)
    if not stretched:
        return signal
    signal = signal.filter("atrim", start_sample=round(span.skip_s * _STRETCH_RATE)).filter("asetpts", "PTS-STARTPTS")
    for factor in tempo_chain(span.speed):
        signal = signal.filter("atempo", _decimal(factor))
    return signal.filter("aresample", SAMPLE_RATE)


def _by_stream(span: Span) -> Iterator[tuple[int, list[Lane]]]:
    for stream, lanes in groupby(span.lanes, key=lambda lane: lane.stream):
        yield stream, list(lanes)


def _channels(lane: Lane, media: MediaInfo) -> tuple[int, ...]:
    """The lane's channels by number, known to exist."""
    if not media.audio_streams:
        raise InputError("extract.no_sound", file=media.path)
    if lane.stream >= len(media.audio_streams):
        raise InputError("extract.no_stream", file=media.path, asked=lane.stream + 1, count=len(media.audio_streams))
    count = media.audio_streams[lane.stream].channels
    channels = lane.channels or tuple(range(count))
    if max(channels) >= count:
        raise InputError("extract.no_channel", file=media.path, asked=max(channels) + 1, count=count)
    return channels


def _groups(lanes: Sequence[Lane], media: MediaInfo) -> list[tuple[int, ...]]:
    """What ffmpeg mixes of one stream: each lane, or each channel where these are fewer; nothing of mono and stereo, which cost less whole."""
    mixed = list(dict.fromkeys(_channels(lane, media) for lane in lanes))
    if media.audio_streams[lanes[0].stream].channels <= 2:
        return []
    bare = sorted({channel for group in mixed for channel in group})
    return [(channel,) for channel in bare] if len(bare) < len(mixed) else mixed


def _average(channels: tuple[int, ...]) -> str:
    """The mean of channels in pan's notation."""
    weight = _decimal(Fraction(1, len(channels)))
    return "+".join(f"{weight}*c{channel}" for channel in channels)


def _decimal(value: Fraction) -> str:
    return f"{float(value):.9f}".rstrip("0").rstrip(".")
