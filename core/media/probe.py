"""What a media file holds, asked of FFmpeg's libraries through PyAV; the only module that imports `av` to look at a file.

To report one more fact, add a field to MediaInfo and fill it in `_describe`; a new way to fail gets its own code in `data/messages/media.json`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import InputError

_MP4_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
_WAV_ENDINGS = frozenset({".wav", ".wave", ".bwf", ".rf64"})
_TEXT_DEMUXERS = frozenset({"tty"})


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One audio stream; `index` counts audio streams only. `start_s` counts from the file's first presented moment."""

    index: int
    channels: int
    sample_rate: int
    start_s: Fraction
    duration_s: Fraction


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What one file holds, in exact seconds.

    `start_timecode` is the text a camera or an editor stored; `time_reference_s` is a Broadcast WAV's start in seconds since midnight, which
    becomes a timecode only with a timeline's frame rate. `video_rate` is None without a picture; cover art is no picture.
    """

    path: Path
    duration_s: Fraction
    start_timecode: str | None
    video_rate: Fraction | None
    has_picture: bool
    audio_streams: tuple[AudioStream, ...]
    time_reference_s: Fraction | None = None


def probe_media(path: Path) -> MediaInfo:
    """Describe `path` without decoding it.

    Raises InputError `media.missing`, `media.is_folder`, `media.empty`, `media.no_permission`, `media.truncated` or `media.not_media`.
    """
    import av

    check_readable(path)
    try:
        with av.open(str(path), metadata_errors="replace", options=open_options(path)) as container:
            info = _describe(path, container)
    except av.error.PermissionError as error:
        raise InputError("media.no_permission", file=path, detail=str(error)) from error
    except (av.error.FFmpegError, OSError) as error:
        code = "media.truncated" if _looks_like_mp4(path) else "media.not_media"
        raise InputError(code, file=path, detail=str(error)) from error
    if info.duration_s <= 0 and not info.has_picture:
        raise InputError("media.empty", file=path)
    return info


def open_options(path: Path) -> dict[str, str]:
    """Options for every reader of `path`. FFmpeg searches 2500 packets of PCM for hidden DTS: 8 tell as much and save 45 ms a run."""
    return {"max_probe_packets": "8"} if path.suffix.lower() in _WAV_ENDINGS else {}


def check_readable(path: Path) -> None:
    """Raise InputError `media.missing`, `media.is_folder`, `media.no_permission` or `media.empty` unless `path` is a file with bytes in it.

    The file is really opened: macOS grants access by folder, and only `open` knows the answer.
    """
    try:
        if path.is_dir():
            raise InputError("media.is_folder", file=path)
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise InputError("media.empty", file=path)
    except PermissionError as error:
        raise InputError("media.no_permission", file=path, detail=str(error)) from error
    except OSError as error:
        raise InputError("media.missing", file=path, detail=str(error)) from error


def _looks_like_mp4(path: Path) -> bool:
    """True when the first box is one an MP4 or QuickTime file opens with, so that only its index (moov) can be missing."""
    with path.open("rb") as file:
        return file.read(8)[4:] in _MP4_FIRST_BOXES


def _describe(path: Path, container: Any) -> MediaInfo:
    pictures = [stream for stream in container.streams.video if not is_cover(stream)]
    if container.format.name in _TEXT_DEMUXERS or not (pictures or container.streams.audio):
        raise InputError("media.not_media", file=path, detail=f"read as {container.format.name}")
    origin_s = Fraction(container.start_time or 0, 1_000_000)
    length_s = _container_length_s(container)
    sounds = tuple(_describe_sound(index, stream, origin_s, length_s) for index, stream in enumerate(container.streams.audio))
    return MediaInfo(
        path=path,
        duration_s=max([length_s, *(sound.start_s + sound.duration_s for sound in sounds)]),
        start_timecode=_tag(container, "timecode"),
        video_rate=_video_rate(pictures),
        has_picture=bool(pictures),
        audio_streams=sounds,
        time_reference_s=_time_reference_s(container),
    )


def is_cover(stream: Any) -> bool:
    """True for a video stream of `av` that is a song's or a film's cover, not its picture."""
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _describe_sound(index: int, stream: Any, origin_s: Fraction, length_s: Fraction) -> AudioStream:
    start_s = Fraction(0) if stream.start_time is None else max(Fraction(0), stream.start_time * stream.time_base - origin_s)
    duration_s = length_s - start_s if stream.duration is None else stream.duration * stream.time_base
    return AudioStream(index, stream.codec_context.channels, stream.codec_context.sample_rate, start_s, max(Fraction(0), duration_s))


def _container_length_s(container: Any) -> Fraction:
    """The header's length, or the end of the last packet where a recorder died before it could write one."""
    if container.duration is not None and container.duration > 0:
        return Fraction(container.duration, 1_000_000)
    origin_s = Fraction(container.start_time or 0, 1_000_000)
    end_s = Fraction(0)
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            end_s = max(end_s, (packet.pts + (packet.duration or 0)) * packet.time_base - origin_s)
    return end_s


def _video_rate(pictures: list[Any]) -> Fraction | None:
    for stream in pictures:
        rate = stream.average_rate or stream.guessed_rate
        if rate:
            return Fraction(rate)
    return None


def _tag(container: Any, name: str) -> str | None:
    """A tag of the file, or of its first stream that has one (QuickTime keeps the timecode on a stream of its own)."""
    for holder in (container, *container.streams):
        if name in holder.metadata:
            return str(holder.metadata[name])
    return None


def _time_reference_s(container: Any) -> Fraction | None:
    reference = container.metadata.get("time_reference", "")
    sounds = container.streams.audio
    if not (reference.isdigit() and sounds and sounds[0].codec_context.sample_rate):
        return None
    return Fraction(int(reference), sounds[0].codec_context.sample_rate)
