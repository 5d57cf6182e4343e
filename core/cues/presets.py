"""Layout presets: the numbers that splitting, timing and lint keep to, each with where it comes from.

A preset is a TOML file in `data/presets/`, or the user's own: a table for each limit with `value` and `source`, `based_on` for what it leaves
out. To add a preset, write such a file; to add a limit, give Preset a field and `hk_broadcast.toml` its value.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..timing import FrameRate, ms_to_frame_ceil, ms_to_frame_nearest

FOLDER = Path(__file__).parent.parent / "data" / "presets"
DEFAULT = "hk_broadcast"
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Preset:
    """Widths in full-width characters, times in milliseconds, `cps` in characters a second; `sources` by field name.

    A line is at best `soft_width`, never over `hard_width`. A cue lasts at least `floor_ms`, better `min_ms`, at best under `soft_max_ms` and
    never over `max_ms`; it stays `linger_ms` after the voice (`particle_linger_ms` after a final particle), `linger_max_ms` where reading
    or a cut asks for it, and begins at most `early_ms` before the voice to start on a cut. Gaps under `close_below_ms` shrink to `gap_frames`.
    """

    name: str
    title: str
    soft_width: float
    hard_width: float
    lines: int
    cps_warn: float
    cps_max: float
    min_ms: int
    floor_ms: int
    soft_max_ms: int
    max_ms: int
    gap_frames: int
    close_below_ms: int
    linger_ms: int
    particle_linger_ms: int
    linger_max_ms: int
    early_ms: int
    shots: bool
    sources: dict[str, str] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """A preset's times in frames of one rate. `half` is half a second, rounded half up (12 at 24, 13 at 25, 15 at 29.97).

    A gap from `gap_least` to `gap_most` passes for the preset's; `gap` is what layout writes.
    """

    half: int
    shortest: int
    target: int
    soft_longest: int
    longest: int
    gap_least: int
    gap: int
    gap_most: int
    close_below: int
    linger: int
    particle_linger: int
    linger_max: int
    early: int


_KINDS: dict[str, tuple[type, ...]] = {
    entry.name: {"float": (int, float), "int": (int,), "bool": (bool,)}[str(entry.type)]
    for entry in fields(Preset)
    if entry.name not in ("name", "title", "sources")
}
_GRID_GAP_MS = (66, 80, 84)  # two frames at 30, 25 and 24: what passes for two frames in a file that has none, and what is written


@cache
def preset_names() -> tuple[str, ...]:
    """The presets that come with the program."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def load_preset(name_or_path: str) -> Preset:
    """A preset by name, or from the user's TOML file.

    Raises InputError `preset.unknown`, `preset.unreadable`, `preset.bad_value` and `preset.contradiction`.
    """
    values, title = _values(name_or_path, _MAX_DEPTH)
    missing = sorted(set(_KINDS) - set(values))
    if missing:
        raise InputError("preset.missing", file=name_or_path, names=", ".join(missing))
    sources = {name: source for name, (_, source) in values.items()}
    name = name_or_path if name_or_path in preset_names() else Path(name_or_path).stem
    preset = Preset(name, title, **{name: value for name, (value, _) in values.items()}, sources=sources)
    _check_order(preset, name_or_path)
    return preset


def _values(name_or_path: str, depth: int) -> tuple[dict[str, tuple[Any, str]], str]:
    """(value, source) by field, with those of `based_on` beneath, and the title."""
    table = dict(_table(name_or_path))
    base, title = table.pop("based_on", None), table.pop("title", name_or_path)
    if not depth or not isinstance(base, str | None):
        raise InputError("preset.bad_value", file=name_or_path, name="based_on", value=base, wanted=", ".join(preset_names()))
    values = _values(base, depth - 1)[0] if base else {}
    for name, entry in table.items():
        value, source = (entry.get("value"), entry.get("source", "")) if isinstance(entry, dict) else (entry, "")
        if name not in _KINDS:
            raise InputError("preset.unknown_limit", file=name_or_path, name=name, names=", ".join(_KINDS))
        if not _fits(value, _KINDS[name]):
            raise InputError("preset.bad_value", file=name_or_path, name=name, value=value, wanted=_KINDS[name][-1].__name__)
        values[name] = (value, str(source) or Path(name_or_path).name)
    return values, str(title)


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, int | float) and isinstance(value, kinds) and 0 <= value < 1e6


def _table(name_or_path: str) -> dict[str, Any]:
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in preset_names() else Path(name_or_path).expanduser()
    if path.suffix.lower() != ".toml" or not path.is_file():
        raise InputError("preset.unknown", name=name_or_path, names=", ".join(preset_names()))
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("preset.unreadable", file=path, reason=error) from error


def _check_order(preset: Preset, source: str) -> None:
    """No limit may contradict another."""
    pairs = (
        ("soft_width", "hard_width"), ("cps_warn", "cps_max"), ("floor_ms", "min_ms"), ("min_ms", "soft_max_ms"), ("soft_max_ms", "max_ms"),
        ("linger_ms", "linger_max_ms"), ("particle_linger_ms", "linger_max_ms"),
    )  # fmt: skip
    for low, high in pairs:
        if getattr(preset, low) > getattr(preset, high):
            raise InputError("preset.contradiction", file=source, low=low, high=high)
    for name in ("soft_width", "lines", "cps_warn", "floor_ms"):
        if getattr(preset, name) <= 0:
            raise InputError("preset.bad_value", file=source, name=name, value=getattr(preset, name), wanted="> 0")


def with_width(preset: Preset, width: int) -> Preset:
    """The preset with a hard width of the user's; 0 leaves it as it is."""
    if width <= 0:
        return preset
    return replace(preset, hard_width=float(width), soft_width=min(preset.soft_width, float(width)))


@lru_cache(maxsize=32)
def limits_of(preset: Preset, rate: FrameRate) -> Limits:
    """A preset's times in whole frames: shortest times up, all others to the nearest frame.

    On the millisecond grid of a file without frames, two frames are anything from two of 30 a second to two of 24.
    """
    gaps = _GRID_GAP_MS if rate == FrameRate(1000) and preset.gap_frames else (preset.gap_frames,) * 3

    def nearest(ms: int) -> int:
        return ms_to_frame_nearest(ms, rate)

    return Limits(
        half=nearest(500),
        shortest=ms_to_frame_ceil(preset.floor_ms, rate),
        target=ms_to_frame_ceil(preset.min_ms, rate),
        soft_longest=nearest(preset.soft_max_ms),
        longest=nearest(preset.max_ms),
        gap_least=gaps[0],
        gap=gaps[1],
        gap_most=gaps[2],
        close_below=nearest(preset.close_below_ms),
        linger=nearest(preset.linger_ms),
        particle_linger=nearest(preset.particle_linger_ms),
        linger_max=nearest(preset.linger_max_ms),
        early=nearest(preset.early_ms),
    )
