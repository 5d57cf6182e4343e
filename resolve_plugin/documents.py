"""Reads what the engine made: cues, and findings about doubtful ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import PluginError
from .files import read_json
from .rates import Rate, rate_of
from .srt import Cue

_LEVELS = ("error", "warning")
_COLORS = {"error": "Red", "warning": "Yellow"}


@dataclass(frozen=True)
class Document:
    """A subtitle document; cue frames count from the range's first frame, whose absolute number is `start_frame`."""

    register: str
    rate: Rate
    start_frame: int
    cues: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]

    def cues_from(self, timeline_start: int) -> list[Cue]:
        """The cues counted from the timeline's first frame."""
        offset = self.start_frame - timeline_start
        return [Cue(offset + int(cue["start_frame"]), offset + int(cue["end_frame"]), str(cue["text"])) for cue in self.cues]


def read_document(path: str) -> Document:
    """A document/1 file. Raises PluginError `engine.document` when it is something else."""
    data = read_json(path)
    try:
        if data["schema"] != "document/1":
            raise ValueError(data["schema"])
        return Document(
            register=str(data["register"]),
            rate=rate_of(data["rate"], bool(data["drop_frame"])),
            start_frame=int(data["start_frame"]),
            cues=tuple(data["cues"]),
            findings=tuple(data.get("findings") or ()),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PluginError("engine.document", detail=repr(error), path=path) from error


def doubt_markers(document: Document, timeline_start: int, taken: set[int], key_prefix: str) -> list[dict[str, Any]]:
    """Markers for doubtful cues: one a frame, beside markers of others; {"frame", "color", "name", "note", "frames", "key"}."""
    cues = {str(cue.get("id")): cue for cue in document.cues}
    by_cue: dict[str, list[dict[str, Any]]] = {}
    for finding in document.findings:
        if finding.get("level") in _LEVELS and str(finding.get("cue_id")) in cues:
            by_cue.setdefault(str(finding["cue_id"]), []).append(finding)
    offset, used, markers = document.start_frame - timeline_start, set(taken), []
    for cue_id, findings in by_cue.items():
        first, end = (offset + int(cues[cue_id][key]) for key in ("start_frame", "end_frame"))
        frame = next((one for one in range(first, end) if one not in used), None)
        if frame is None:
            continue
        used.add(frame)
        worst = min(findings, key=lambda one: _LEVELS.index(one["level"]))
        markers.append(
            {
                "frame": frame,
                "color": _COLORS[worst["level"]],
                "name": str(cues[cue_id]["text"])[:60],
                "note": "\n".join(str(one.get("message", one.get("code", ""))) for one in findings),
                "frames": 1,
                "key": f"{key_prefix}{document.register}:{cue_id}",
            }
        )
    return markers
