"""What must be known of a file's picture before it is drawn on: size as shown, rate, colours, and the sound that goes along.

PyAV tells most of it; rotation and light levels come with the first frame, and only ffmpeg itself says which Dolby Vision profile there is. To
know one more fact, add a field to PictureFacts and fill it in `look_at`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError
from .encoder_table import Picture
from .ffmpeg import find_ffmpeg, read_complaints
from .probe import check_readable, open_options, probe_media

Light = Literal["sdr", "pq", "hlg"]
_LIGHTS: dict[int, Light] = {16: "pq", 18: "hlg"}  # ITU-T H.273 transfer characteristics
_UNKNOWN = 2
_INTERLACED = frozenset({2, 3, 4, 5})  # AVFieldOrder
_STATIC_HDR = frozenset({"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"})
_DYNAMIC_HDR = frozenset({"DYNAMIC_HDR_PLUS", "DYNAMIC_HDR_VIVID_T35"})
_DOLBY = re.compile(r"DOVI configuration record: .*?profile: (\d+),.*?compatibility id: (\d+)")
_MAY_BE_DOLBY = frozenset({"hevc", "av1"})


@dataclass(frozen=True, slots=True)
class Sound:
    """One audio stream of the source, in file order."""

    codec: str
    channels: int


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """One file's first real picture stream (cover art is none).

    `width` and `height` are of the upright frame in stored pixels, `aspect` the shape of one pixel. `fps` is None for a picture without a rate.
    `texts` counts the subtitle streams that it has already.
    `dolby` is (profile, compatibility id) of Dolby Vision. `static_light` and `dynamic_light` name side data of HDR10 and HDR10+.
    """

    path: Path
    stream: int
    codec: str
    width: int
    height: int
    aspect: Fraction
    fps: Fraction | None
    variable_rate: bool
    interlaced: bool
    duration_s: Fraction
    bits: int
    light: Light
    tagged: bool
    sounds: tuple[Sound, ...] = ()
    texts: int = 0
    dolby: tuple[int, int] | None = None
    static_light: bool = False
    dynamic_light: bool = False

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in square pixels: what a viewer sees, and what subtitles are laid out on."""
        return round(self.width * self.aspect), self.height

    @property
    def picture(self) -> Picture:
        """Size and rate."""
        return Picture(self.width, self.height, self.fps)


def look_at(path: Path) -> PictureFacts:
    """Describe the picture of `path`; one frame is decoded.

    Raises InputError `render.no_picture` for sound alone, `render.broken_picture` when not one frame can be decoded, and what `probe_media` raises.
    """
    import av

    info = probe_media(path)
    if not info.has_picture:
        raise InputError("render.no_picture", file=path)
    try:
        with av.open(str(path), metadata_errors="replace", options=open_options(path)) as container:
            stream = next(stream for stream in container.streams.video if not stream.disposition & av.stream.Disposition.attached_pic)
            sounds = tuple(Sound(sound.codec_context.name, sound.codec_context.channels) for sound in container.streams.audio)
            facts = _facts(path, stream, next(container.decode(stream)), info.duration_s)
            return replace(facts, sounds=sounds, texts=len(container.streams.subtitles))
    except (av.error.FFmpegError, StopIteration, OSError) as error:
        check_readable(path)
        raise InputError("render.broken_picture", file=path, detail=repr(error)) from error


def _facts(path: Path, stream: Any, frame: Any, length_s: Fraction) -> PictureFacts:
    turned = frame.rotation % 180 != 0
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    kinds = set(_side_data(frame))
    average, base = stream.average_rate, stream.base_rate
    context = stream.codec_context
    return PictureFacts(
        path=path,
        stream=stream.index,
        codec=context.name,
        width=frame.height if turned else frame.width,
        height=frame.width if turned else frame.height,
        aspect=1 / aspect if turned else aspect,
        fps=Fraction(average or base) if average or base else None,
        variable_rate=bool(average and base and abs(average / base - 1) > Fraction(1, 100) and 2 * average != base),
        interlaced=bool(frame.interlaced_frame) or int(context.field_order) in _INTERLACED,
        duration_s=stream.duration * stream.time_base if stream.duration else length_s,
        bits=max(component.bits for component in frame.format.components),
        light=_LIGHTS.get(int(frame.color_trc), "sdr"),
        tagged=_UNKNOWN not in (int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)),
        dolby=_dolby(path) if context.name in _MAY_BE_DOLBY else None,
        static_light=bool(kinds & _STATIC_HDR),
        dynamic_light=bool(kinds & _DYNAMIC_HDR),
    )


def _side_data(frame: Any) -> Iterator[str]:
    return (data.type.name for data in frame.side_data)


def _dolby(path: Path) -> tuple[int, int] | None:
    """The Dolby Vision profile and what its base layer is compatible with, as ffmpeg prints them."""
    found = _DOLBY.search(read_complaints(find_ffmpeg(), ["-i", str(path)]))
    return (int(found[1]), int(found[2])) if found else None
