"""request.json -> Request: what the plugin asks of the engine, checked field by field.

The host knows some things better than its OTIO export: the exact rate, drop frame, the start frame, the range and which tracks are enabled.
Those fields win over the file. A request with "task": "render" is another thing: `film_request.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from .document_file import read_object
from .errors import EngineError, InputError, WireError
from .pipeline import Request
from .settings import Settings, load_settings
from .stages import Ask
from .timeline import Timeline
from .timing import parse_rate

_SCHEMA = "request/1"


def read_request(folder: Path, ask: Ask) -> Request:
    """The request in a job folder; its deliverables go into the same folder.

    Raises WireError `wire.bad_request` for a missing or ill-typed field, and what `read_input` raises for the timeline itself.
    """
    path = folder / "request.json"
    try:
        data = read_object(path)
        if data.get("schema") != _SCHEMA:
            raise ValueError(f"schema {data.get('schema')!r}")
        settings = _settings(data)
        source = Path(str(data["input"]))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise WireError("wire.bad_request", reason=repr(error)) from error
    except InputError as error:
        raise WireError("wire.bad_request", reason=error.message(), detail=error.detail) from error
    return Request(_timeline(data, source), source, folder, folder, settings, ask)


def _settings(data: dict[str, Any]) -> Settings:
    names = ("asr_model", "device", "language_ui", "register", "level", "llm", "glossary", "preset")
    return load_settings(**{name: data.get(name) for name in names})


def _timeline(data: dict[str, Any], source: Path) -> Timeline:
    from .timeline_reader import read_input

    timeline = read_input(Path(str(data["audio_file"])) if data.get("audio_file") else source)
    try:
        rate = parse_rate(data["rate"], drop_frame=bool(data.get("drop_frame"))) if "rate" in data else timeline.rate
        disabled = {int(number) for number in data.get("disabled_audio_tracks") or ()}
        tracks = tuple(replace(track, enabled=track.enabled and number not in disabled) for number, track in enumerate(timeline.audio_tracks, 1))
        in_frame, out_frame = int(data.get("in_frame") or 0), data.get("out_frame")
        length = timeline.duration_frames
        if rate != timeline.rate:
            length = round(length / timeline.rate.fps * rate.fps)
        return replace(
            timeline,
            name=str(data.get("name") or timeline.name),
            rate=rate,
            start_frame=int(data.get("start_frame", timeline.start_frame)),
            duration_frames=length,
            in_frame=in_frame,
            out_frame=None if out_frame is None else int(out_frame),
            audio_tracks=tracks,
            cuts=tuple(int(cut) for cut in data.get("cuts") or timeline.cuts),
        )
    except EngineError:
        raise
    except (ValueError, TypeError) as error:
        raise WireError("wire.bad_request", reason=repr(error)) from error
