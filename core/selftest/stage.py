"""Props for probes: timelines with media, subtitle files, and what an exported OTIO says."""

from __future__ import annotations

import json
import shutil
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .desk import Desk

SAMPLE = Path(__file__).resolve().parents[1] / "practice" / "sample"
CUES = ((25, 75, "你好"), (100, 150, "今日天氣幾好"), (175, 240, "多謝晒"))  # frames from the start, at 25


def new_timeline(desk: Desk, name: str, media: Sequence[Path] = ()) -> Any:
    """A new timeline in front, of clips where `media` are given, else empty; None when Resolve makes none."""
    if media:
        clips = desk.call(desk.pool, "ImportMedia", [str(path) for path in media]) or []
        timeline = desk.call(desk.pool, "CreateTimelineFromClips", name, [{"mediaPoolItem": clip} for clip in clips])
    else:
        timeline = desk.call(desk.pool, "CreateEmptyTimeline", name)
    if timeline is not None:
        desk.call(desk.project, "SetCurrentTimeline", timeline)
    desk.calls.structural()
    return timeline


def timeline_id(desk: Desk, timeline: Any) -> str:
    """The id by which operations name a timeline; '' without one."""
    return str(desk.call(timeline, "GetUniqueId") or "")


def picture(desk: Desk) -> Path:
    """The sample's picture clip with its sound, copied into the run's folder so that nothing refers into the installation."""
    copy = desk.folder / "media" / "picture.mov"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(next(SAMPLE.glob("*.mov")), copy)
    return copy


def poly_wav(desk: Desk, channels: int = 4, seconds: int = 4) -> Path:
    """A WAV of several channels, silent but for a step in each, as field recorders write it."""
    path = desk.folder / "media" / f"poly-{channels}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(48000)
        frame = b"".join(int(1000 * (number + 1)).to_bytes(2, "little", signed=True) for number in range(channels))
        out.writeframes(frame * 48000 * seconds)
    return path


def write_srt(desk: Desk, name: str, cues: Sequence[tuple[int, int, str]]) -> Path:
    """An SRT of (start_ms, end_ms, text); `name` must be new, because Resolve does not read a known path again."""
    path = desk.folder / "subtitles" / f"{name}.srt"
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = [f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{text}\n" for number, (start, end, text) in enumerate(cues, 1)]
    path.write_text("\n".join(blocks), "utf-8")
    return path


def _stamp(ms: int) -> str:
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def at_25(cues: Sequence[tuple[int, int, str]] = CUES) -> list[tuple[int, int, str]]:
    """Frames at 25 as milliseconds."""
    return [(start * 40, end * 40, text) for start, end, text in cues]


def append_srt(desk: Desk, path: Path) -> str:
    """Import a subtitle file into our bin and append it to the timeline in front; answers the pool item's id."""
    desk.host.open_page("edit")
    found = desk.host.use_bin("Selftest")
    item = desk.host.import_subtitles(str(path))
    if found and item:
        desk.host.append_subtitles(found, item)
    return str(item or "")


def subtitle_counts(desk: Desk, name: str) -> list[dict[str, Any]]:
    """[{"index", "name", "enabled", "locked", "count"}] of the subtitle tracks of timeline `name` (an id)."""
    return list(desk.host.tracks(name, "subtitle") or [])


def export(desk: Desk, timeline: Any, kind: str, file: str) -> Path:
    """Export by the name of an EXPORT_ constant into the run's folder; the file may be missing afterwards."""
    path = desk.folder / "exports" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    constants = [getattr(desk.resolve, name, None) for name in (kind, "EXPORT_NONE")]
    if all(isinstance(one, (int, float)) for one in constants):
        desk.call(timeline, "Export", str(path), *constants)
    return path


def otio_facts(path: Path) -> dict[str, Any]:
    """What an OTIO says of rates, tracks and children; {"missing": True} without a file."""
    if not path.is_file():
        return {"missing": True}
    document = json.loads(path.read_text("utf-8"))
    rates: set[float] = set()
    _rates(document, rates)
    tracks = document.get("tracks", {}).get("children", [])
    return {
        "rates": sorted(rates),
        "global_start": document.get("global_start_time"),
        "metadata": document.get("metadata"),
        "tracks": [_track(track) for track in tracks],
    }


def _rates(value: Any, found: set[float]) -> None:
    if isinstance(value, dict):
        if "rate" in value and isinstance(value["rate"], (int, float)):
            found.add(float(value["rate"]))
        for one in value.values():
            _rates(one, found)
    elif isinstance(value, list):
        for one in value:
            _rates(one, found)


def _track(track: dict[str, Any]) -> dict[str, Any]:
    keys = ("kind", "name", "enabled", "metadata")
    return {**{key: track.get(key) for key in keys}, "children": [_child(one) for one in track.get("children", [])][:40]}


def _child(child: dict[str, Any]) -> dict[str, Any]:
    media = (child.get("media_references") or {}).get("DEFAULT_MEDIA") or {}
    effects = [effect.get("metadata", {}).get("Resolve_OTIO", {}) for effect in child.get("effects") or []]
    return {
        "schema": child.get("OTIO_SCHEMA"),
        "name": child.get("name"),
        "enabled": child.get("enabled"),
        "media": media.get("OTIO_SCHEMA"),
        "url": media.get("target_url"),
        "metadata": child.get("metadata"),
        "source_range": child.get("source_range"),
        "effects": [effect.get("Effect Name") if isinstance(effect, dict) else None for effect in effects],
        "nested": [_child(one) for one in child.get("children", [])][:10],
    }
