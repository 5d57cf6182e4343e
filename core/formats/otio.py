"""OpenTimelineIO: the host's own edit, or an empty one, with every cue as a marker and the whole document under `metadata.canto_beats`.

OTIO has no subtitle schema. Markers survive in every host; the metadata survives in OTIO's library and is dropped by Resolve. With `titles`
the cues are also Resolve's Text titles on a new top video track: editable text, not subtitles. Of the
host's file nothing is removed but what an earlier export put there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..document import Cue, Register, SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..otio.read import read_otio
from ..otio.values import resolve_entry, seconds_of
from ..plain import from_plain, to_plain
from ..timing import FrameRate, frame_to_timecode, parse_rate, seconds_to_nearest_frame
from .base import Line, ReadOptions, WriteOptions, document_of, lines_of, reading, register_language
from .otio_titles import title_track

NAMESPACE = "canto_beats"
_COLOURS: dict[Register, str] = {"spoken": "BLUE", "written": "GREEN"}


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write `.otio`; `options.second` adds the other register's markers and cues.

    Raises InputError `formats.host_rate`, `files.*`, and for a host file what `read_otio` raises.
    """
    write_text(path, timeline_of(document, options).to_json_string(indent=4) + "\n")


def timeline_of(document: SubtitleDocument, options: WriteOptions) -> Any:
    """The `otio.schema.Timeline` that `write` saves. Raises as `write` does for a host file."""
    timeline = _host_timeline(document, options) if options.host else _empty_timeline(document, options)
    documents = [document, *([options.second] if options.second else [])]
    _forget_earlier(timeline.tracks.markers)
    for each in documents:
        timeline.tracks.markers.extend(_markers(each, options.offset_frames))
    timeline.metadata[NAMESPACE] = _metadata(documents, options.offset_frames)
    if options.titles:
        timeline.tracks.append(title_track(document, options.offset_frames))
        _videos_first(timeline.tracks)
    return timeline


def _forget_earlier(markers: Any) -> None:
    """Take out the markers of an earlier export, so that a second one does not double them."""
    for index in range(len(markers) - 1, -1, -1):
        if NAMESPACE in markers[index].metadata:
            del markers[index]


def _host_timeline(document: SubtitleDocument, options: WriteOptions) -> Any:
    import opentimelineio as otio

    assert options.host is not None
    known = read_otio(options.host)
    if known.rate.fps != document.rate.fps:
        raise InputError("formats.host_rate", file=options.host, rate=known.rate, wanted=document.rate)
    return otio.core.deserialize_json_from_string(options.host.read_text("utf-8-sig"))


def _empty_timeline(document: SubtitleDocument, options: WriteOptions) -> Any:
    """One video track that is a gap as long as the timeline, so that readers know its length."""
    import opentimelineio as otio

    start = _time(document.start_frame - options.offset_frames, document.rate)
    last = max((cue.end_frame for cue in document.cues), default=0) + options.offset_frames
    gap = otio.schema.Gap(duration=_time(max(last, options.length_frames, 1), document.rate))
    timeline = otio.schema.Timeline(options.title, global_start_time=start)
    timeline.tracks.append(otio.schema.Track("Video 1", children=[gap], kind=otio.schema.TrackKind.Video))
    return timeline


def _time(frame: int, rate: FrameRate) -> Any:
    import opentimelineio as otio

    return otio.opentime.RationalTime(frame, float(rate.fps))


def _markers(document: SubtitleDocument, offset_frames: int) -> Iterator[Any]:
    """Markers in stack time, which begins at 0. Resolve reads the note from its own metadata, others from `comment`."""
    import opentimelineio as otio

    for cue in document.cues:
        start, length = cue.start_frame + offset_frames, cue.end_frame - cue.start_frame
        text = "\n".join(lines_of(cue.text))
        yield otio.schema.Marker(
            text.partition("\n")[0],
            otio.opentime.TimeRange(_time(start, document.rate), _time(length, document.rate)),
            color=_COLOURS[document.register],
            metadata={"Resolve_OTIO": {"Note": text}, NAMESPACE: {"id": cue.id, "register": document.register}},
            comment=text,
        )


def _metadata(documents: list[SubtitleDocument], offset_frames: int) -> dict[str, Any]:
    first = documents[0]
    start = first.start_frame - offset_frames
    return {
        "version": 1,
        "rate": f"{first.rate.numerator}/{first.rate.denominator}",
        "drop_frame": first.rate.drop_frame,
        "start_frame": start,
        "start_timecode": frame_to_timecode(start, first.rate),
        "cues": [_cue(cue, document, offset_frames) for document in documents for cue in document.cues],
    }


def _cue(cue: Cue, document: SubtitleDocument, offset_frames: int) -> dict[str, Any]:
    """Frames count from the timeline's first frame, as the markers' do."""
    moved = {"start_frame": cue.start_frame + offset_frames, "end_frame": cue.end_frame + offset_frames}
    plain: dict[str, Any] = to_plain(cue)
    return {**plain, **moved, "lang": register_language(document.register), "register": document.register}


def _videos_first(tracks: Any) -> None:
    """Resolve writes all video tracks, then all audio tracks; a new picture track goes above the last one."""
    added = tracks[-1]
    del tracks[-1]
    tracks.insert(sum(1 for track in tracks if getattr(track, "kind", "") == "Video"), added)


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """The cues in our metadata, or else the markers on the timeline's stack; the file's own rate and start count.

    Of two registers the first is read. Raises InputError `timeline.*`, `timing.unknown_rate`, `formats.damaged` and what `read_bytes` raises.
    """
    timeline = read_otio(path)
    with reading(path):
        text = path.read_text("utf-8-sig")
        own = json.loads(text).get("metadata", {}).get(NAMESPACE)
        if isinstance(own, dict) and isinstance(own.get("cues"), list):
            rate = parse_rate(str(own.get("rate", timeline.rate.fps)), drop_frame=bool(own.get("drop_frame")))
            start = own["start_frame"] if isinstance(own.get("start_frame"), int) else timeline.start_frame
            return document_of(list(_own_lines(own["cues"], path)), rate, ReadOptions(rate, start, options.language))
        known = ReadOptions(timeline.rate, timeline.start_frame, options.language)
        return document_of(list(_marked_lines(text, timeline.rate, path)), timeline.rate, known)


def _own_lines(cues: list[Any], path: Path) -> Iterator[Line]:
    registers = [cue.get("register") for cue in cues if isinstance(cue, dict)]
    for plain in cues:
        if isinstance(plain, dict) and plain.get("register") == registers[0]:
            cue = from_plain(Cue, plain, path)
            yield Line(cue.start_frame, cue.end_frame, cue.text, cue.id, cue.speaker, cue.words)


def _marked_lines(text: str, rate: FrameRate, path: Path) -> Iterator[Line]:
    import opentimelineio as otio

    try:
        root = otio.core.deserialize_json_from_string(text)
    except otio.exceptions.OTIOError as error:
        raise InputError("formats.damaged", file=path, detail=repr(error)) from error
    for marker in root.tracks.markers:
        span = marker.marked_range
        first, length = (seconds_to_nearest_frame(seconds_of(part), rate) for part in (span.start_time, span.duration))
        note = resolve_entry(marker, "Note")
        yield Line(first, first + length, str(note or marker.comment or marker.name))
