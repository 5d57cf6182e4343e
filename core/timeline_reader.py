"""A user's input becomes a Timeline: an `.otio` file, or any media file as a timeline of one clip.

To read another edit format, add its suffix to `_READERS`; what cannot be read but is often tried belongs in `_OTHER_EDITS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path

from .errors import InputError
from .media.probe import MediaInfo, check_readable, probe_media
from .otio.media import stored_start_s
from .otio.read import read_otio
from .timeline import AudioTrack, Clip, MediaRef, Timeline
from .timing import FrameRate, drops_frames, frame_to_timecode, parse_rate, seconds_to_nearest_frame, timecode_to_frame, with_drop_frame

_SOUND_ONLY_RATE = FrameRate(25)  # Hong Kong's; only the grid that cues snap to depends on it
_OTHER_EDITS = frozenset({".aaf", ".drp", ".drt", ".edl", ".fcpxml", ".fcpxmld", ".otiod", ".otioz", ".prproj", ".xml"})
_READERS: dict[str, Callable[[Path], Timeline]] = {".otio": read_otio}


def read_input(path: Path) -> Timeline:
    """Read an edit or a media file.

    Raises InputError `media.*` for a file that is missing or is no media, `timeline.no_sound_in_file`, `timeline.other_edit_format`, and what
    `read_otio` raises.
    """
    suffix = path.suffix.lower()
    if suffix in _OTHER_EDITS:
        raise InputError("timeline.other_edit_format", file=path, suffix=suffix)
    if suffix in _READERS:
        check_readable(path)
        return _READERS[suffix](path)
    return timeline_of_media(probe_media(path))


def timeline_of_media(info: MediaInfo, *, needs_sound: bool = True) -> Timeline:
    """One clip over a whole media file, on a grid of the picture's frames, or 25 a second for sound alone.

    The first audio stream is heard; several mono streams are one recorder's channels and are all heard. Raises InputError
    `timeline.no_sound_in_file` where sound is needed.
    """
    if needs_sound and not info.audio_streams:
        raise InputError("timeline.no_sound_in_file", file=info.path)
    rate = _grid(info.video_rate)
    start_s = stored_start_s(info, rate.fps) or Fraction(0)
    if ";" in (info.start_timecode or "") and drops_frames(rate):
        rate = with_drop_frame(rate, True)
    media = MediaRef(str(info.path.absolute()), start_s, info.duration_s)
    mono = all(stream.channels == 1 for stream in info.audio_streams)
    streams = tuple((stream.index, 0) for stream in info.audio_streams) if mono else ()
    clip = Clip(info.path.name, info.duration_s, media, start_s, stream_channels=streams)
    return Timeline(
        name=info.path.stem,
        rate=rate,
        start_frame=seconds_to_nearest_frame(start_s, rate),
        duration_frames=ceil(info.duration_s * rate.fps),
        audio_tracks=(AudioTrack("Audio 1", (clip,)),),
        source=str(info.path),
    )


def _grid(video_rate: Fraction | None) -> FrameRate:
    """The picture's rate; for an odd one (a telephone's 29.83, a screen recording's 15) the known rate it is nearest to or divides."""
    for candidate in () if video_rate is None else (video_rate, 2 * video_rate, Fraction(round(video_rate))):
        try:
            return parse_rate(candidate)
        except InputError:
            continue
    return _SOUND_ONLY_RATE


def with_range(timeline: Timeline, in_timecode: str, out_timecode: str) -> Timeline:
    """The same timeline with only [in, out) chosen; both are timecodes as the timeline's ruler shows them.

    OTIO does not record drop frame, so a ';' before the frames says it where the rate allows it.

    Raises InputError `timing.bad_timecode`, `timeline.range_inverted`, or `timeline.range_outside` when either lies beyond the timeline.
    """
    if ";" in in_timecode + out_timecode and drops_frames(timeline.rate):
        timeline = replace(timeline, rate=with_drop_frame(timeline.rate, True))
    in_frame = frame_on_timeline(timeline, in_timecode)
    out_frame = frame_on_timeline(timeline, out_timecode)
    if out_frame <= in_frame:
        raise InputError("timeline.range_inverted", start=in_timecode, end=out_timecode)
    return replace(timeline, in_frame=in_frame, out_frame=out_frame)


def frame_on_timeline(timeline: Timeline, timecode: str) -> int:
    """Frames from the timeline's first one to a timecode of its ruler. Raises InputError `timing.bad_timecode` or `timeline.range_outside`."""
    rate = timeline.rate
    frame = timecode_to_frame(timecode, rate) - timeline.start_frame
    if frame < 0:  # the ruler starts again at 00:00:00:00 after a day
        frame += timecode_to_frame("24:00:00:00", rate)
    if frame > timeline.duration_frames:
        first, end = (frame_to_timecode(timeline.start_frame + count, rate) for count in (0, timeline.duration_frames))
        raise InputError("timeline.range_outside", timecode=timecode, first=first, end=end)
    return frame
