"""Where an OTIO item's media lives, whether it is there, and how its own clock starts.

To follow one more kind of reference, add a branch to `read_media`.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..errors import InputError
from ..media.probe import MediaInfo, probe_media
from ..timeline import MediaRef
from ..timing import parse_rate, timecode_to_frame
from .values import exact_fps, length_of, resolve_entry, seconds_of

_STILL_SUFFIXES = frozenset(
    (".ai", ".bmp", ".dpx", ".exr", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".psd", ".svg", ".tga", ".tif", ".tiff", ".webp")
)
_WINDOWS_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def read_media(clip: Any, folder: Path) -> MediaRef:
    """The media of an `otio.schema.Clip`; a relative path resolves against `folder`.

    Media without an available range is probed. Raises InputError `timing.unknown_rate` or `timeline.impossible_time`.
    """
    reference = clip.media_reference
    url = _url(reference)
    file = path_of_url(url, folder) if url else None
    still = hasattr(reference, "target_url_base") or _suffix(url) in _STILL_SUFFIXES
    online = file is not None and os.path.isfile(file)
    media = MediaRef(file, offline=bool(url) and not online and not still, still=still)
    if getattr(reference, "available_range", None) is not None:
        start_s, duration_s = _available(reference.available_range)
        return replace(media, start_s=start_s, duration_s=duration_s)
    return _probed(media, clip) if online and not still else media


def _url(reference: Any) -> str:
    """The media's address as the host wrote it; for missing media the last one it knew."""
    url = getattr(reference, "target_url", None)
    if not url and reference is not None:
        url = resolve_entry(reference, "Media Url")
    return url if isinstance(url, str) else ""


def _suffix(url: str) -> str:
    return os.path.splitext(url)[1].lower()


def _available(available: Any) -> tuple[Fraction | None, Fraction | None]:
    """Start and length of the media. A rate that nobody knows does no harm where the media starts at zero."""
    try:
        return seconds_of(available.start_time), length_of(available.duration)
    except InputError:
        if available.start_time.value == 0:
            return Fraction(0), None
        raise


def path_of_url(url: str, folder: Path) -> str | None:
    """Absolute path of a host's address.

    Resolve writes bare paths without escapes: '#', '?' and '%20' in them are themselves. Only `file:` addresses are unquoted. None for http
    and the like.
    """
    if url[:5].lower() == "file:":
        url = _path_of_file_url(url)
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", url):
        return None
    if _WINDOWS_ABSOLUTE.match(url) or url.startswith("/"):
        return url
    return os.path.abspath(folder / url)


def _path_of_file_url(url: str) -> str:
    rest = unquote(url[len("file:") :])
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        rest = slash + path if host.lower() in ("", "localhost") else rest
    return rest[1:] if re.match(r"/[A-Za-z]:", rest) else rest


def _probed(media: MediaRef, clip: Any) -> MediaRef:
    """Give media without an available range its length and the timecode in its file.

    A clip that starts before that timecode can only count from the file's first sample.
    """
    assert media.file is not None
    try:
        info = probe_media(Path(media.file))
    except InputError:  # extraction opens the file again and reports what is wrong with it
        return media
    if clip.source_range is None:
        return replace(media, duration_s=info.duration_s)
    start = clip.source_range.start_time
    start_s = stored_start_s(info, info.video_rate or exact_fps(start.rate))
    counts_from_zero = start_s is None or start_s > seconds_of(start)
    return replace(media, start_s=Fraction(0) if counts_from_zero else start_s, duration_s=info.duration_s)


def stored_start_s(info: MediaInfo, fps: Fraction) -> Fraction | None:
    """The start that a camera or recorder stored in a file, as exact seconds; None where there is none that can be read at `fps`."""
    if not info.start_timecode:
        return info.time_reference_s
    try:
        rate = parse_rate(fps, drop_frame=";" in info.start_timecode)
        return timecode_to_frame(info.start_timecode, rate) / rate.fps
    except InputError:
        return None
