"""OTIO files in the shapes that DaVinci Resolve writes, as plain dicts; for any test that reads an edit.

To add a shape, write a function that returns the dict Resolve would write; every number in it is a float, as Resolve's are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Shape = dict[str, Any]


def time(value: float, rate: float) -> Shape:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def span(start: float, duration: float, rate: float) -> Shape:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start, rate), "duration": time(duration, rate)}


def external(url: str, available: Shape | None = None) -> Shape:
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": url,
        "available_range": available,
        "available_image_bounds": None,
        "target_url": url,
    }


def missing(url: str | None, available: Shape | None = None) -> Shape:
    metadata = {} if url is None else {"Resolve_OTIO": {"Media Url": url}}
    return {"OTIO_SCHEMA": "MissingReference.1", "metadata": metadata, "name": "gone", "available_range": available, "available_image_bounds": None}


def generator() -> Shape:
    return {
        "OTIO_SCHEMA": "GeneratorReference.1",
        "metadata": {},
        "name": "",
        "available_range": None,
        "available_image_bounds": None,
        "generator_kind": "Rich",
        "parameters": {},
    }


def volume(level: float = 0.0, *, keys: dict[str, float] | None = None, fade_in: float = 0, fade_out: float = 0) -> Shape:
    """Resolve's level effect; parameters at their default are left out, as Resolve does."""
    parameters: list[Shape] = []
    if level or keys:
        frames = {frame: {"Value": value, "Variant Type": "Double"} for frame, value in (keys or {}).items()}
        parameters.append(
            {"Default Parameter Value": 0.0, "Key Frames": frames, "Parameter ID": "volume", "Parameter Value": level, "Variant Type": "Double"}
        )
    parameters += [
        {"Default Parameter Value": 0, "Parameter ID": name, "Parameter Value": frames, "Variant Type": "Int"}
        for name, frames in (("faderIn", fade_in), ("faderOut", fade_out))
        if frames
    ]
    return effect("Fairlight Clip Volume and Fades", 62, parameters)


def effect(name: str, kind: int, parameters: list[Shape]) -> Shape:
    data = {"Effect Name": name, "Enabled": True, "Name": name, "Parameters": parameters, "Type": kind}
    return {"OTIO_SCHEMA": "Effect.1", "metadata": {"Resolve_OTIO": data}, "name": "", "effect_name": "Resolve Effect"}


def warp(scalar: float) -> Shape:
    return {"OTIO_SCHEMA": "LinearTimeWarp.1", "metadata": {}, "name": "", "effect_name": "", "time_scalar": scalar}


def ramp(*keys: tuple[float, float]) -> Shape:
    rows = [[record, source, False, 0.0, 0.0, 0.0, 0.0] for record, source in keys]
    return {"OTIO_SCHEMA": "TimeEffect.1", "metadata": {"Resolve_OTIO": {"Key Frames": rows, "Speed Ratio": 1.0}}, "name": "", "effect_name": ""}


def clip(name: str, source: Shape | None, media: Shape, **more: Any) -> Shape:
    """`channels` is Resolve's list as (stream, channel) pairs; `effects` and `enabled` are OTIO's."""
    channels = more.get("channels", ((0, 0), (0, 1)))
    listed = [{"Source Channel ID": channel, "Source Track ID": stream} for stream, channel in channels]
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {"Resolve_OTIO": {"Channels": listed} if listed else {}},
        "name": name,
        "source_range": source,
        "effects": list(more.get("effects", ())),
        "markers": [],
        "enabled": more.get("enabled", True),
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def gap(frames: float, rate: float) -> Shape:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": span(0, frames, rate),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def dissolve(before: float, after: float, rate: float) -> Shape:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {"Resolve_OTIO": {"Effects": {"Effect Name": "Cross Fade 0 dB"}, "Transition Type": "Cross Fade 0 dB"}},
        "name": "",
        "transition_type": "SMPTE_Dissolve",
        "in_offset": time(before, rate),
        "out_offset": time(after, rate),
    }


def track(kind: str, *children: Shape, **more: Any) -> Shape:
    data: Shape = {"Locked": False} if kind == "Video" else {"Audio Type": "Stereo", "Locked": False, "SoloOn": more.get("solo", False)}
    return {
        "OTIO_SCHEMA": "Track.1",
        "metadata": {"Resolve_OTIO": data},
        "name": more.get("name", f"{kind} 1"),
        "source_range": more.get("source"),
        "effects": [],
        "markers": [],
        "enabled": more.get("enabled", True),
        "children": list(children),
        "kind": kind,
    }


def stack(*children: Shape, source: Shape | None = None, effects: tuple[Shape, ...] = (), data: Shape | None = None) -> Shape:
    return {
        "OTIO_SCHEMA": "Stack.1",
        "metadata": {} if data is None else {"Resolve_OTIO": data},
        "name": "" if data is None else "compound",
        "source_range": source,
        "effects": list(effects),
        "markers": [],
        "enabled": True,
        "children": list(children),
    }


def timeline(*tracks: Shape, start: Shape | None = None, name: str = "") -> Shape:
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": name,
        "global_start_time": start,
        "tracks": stack(*tracks),
    }


def write(folder: Path, shape: object, name: str = "edit.otio") -> Path:
    path = folder / name
    path.write_text(json.dumps(shape, ensure_ascii=False), "utf-8")
    return path
