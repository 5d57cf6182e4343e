"""Small pictures of a film by FFmpeg's libraries through PyAV: everywhere, and of every file that FFmpeg reads.

One process and one open file for all moments. It seeks to a key frame for each and decodes that one frame, flushing the decoder instead of feeding
it until a picture falls out: measured on an hour of H.264, that is no slower than one pass over the file even for every one of its 1,800 key
frames. Where key frames are too far apart, or the very frame is wanted, it decodes on from there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..progress import CancelToken
from .probe import check_readable, is_cover, open_options
from .thumbs_base import Ask, Shot, shown_size, small_size
from .thumbs_turn import Turn, turn_of
from .tone import HLG, PQ, to_srgb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "PyAV"
_LOOKED_AT = 3000  # entries of an index to learn how far apart key frames are
_ROUNDING_S = Fraction(1, 1000)  # Matroska keeps whole milliseconds
_TRIES = 8  # key frames to try before a damaged place is given up
_HD_HEIGHT = 720  # untagged pictures from here on are BT.709, below BT.601, as every player takes them
_MATRIX_709, _MATRIX_601, _MATRIX_2020 = 1, 5, 9  # swscale's numbers
_TAGGED_2020 = frozenset({9, 10})  # ITU-T H.273, table 4


def take(file: Path, ask: Ask, cancel: CancelToken) -> Iterator[Shot]:
    """A Shot for each moment, in order.

    Raises InputError `thumbnails.no_picture` for sound alone or with nothing but cover art, `thumbnails.unknown_codec`, `media.*` for what cannot
    be opened; Cancelled.
    """
    import av

    check_readable(file)
    try:
        with av.open(str(file), metadata_errors="replace", options=open_options(file)) as container:
            pictures = [stream for stream in container.streams.video if not is_cover(stream)]
            if not pictures:
                raise InputError("thumbnails.no_picture", file=file)
            if pictures[0].codec_context is None:
                raise InputError("thumbnails.unknown_codec", file=file)
            yield from _Film(container, pictures[0], cancel).shots(ask)
    except (av.error.FFmpegError, OSError) as error:
        raise InputError("media.not_media", file=file, detail=str(error)) from error


class _Film:
    """An open file; `_origin_s` is its first presented moment on the stream's clock."""

    def __init__(self, container: Any, stream: Any, cancel: CancelToken) -> None:
        self._container, self._stream, self._cancel = container, stream, cancel
        self._origin_s = Fraction(container.start_time or 0, 1_000_000)
        self._context = stream.codec_context
        self._context.thread_type = "SLICE"  # frame threads would hold every picture back until others came
        self._shrink = _Shrink(stream)
        self._indexed = False
        self._key_distance_s = self._look_for_keys()

    def shots(self, ask: Ask) -> Iterator[Shot]:
        """A Shot for each moment asked for."""
        if not ask.times_s:
            return
        apart_s = (ask.times_s[-1] - ask.times_s[0]) / max(1, len(ask.times_s) - 1)
        if ask.exact or (len(ask.times_s) > 1 and apart_s < self._key_distance_s):
            yield from self._exact(ask)
        else:
            yield from self._sought(ask)

    def _sought(self, ask: Ask) -> Iterator[Shot]:
        """A seek for each moment, and its key frame; a moment whose key frame was the last one's is decoded exactly."""
        last_s: Fraction | None = None
        for at_s in ask.times_s:
            frame = self._key_frame(at_s)
            key_s = self._time_s(frame)
            if frame is not None and key_s == last_s:
                frame = next(self._frames_at((at_s,))) or frame
            last_s = key_s
            yield self._shot(at_s, frame, ask)

    def _exact(self, ask: Ask) -> Iterator[Shot]:
        for at_s, frame in zip(ask.times_s, self._frames_at(ask.times_s), strict=True):
            yield self._shot(at_s, frame, ask)

    def _frames_at(self, times_s: tuple[Fraction, ...]) -> Iterator[Any | None]:
        """The frame on screen at each moment; decoding goes on from one to the next where no key frame can be between them."""
        frames: Iterator[Any] = iter(())
        shown, coming = None, None
        for at_s in times_s:
            reached_s = self._time_s(shown)
            if reached_s is None or at_s - reached_s > self._key_distance_s:
                frames = self._frames_from(at_s)
                shown, coming = None, next(frames, None)
            while coming is not None and (self._time_s(coming) or 0) <= at_s + _ROUNDING_S:
                shown, coming = coming, next(frames, None)
            yield shown or coming

    def _frames_from(self, at_s: Fraction) -> Iterator[Any]:
        """Every frame from a key frame at or before `at_s` on; what cannot be decoded is left out."""
        import av

        for packet in self._packets(at_s):
            with contextlib.suppress(av.error.FFmpegError):
                yield from self._context.decode(packet)

    def _key_frame(self, at_s: Fraction) -> Any | None:
        """The key frame at or before `at_s`, or the first one after it that is not damaged."""
        decoded = (self._decoded(packet) for packet in islice(self._key_packets(at_s), _TRIES))
        return next((frame for frame in decoded if frame is not None), None)

    def _key_packets(self, at_s: Fraction) -> Iterator[Any]:
        return (packet for packet in self._packets(at_s) if packet.is_keyframe and packet.size)

    def _packets(self, at_s: Fraction) -> Iterator[Any]:
        """The stream's packets from a key frame at or before `at_s` on; they end where the file does, or where it cannot be read further.

        A seek may land behind the moment (an index of decoding times, a container without one): then it is tried again from further back.
        """
        for back_s in (Fraction(0), self._key_distance_s, 4 * self._key_distance_s, at_s + 1):
            packets = self._packets_after_seek(at_s - back_s)
            first = next((packet for packet in packets if packet.is_keyframe and packet.size), None)
            if first is None and self._indexed:  # the file ends before its index does: what lies further back is another moment
                return
            if first is not None and (back_s > at_s or (self._time_s(first) or 0) <= at_s + _ROUNDING_S):
                yield first
                yield from packets
                return

    def _packets_after_seek(self, at_s: Fraction) -> Iterator[Any]:
        import av

        with contextlib.suppress(av.error.FFmpegError):
            self._container.seek(int((at_s + self._origin_s + _ROUNDING_S) / self._stream.time_base), stream=self._stream, backward=True)
            for packet in self._container.demux(self._stream):
                self._cancel.check()
                yield packet

    def _decoded(self, packet: Any | None) -> Any | None:
        """The picture of a key frame alone: flushing the decoder spares waiting for the packets after it."""
        import av

        if packet is None:
            return None
        try:
            frames = self._context.decode(packet) or self._context.decode(None)
        except av.error.FFmpegError:
            return None
        finally:
            self._context.flush_buffers()
        return frames[0] if frames else None

    def _time_s(self, timed: Any | None) -> Fraction | None:
        """Seconds of a frame or packet from the file's first presented moment."""
        if timed is None or timed.pts is None:
            return None
        return Fraction(timed.pts * self._stream.time_base) - self._origin_s

    def _shot(self, asked_s: Fraction, frame: Any | None, ask: Ask) -> Shot:
        return Shot(asked_s) if frame is None else Shot(asked_s, self._time_s(frame), self._shrink.pixels(frame, ask.width), NAME)

    def _look_for_keys(self) -> Fraction:
        """About how many seconds lie between key frames: from the index where the file has one, else from the first packets."""
        stamps = [entry.timestamp for entry in islice(self._stream.index_entries, _LOOKED_AT) if entry.is_keyframe]
        self._indexed = len(stamps) > 1
        if not self._indexed:
            packets = (packet for packet in self._packets_after_seek(Fraction(0)) if packet.is_keyframe and packet.pts is not None)
            stamps = [packet.pts for packet in islice(packets, 3)]
        if len(stamps) < 2:
            return self._length_s()
        return Fraction((stamps[-1] - stamps[0]) * self._stream.time_base) / (len(stamps) - 1)

    def _length_s(self) -> Fraction:
        if self._stream.duration:
            return Fraction(self._stream.duration * self._stream.time_base)
        return Fraction(self._container.duration or 0, 1_000_000)


class _Shrink:
    """Makes small sRGB pixels of frames: pixels square, the right way up, colours as players show them."""

    def __init__(self, stream: Any) -> None:
        from av.video.reformatter import Interpolation, VideoReformatter

        self._reformatter = VideoReformatter()
        # without the last two, red of 192 comes out as 188
        self._scaling = int(Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT)
        self._turn: Turn | None = None
        self._pixel_shape = Fraction(stream.sample_aspect_ratio or 1)

    def pixels(self, frame: Any, width: int) -> NDArray[np.uint8]:
        """uint8 of shape (height, `width`, 3)."""
        if self._turn is None:  # asked once: PyAV's frames and their side data hold each other, and 3 MB a picture, until Python looks for cycles
            self._turn = _turn(frame)
        turn = self._turn
        wide, high = small_size(shown_size(frame.width, frame.height, self._pixel_shape, turn.quarters), width)
        if turn.quarters % 2:
            wide, high = high, wide
        hdr = frame.color_trc in (PQ, HLG)
        matrix = _matrix(frame)
        small = self._reformatter.reformat(
            frame, wide, high, "rgb48le" if hdr else "rgb24", src_colorspace=matrix, dst_colorspace=matrix, interpolation=self._scaling
        )
        array: Any = small.to_ndarray()
        return turn.of(to_srgb(array, frame.color_trc) if hdr else array)


def _turn(frame: Any) -> Turn:
    found = next((data for data in frame.side_data if data.type.name == "DISPLAYMATRIX"), None)
    return turn_of(bytes(found)) if found is not None else Turn()


def _matrix(frame: Any) -> int:
    """swscale's number of the matrix that made the frame's YCbCr."""
    if frame.colorspace in _TAGGED_2020:
        return _MATRIX_2020
    if frame.colorspace == 2:  # nobody said
        return _MATRIX_709 if frame.height >= _HD_HEIGHT else _MATRIX_601
    return _MATRIX_709 if frame.colorspace == 1 else _MATRIX_601
