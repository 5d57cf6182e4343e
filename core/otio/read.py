"""The tracks of an `.otio` file, walked in exact seconds.

To read one more kind of item, add a branch to `_item`. Whatever a damaged file makes opentimelineio raise leaves this module as an InputError.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, Literal

from ..errors import EngineError, InputError
from ..timeline import AudioTrack, Clip, Gap, Item, Nested, Timeline, Transition
from ..timing import FrameRate, drops_frames, frame_to_timecode, parse_rate, seconds_to_nearest_frame, with_drop_frame
from .effects import read_effects
from .media import read_media
from .values import is_index, length_of, resolve_entry, seconds_of

_DEEPEST_JSON = 300  # about 60 timelines inside one another; opentimelineio reads by recursion and would exhaust the stack
_KINDS: dict[str, Literal["compound", "multicam"]] = {"None": "compound", "Compound Clip": "compound", "Multicam Clip": "multicam"}


def read_otio(path: Path) -> Timeline:
    """Read an OTIO timeline. A timeline without a name gets the file's.

    Raises InputError `timeline.not_text`, `timeline.not_json`, `timeline.not_a_timeline`, `timeline.damaged`, `timeline.empty`,
    `timeline.impossible_time`, `timeline.clip_without_length` or `timing.unknown_rate`.
    """
    import opentimelineio as otio

    text = _checked_text(path)
    hostile = (otio.exceptions.OTIOError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
    try:
        root = otio.core.deserialize_json_from_string(text)
        return _timeline(root, path)
    except EngineError:
        raise
    except hostile as error:
        raise InputError("timeline.damaged", file=path, detail=repr(error)) from error


def _checked_text(path: Path) -> str:
    """The file's text, once it is known to be JSON of a sane depth whose root says that it is a timeline."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("timeline.not_text", file=path, detail=repr(error)) from error
    try:
        root = json.loads(text)
    except ValueError as error:
        raise InputError("timeline.not_json", file=path, detail=repr(error)) from error
    except RecursionError as error:
        raise InputError("timeline.damaged", file=path, detail="nested too deeply") from error
    schema = root.get("OTIO_SCHEMA") if isinstance(root, dict) else type(root).__name__
    if str(schema).partition(".")[0] != "Timeline":
        raise InputError("timeline.not_a_timeline", file=path, schema=schema)
    if _deeper_than(root, _DEEPEST_JSON):
        raise InputError("timeline.damaged", file=path, detail="nested too deeply")
    return text


def _deeper_than(root: object, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [inner for value in level for inner in _children(value)]
        if not level:
            return False
    return True


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _timeline(root: Any, path: Path) -> Timeline:
    reader = _Reader(path.parent)
    tracks = list(root.tracks)
    rate = _rate(root, path)
    start_frame = 0 if root.global_start_time is None else seconds_to_nearest_frame(seconds_of(root.global_start_time), rate)
    length_s = max((reader.length(track) for track in tracks), default=Fraction(0))
    return Timeline(
        name=root.name or path.stem,
        rate=_with_guessed_drop_frame(rate, start_frame),
        start_frame=start_frame,
        duration_frames=ceil(length_s * rate.fps),
        audio_tracks=reader.audio_tracks(tracks),
        cuts=reader.cuts(tracks, rate),
        source=str(path),
    )


def _rate(root: Any, path: Path) -> FrameRate:
    """The start time's rate; without a start time that of the first item."""
    if root.global_start_time is not None:
        return parse_rate(root.global_start_time.rate)
    for child in root.find_children():
        if getattr(child, "source_range", None) is not None:
            return parse_rate(child.source_range.duration.rate)
    raise InputError("timeline.empty", file=path)


def _with_guessed_drop_frame(rate: FrameRate, start_frame: int) -> FrameRate:
    """OTIO does not say whether a timeline counts drop frame; a start on a full hour in one way of counting only tells."""
    if not drops_frames(rate):
        return rate
    dropping = with_drop_frame(rate, True)
    full_hour = [frame_to_timecode(start_frame, counted)[2:].strip(":;0") == "" for counted in (rate, dropping)]
    return dropping if full_hour == [False, True] else rate


class _Reader:
    """Items of one file; relative media paths resolve against `folder`."""

    def __init__(self, folder: Path) -> None:
        import opentimelineio as otio

        self._schema = otio.schema
        self._folder = folder

    def audio_tracks(self, children: list[Any]) -> tuple[AudioTrack, ...]:
        """The audio tracks among a stack's children. A child that is no track plays as one of its own."""
        return tuple(self._audio_track(child) for child in children if getattr(child, "kind", "Audio") == "Audio")

    def _audio_track(self, child: Any) -> AudioTrack:
        if not isinstance(child, self._schema.Track):
            return AudioTrack(child.name, (self._item(child),))
        items = tuple(self._item(item) for item in child)
        if child.source_range is not None:
            inner = (AudioTrack(child.name, items),)
            items = (Nested(child.name, length_of(child.source_range.duration), seconds_of(child.source_range.start_time), inner),)
        return AudioTrack(child.name, items, child.enabled, solo=resolve_entry(child, "SoloOn") is True)

    def _item(self, child: Any) -> Item:
        if isinstance(child, self._schema.Transition):
            return Transition(length_of(child.in_offset), length_of(child.out_offset))
        if isinstance(child, self._schema.Gap):
            return Gap(self.length(child))
        if isinstance(child, self._schema.Clip):
            return self._clip(child)
        return self._nested(child)

    def _clip(self, clip: Any) -> Clip:
        media = read_media(clip, self._folder)
        effects = read_effects(clip)
        start_s = media.start_s or Fraction(0) if clip.source_range is None else seconds_of(clip.source_range.start_time)
        generated = ("plan.generator",) if hasattr(clip.media_reference, "generator_kind") else ()
        return Clip(
            name=clip.name or (media.file or "").replace("\\", "/").rpartition("/")[2],
            duration_s=self.length(clip, media.duration_s),
            media=media,
            source_start_s=start_s,
            stream_channels=_channels(clip),
            speed=effects.speed,
            ramp=effects.ramp,
            gain_db=effects.gain_db,
            gain_keys=effects.gain_keys,
            fade_in_s=effects.fade_in_s,
            fade_out_s=effects.fade_out_s,
            enabled=clip.enabled,
            notes=(*generated, *effects.notes),
        )

    def _nested(self, child: Any) -> Nested:
        """A Stack, or a Track inside a Track. What moves its level or speed over time cannot be told piece by piece."""
        effects = read_effects(child)
        moving = effects.ramp or effects.gain_keys
        members = [child] if isinstance(child, self._schema.Track) else list(child)
        window = None if isinstance(child, self._schema.Track) else child.source_range
        return Nested(
            name=child.name,
            duration_s=self.length(child),
            window_start_s=Fraction(0) if window is None else seconds_of(window.start_time),
            tracks=self.audio_tracks(members),
            kind=_KINDS.get(str(resolve_entry(child, "Sequence Type")), "unknown"),
            identity=str(resolve_entry(child, "Sequence ID") or ""),
            speed=effects.speed,
            gain_db=effects.gain_db,
            enabled=child.enabled,
            notes=(*effects.notes, *(("plan.nested_automation",) if moving else ())),
        )

    def length(self, item: Any, media_length_s: Fraction | None = None) -> Fraction:
        """Exact seconds that an item takes on its track; transitions take none."""
        if isinstance(item, self._schema.Transition):
            return Fraction(0)
        if item.source_range is not None:
            return length_of(item.source_range.duration)
        if isinstance(item, self._schema.Track):
            return sum((self.length(child) for child in item), Fraction(0))
        if isinstance(item, self._schema.Stack):
            return max((self.length(child) for child in item), default=Fraction(0))
        if media_length_s is None and isinstance(item, self._schema.Clip):
            media_length_s = read_media(item, self._folder).duration_s
        if media_length_s is None:
            raise InputError("timeline.clip_without_length", clip=item.name)
        return media_length_s

    def cuts(self, tracks: list[Any], rate: FrameRate) -> tuple[int, ...]:
        """First frames of the picture items on enabled video tracks, sorted, each once."""
        pictures = [track for track in tracks if getattr(track, "kind", "") == "Video" and track.enabled]
        starts = {start_s for track in pictures for start_s in self._picture_starts(track)}
        return tuple(sorted({seconds_to_nearest_frame(start_s, rate) for start_s in starts}))

    def _picture_starts(self, track: Any) -> Iterator[Fraction]:
        position_s = Fraction(0)
        for child in track:
            seen = not isinstance(child, (self._schema.Gap, self._schema.Transition))
            if seen and child.enabled:
                yield position_s
            position_s += self.length(child)


def _channels(clip: Any) -> tuple[tuple[int, int], ...]:
    """Resolve's channel list: audio stream and channel in it, both from 0; () where there is none."""
    listed = resolve_entry(clip, "Channels")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    pairs = [(entry.get("Source Track ID"), entry.get("Source Channel ID")) for entry in entries]
    return tuple((stream, channel) for stream, channel in pairs if is_index(stream) and is_index(channel))
