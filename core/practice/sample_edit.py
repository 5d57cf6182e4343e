"""The sample's edit: places the cuts, knows when each line is then spoken, and writes the `.otio` in the shape of Resolve's own export.

A clip effect that Resolve writes for every clip goes into `_AUDIO_EFFECTS` or `_VIDEO_EFFECTS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from .sample_media import Recording
from .sample_script import CAMERA_AGAIN, CAMERA_TRACK, NARRATION, RATE, RECORDER_CUT, ROOM, ROOM_FRAMES, START_FRAME, Cut

_AIR_FRAMES = 8  # before the first and after the last line of a clip
_CHANNELS = {"camera": ((0, 0), (0, 1)), "recorder": ((0, 1),), "phone": ((0, 0),), "room": ((0, 0),)}
_VIDEO_EFFECTS = (
    ("Transform", 2, True), ("Cropping", 3, True), ("Dynamic Zoom", 59, False), ("Composite", 1, True), ("Lens Correction", 43, True),
    ("Retime and Scaling", 22, True), ("Video Faders", 36, True),
)  # fmt: skip
_AUDIO_EFFECTS = (
    ("Fairlight Clip Pan", 72, True), ("Fairlight Clip Pitch", 67, True), ("Fairlight Clip Equaliser", 64, False),
    *(("Fairlight Equaliser Band", 63, band in (1, 2)) for band in range(4)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """A cut on its track. Frames; `record` counts from the timeline's start, `source` from the media's first frame."""

    cut: Cut
    record: int
    length: int
    source: int
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the script with its true times on the timeline in seconds."""

    text: str
    start_s: Fraction
    end_s: Fraction


@dataclass(frozen=True, slots=True)
class Edit:
    """The placed cuts by track, and the length of the whole in frames."""

    tracks: tuple[tuple[Placed, ...], ...]
    frames: int


def place(recordings: Mapping[str, Recording]) -> Edit:
    """Lay the cuts one behind the other: camera, recorder, camera, narration; room tone beneath the last change of speakers."""
    camera = _in_a_row(CAMERA_TRACK, 0, recordings)
    recorder = _in_a_row((RECORDER_CUT,), _end(camera), recordings)
    again = _in_a_row(CAMERA_AGAIN, _end(recorder), recordings)
    narration = _in_a_row(NARRATION, _end(again), recordings)
    room = Placed(Cut(ROOM, 0, 0), _end(again) - ROOM_FRAMES // 3, ROOM_FRAMES, 10)
    linked = tuple(Placed(one.cut, one.record, one.length, one.source, index) for index, one in enumerate((*camera, *again), 1))
    return Edit((linked, (*recorder, *narration), (room,)), _end(narration) + RATE)


def _in_a_row(cuts: Iterable[Cut], start: int, recordings: Mapping[str, Recording]) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    for cut in cuts:
        spots = recordings[cut.source.file].spots
        first = floor(spots[cut.first].start_s * RATE) - _AIR_FRAMES
        end = ceil(spots[cut.last].end_s * RATE) + _AIR_FRAMES
        # whole record frames: a little less source than asked for rather than a fraction of a frame
        placed.append(Placed(cut, (placed[-1].record + placed[-1].length if placed else start) + cut.gap, ceil((end - first) / cut.speed), first))
    return tuple(placed)


def _end(placed: Sequence[Placed]) -> int:
    return placed[-1].record + placed[-1].length


def spoken_lines(edit: Edit, recordings: Mapping[str, Recording]) -> tuple[Spoken, ...]:
    """Every line that is heard, in time order."""
    lines = [line for track in edit.tracks for placed in track if placed.cut.enabled for line in _lines_of(placed, recordings)]
    return tuple(sorted(lines, key=lambda line: line.start_s))


def _lines_of(placed: Placed, recordings: Mapping[str, Recording]) -> Iterable[Spoken]:
    cut = placed.cut
    for take, spot in list(zip(cut.source.takes, recordings[cut.source.file].spots, strict=True))[cut.first : cut.last + 1]:
        start_s, end_s = ((moment - Fraction(placed.source, RATE)) / cut.speed for moment in (spot.start_s, spot.end_s))
        yield Spoken(take.text, Fraction(placed.record, RATE) + start_s, Fraction(placed.record, RATE) + end_s)


def to_otio(edit: Edit, recordings: Mapping[str, Recording]) -> str:
    """The `.otio` text. Media paths are bare and relative to the file, where Resolve writes absolute ones."""
    import opentimelineio as otio

    schema = otio.schema
    timeline = schema.Timeline("", global_start_time=_time(START_FRAME), metadata=_resolve({"Resolve OTIO Meta Version": "1.0"}))
    sides = (("Video", edit.tracks[:1]), ("Audio", edit.tracks))
    for kind, tracks in sides:
        for number, placed in enumerate(tracks, 1):
            track = schema.Track(f"{kind} {number}", kind=kind, metadata=_resolve(_track_data(kind, number)))
            track.extend(_children(placed, kind, edit.frames, recordings))
            timeline.tracks.append(track)
    return str(timeline.to_json_string(indent=4)) + "\n"


def _track_data(kind: str, number: int) -> dict[str, Any]:
    return {"Locked": False} if kind == "Video" else {"Audio Type": "Stereo" if number == 1 else "Mono", "Locked": False, "SoloOn": False}


def _children(track: Sequence[Placed], kind: str, frames: int, recordings: Mapping[str, Recording]) -> list[Any]:
    """Clips with gaps between them and up to the timeline's end, as Resolve pads its tracks."""
    children, position = [], 0
    for placed in track:
        if placed.record > position:
            children.append(_gap(placed.record - position))
        children.append(_clip(placed, kind, recordings[placed.cut.source.file]))
        position = placed.record + placed.length
    return [*children, _gap(frames - position)] if frames > position else children


def _gap(frames: int) -> Any:
    import opentimelineio as otio

    return otio.schema.Gap(source_range=_span(0, frames))


def _clip(placed: Placed, kind: str, recording: Recording) -> Any:
    import opentimelineio as otio

    source = recording.source
    data: dict[str, Any] = {} if placed.link is None else {"Link Group ID": placed.link}
    if kind == "Audio":
        channels = [{"Source Channel ID": channel, "Source Track ID": stream} for stream, channel in _CHANNELS[source.kind]]
        data = {"Channels": channels, **data}
    clip = otio.schema.Clip(
        name=source.file,
        media_reference=otio.schema.ExternalReference(source.file, _span(source.start_frame, recording.frames)),
        source_range=_span(source.start_frame + placed.source, placed.length),
        metadata=_resolve(data),
    )
    clip.media_reference.name = source.file
    clip.enabled = placed.cut.enabled
    clip.effects.extend(_effects(placed.cut, kind))
    return clip


def _effects(cut: Cut, kind: str) -> list[Any]:
    import opentimelineio as otio

    warp = [] if cut.speed == 1 else [otio.schema.LinearTimeWarp(time_scalar=float(cut.speed))]
    if kind == "Video":
        return [*warp, *(_effect(*slot) for slot in _VIDEO_EFFECTS)]
    level = _effect("Fairlight Clip Volume and Fades", 62, True, _volume(cut))
    return [*warp, level, *(_effect(*slot) for slot in _AUDIO_EFFECTS)]


def _volume(cut: Cut) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = []
    if cut.gain_db or cut.gain_keys:
        keys = {str(frame): {"Value": level, "Variant Type": "Double"} for frame, level in cut.gain_keys}
        limits = {"Variant Type": "Double", "maxValue": 30.0, "minValue": -100.0}
        parameters.append({"Default Parameter Value": 0.0, "Key Frames": keys, "Parameter ID": "volume", "Parameter Value": cut.gain_db, **limits})
    if cut.fade_in:
        parameters.append({"Default Parameter Value": 0, "Parameter ID": "faderIn", "Parameter Value": cut.fade_in, "Variant Type": "Int"})
    return parameters


def _effect(name: str, kind: int, enabled: bool, parameters: Sequence[Mapping[str, Any]] = ()) -> Any:
    import opentimelineio as otio

    data = {"Effect Name": name, "Enabled": enabled, "Name": name, "Parameters": list(parameters), "Type": kind}
    return otio.schema.Effect(effect_name="Resolve Effect", metadata=_resolve(data))


def _resolve(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"Resolve_OTIO": dict(data)}


def _time(frames: int) -> Any:
    import opentimelineio as otio

    return otio.opentime.RationalTime(float(frames), float(RATE))


def _span(start: int, frames: int) -> Any:
    import opentimelineio as otio

    return otio.opentime.TimeRange(_time(start), _time(frames))
