"""One span of one file as blocks of 16 kHz float samples, through one run of ffmpeg and a pipe, or, of a plain WAV, by `pcm.py` without either.

To treat a signal in another way, add a filter to `_signal`; everything ffmpeg prints or refuses is handled in `core/media/ffmpeg.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..media.ffmpeg import stream_output
from ..media.probe import MediaInfo, open_options
from ..progress import CancelToken
from .pcm import pcm_span, read_pcm
from .spans import Channels, Span
from .wav import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TEMPO_LIMITS = (Fraction(1, 2), Fraction(100))  # of one atempo filter
_BLOCK_BYTES = 1 << 18
_STRETCH_RATE = 48_000  # atempo joins windows of 43 ms here and of 64 ms at 16 kHz: sharper onsets, placed 7 ms instead of 10 ms early


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """What is carried: `columns` are groups of the stream's channels, mixed before; lane number n is the mean of columns `lanes[n]`."""

    columns: tuple[Channels, ...]
    lanes: tuple[tuple[int, ...], ...]


def column_layout(span: Span, media: MediaInfo) -> ColumnLayout:
    """The cheapest columns for the span's lanes: each lane, or each channel where these are fewer; ffmpeg gives mono and stereo whole.

    Raises InputError `extract.no_sound`, `extract.no_stream` or `extract.no_channel`.
    """
    count = _channel_count(span, media)
    wanted = [lane or tuple(range(count)) for lane in span.lanes]
    used = sorted({channel for lane in wanted for channel in lane})
    if used[-1] >= count:
        raise InputError("extract.no_channel", file=media.path, asked=used[-1] + 1, count=count)
    if (count > 2 or pcm_span(span, media)) and len(wanted) <= len(used):
        return ColumnLayout(tuple(wanted), tuple((index,) for index in range(len(wanted))))
    carried = range(count) if count <= 2 else used
    columns = tuple((channel,) for channel in carried)
    return ColumnLayout(columns, tuple(tuple(columns.index((channel,)) for channel in lane) for lane in wanted))


def decode_span(span: Span, media: MediaInfo, cancel: CancelToken) -> Iterator[NDArray[np.float32]]:
    """The span's samples, float32 of shape (samples, columns), in blocks of any size, unclipped; ends early where the media does.

    `column_layout` says which columns make a lane. Raises what it, `read_pcm` and `stream_output` raise, and Cancelled.
    """
    import numpy as np

    columns = column_layout(span, media).columns
    if pcm := pcm_span(span, media):
        yield from read_pcm(pcm, columns, cancel)
        return
    width = len(columns)
    rest = b""
    for data in stream_output(decode_arguments(span, media), cancel, subject=span.file, block_bytes=_BLOCK_BYTES):
        data = rest + data
        whole = len(data) - len(data) % (4 * width)
        rest = data[whole:]
        yield np.frombuffer(data, dtype="<f4", count=whole // 4).reshape(-1, width)


def decode_arguments(span: Span, media: MediaInfo) -> list[str]:
    """ffmpeg's arguments: seek, mix, resample, write interleaved little-endian floats to stdout.

    `-ss` before `-i` is sample-accurate for sound. `first_pts=0` fills the silence before a stream that starts later than its file, which
    ffmpeg would drop, and `async=1` fills holes in the timestamps.
    """
    import ffmpeg

    path = Path(span.file).absolute()
    # A seek to 0 is not no seek: it makes ffmpeg drop AAC's first 21 ms.
    seek = {"ss": _decimal(span.seek_s)} if span.seek_s else {}
    reading = {"t": _decimal(span.length_s), "vn": None, "sn": None, "dn": None, "threads": 1, "protocol_whitelist": "file"}
    source = ffmpeg.input(str(path), **seek, **reading, **open_options(path))
    signal = _signal(source[f"a:{span.stream}"], column_layout(span, media), media.audio_streams[span.stream].channels, span)
    # flush_packets: a write a packet would triple the cost of the pipe.
    return list(ffmpeg.output(signal, "pipe:1", format="f32le", flush_packets=0).get_args())


def tempo_chain(speed: Fraction) -> tuple[Fraction, ...]:
    """Factors within atempo's limits whose product is `speed`; () at speed 1."""
    low, high = _TEMPO_LIMITS
    factors = []
    while speed < low or speed > high:
        factors.append(low if speed < low else high)
        speed /= factors[-1]
    return (*factors, speed) if speed != 1 else tuple(factors)


def _signal(signal: Any, layout: ColumnLayout, count: int, span: Span) -> Any:
    """The stream mixed to the layout's columns at 16 kHz, stretched where the span asks for it."""
    if layout.columns != tuple((channel,) for channel in range(count)):
        mixes = (f"c{index}={_average(channels)}" for index, channels in enumerate(layout.columns))
        # By name, for ffmpeg-python escapes unnamed arguments twice.
        signal = signal.filter("aformat", sample_fmts="fltp").filter("pan", args="|".join([f"{len(layout.columns)}c", *mixes]))
    stretched = span.speed != 1
    resample = {"async": 1, "first_pts": 0, "osf": "flt"}
    signal = signal.filter("aresample", _STRETCH_RATE if stretched else SAMPLE_RATE, **resample)
    if not stretched:
        return signal
    signal = signal.filter("atrim", start_sample=round(span.skip_s * _STRETCH_RATE)).filter("asetpts", "PTS-STARTPTS")
    for factor in tempo_chain(span.speed):
        signal = signal.filter("atempo", _decimal(factor))
    return signal.filter("aresample", SAMPLE_RATE)


def _channel_count(span: Span, media: MediaInfo) -> int:
    if not media.audio_streams:
        raise InputError("extract.no_sound", file=media.path)
    if span.stream >= len(media.audio_streams):
        raise InputError("extract.no_stream", file=media.path, asked=span.stream + 1, count=len(media.audio_streams))
    return media.audio_streams[span.stream].channels


def _average(channels: Channels) -> str:
    """The mean of channels in pan's notation."""
    weight = _decimal(Fraction(1, len(channels)))
    return "+".join(f"{weight}*c{channel}" for channel in channels)


def _decimal(value: Fraction) -> str:
    return f"{float(value):.9f}".rstrip("0").rstrip(".")
