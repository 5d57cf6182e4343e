"""What the plugin itself needs from the exported OTIO: cuts of the picture, and a hash that changes when the edit changes.

The engine reads the rest. Reading the file costs Resolve one call however long the timeline is. Names, markers and metadata are not part of
the hash, because naming a clip or marking a frame does not move anybody's words.
"""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

from .files import read_json
from .rates import Rate

_ITEMS = ("Clip", "Stack", "Gap")


def picture_cuts(path: str, rate: Rate) -> tuple[int, ...]:
    """Frames (from the timeline's start) at which an item of an enabled video track begins or ends; () when the file tells nothing."""
    cuts: set[int] = set()
    for track in _tracks(path, "Video"):
        position = Fraction(0)
        for child in track.get("children", ()):
            length = _frames(child, rate)
            if _kind(child) in ("Clip", "Stack"):
                cuts |= {round(position), round(position + length)}
            position += length
    return tuple(sorted(cuts - {0}))


def edit_hash(path: str) -> str:
    """SHA-256 over what is heard and seen when: per track the items with their source ranges, media and speed; '' without a readable file."""
    tracks = [*_tracks(path, "Video", every=True), *_tracks(path, "Audio", every=True)]
    if not tracks:
        return ""
    facts = [[track.get("kind"), [_item_facts(child) for child in track.get("children", ())]] for track in tracks]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode("utf-8")).hexdigest()


def _item_facts(child: dict[str, Any]) -> list[Any]:
    references = child.get("media_references") or {}
    media = references.get(child.get("active_media_reference_key") or "DEFAULT_MEDIA") or {}
    speeds = [effect.get("time_scalar") for effect in child.get("effects") or () if "time_scalar" in effect]
    return [_kind(child), child.get("enabled", True), _plain_range(child.get("source_range")), media.get("target_url"), speeds]


def _plain_range(value: Any) -> list[float]:
    if not isinstance(value, dict):
        return []
    return [round(float(value[key]["value"]), 3) for key in ("start_time", "duration")]


def _tracks(path: str, kind: str, every: bool = False) -> list[dict[str, Any]]:
    document = read_json(path)
    if not isinstance(document, dict):
        return []
    children = (document.get("tracks") or {}).get("children") or []
    return [track for track in children if track.get("kind") == kind and (every or track.get("enabled", True))]


def _kind(child: dict[str, Any]) -> str:
    return str(child.get("OTIO_SCHEMA", "")).split(".")[0]


def _frames(child: dict[str, Any], rate: Rate) -> Fraction:
    source = child.get("source_range")
    if _kind(child) not in _ITEMS or not isinstance(source, dict):
        return Fraction(0)
    duration = source["duration"]
    own_rate = Fraction(duration["rate"]).limit_denominator(100000)
    if abs(own_rate - rate.fps) < Fraction(5, 1000):
        return Fraction(duration["value"]).limit_denominator(1000)
    return Fraction(duration["value"]).limit_denominator(1000) * rate.fps / own_rate
