"""Level, fades and speed of one item.

To understand one more effect, add a branch to `_read_effect`; an effect that changes no speech (pan, equaliser, pitch) needs none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from typing import Any

from ..timeline import GainKey, SpeedKey
from .values import LONGEST_S, exact_fps, number, resolve_entry

_VOLUME_EFFECT = "Fairlight Clip Volume and Fades"
_QUIETEST_DB, _LOUDEST_DB = -100.0, 30.0  # the bounds that Resolve writes beside the value


@dataclass(slots=True)
class Effects:
    """What an item's effects do to its sound; the fields are those of Clip."""

    speed: Fraction = Fraction(1)
    ramp: tuple[SpeedKey, ...] = ()
    gain_db: float = 0.0
    gain_keys: tuple[GainKey, ...] = ()
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    notes: list[str] = field(default_factory=list)


def read_effects(item: Any) -> Effects:
    """Effects of a clip or a nested timeline; frames in them count at the item's own rate.

    Raises InputError `timing.unknown_rate` when that rate is unknown.
    """
    found = Effects()
    fps = exact_fps(item.source_range.duration.rate) if item.source_range is not None else None
    for effect in item.effects:
        _read_effect(effect, fps, found)
    return found


def _read_effect(effect: Any, fps: Fraction | None, found: Effects) -> None:
    import opentimelineio as otio

    if isinstance(effect, otio.schema.LinearTimeWarp):
        found.speed *= _scalar(effect.time_scalar)
    elif isinstance(effect, otio.schema.TimeEffect):
        found.ramp = _ramp(resolve_entry(effect, "Key Frames"))
        if not found.ramp:
            found.notes.append("plan.unknown_retime")
    elif fps is not None and resolve_entry(effect, "Effect Name") == _VOLUME_EFFECT and resolve_entry(effect, "Enabled") is not False:
        _read_volume(_by_id(resolve_entry(effect, "Parameters")), fps, found)


def _scalar(value: float) -> Fraction:
    """1.1 as 11/10: the decimal that was meant, not the binary number next to it. NaN and infinity freeze."""
    return Fraction(value).limit_denominator(10**6) if isfinite(value) else Fraction(0)


def _ramp(keys: Any) -> tuple[SpeedKey, ...]:
    """Resolve's [[record_s, source_s, smooth, ...], ...] in record order; () unless there are two that move forward in time.

    The tangents behind the first two numbers bend the curve by less than a syllable and are not read.
    """
    if not isinstance(keys, list):
        return ()
    pairs = [(number(key[0]), number(key[1])) for key in keys if isinstance(key, list) and len(key) >= 2]
    exact = sorted((Fraction(r), Fraction(s)) for r, s in pairs if r is not None and s is not None and max(abs(r), abs(s)) < LONGEST_S)
    forward = all(before[0] < after[0] for before, after in pairwise(exact))
    return tuple(SpeedKey(record_s, source_s) for record_s, source_s in exact) if len(exact) >= 2 and forward else ()


def _by_id(parameters: Any) -> dict[Any, dict[str, Any]]:
    """An effect's parameters; Resolve leaves out those at their default."""
    if not isinstance(parameters, list):
        return {}
    return {str(entry.get("Parameter ID")): entry for entry in parameters if isinstance(entry, dict)}


def _read_volume(parameters: Mapping[str, dict[str, Any]], fps: Fraction, found: Effects) -> None:
    volume = parameters.get("volume", {})
    found.gain_db = _decibels(volume.get("Parameter Value")) or 0.0
    found.gain_keys = _gain_keys(volume.get("Key Frames"), fps)
    found.fade_in_s = _frames_s(parameters.get("faderIn", {}), fps)
    found.fade_out_s = _frames_s(parameters.get("faderOut", {}), fps)


def _gain_keys(keys: Any, fps: Fraction) -> tuple[GainKey, ...]:
    """{"96": {"Value": 0.0}, ...} in time order; a frame counts from the clip's start on the timeline."""
    if not isinstance(keys, dict):
        return ()
    read = ((_frame(name), _decibels(value.get("Value"))) for name, value in keys.items() if isinstance(value, dict))
    levels = {frame: level for frame, level in read if frame is not None and level is not None}
    return tuple(GainKey(frame / fps, levels[frame]) for frame in sorted(levels))


def _frame(name: str) -> Fraction | None:
    return Fraction(name) if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", name) else None


def _decibels(value: Any) -> float | None:
    level = number(value)
    return None if level is None else min(_LOUDEST_DB, max(_QUIETEST_DB, level))


def _frames_s(parameter: Mapping[str, Any], fps: Fraction) -> Fraction:
    frames = number(parameter.get("Parameter Value"))
    return Fraction(frames) / fps if frames is not None and 0 < frames < LONGEST_S else Fraction(0)
