"""Cues as Resolve's own Text titles in OTIO: a GeneratorReference of kind 'Rich' whose text is Qt's rich-text HTML.

The shape is what Resolve 21 writes for a Text title, with only the parameters that differ from their default: Resolve leaves those out too.
Titles are placed by frames; the font is one that every Mac has.
"""

from __future__ import annotations

import html
from typing import Any

from ..document import SubtitleDocument
from ..timing import FrameRate
from .base import lines_of, register_language

_FONT, _SIZE_PT = "PingFang HK", 54
_POSITION = (0.5, 0.14)  # of the picture, from its lower left
_EFFECTS = (("Drop Shadow", 8), ("Stroke", 28), ("Background", 27))


def title_track(document: SubtitleDocument, offset_frames: int) -> Any:
    """A video track of gaps and titles, `otio.schema.Track`."""
    import opentimelineio as otio

    track = otio.schema.Track(f"Subtitles ({register_language(document.register)})", kind=otio.schema.TrackKind.Video)
    track.metadata["Resolve_OTIO"] = {"Locked": False}
    position = 0
    for cue in document.cues:
        start = cue.start_frame + offset_frames
        if start > position:
            track.append(otio.schema.Gap(source_range=_span(start - position, document.rate)))
        position = cue.end_frame + offset_frames
        track.append(_title(lines_of(cue.text), position - start, document.rate))
    return track


def _span(frames: int, rate: FrameRate) -> Any:
    import opentimelineio as otio

    fps = float(rate.fps)
    return otio.opentime.TimeRange(otio.opentime.RationalTime(0, fps), otio.opentime.RationalTime(frames, fps))


def _title(lines: list[str], frames: int, rate: FrameRate) -> Any:
    import opentimelineio as otio

    rich: dict[str, Any] = {
        "Effect Name": "Rich Text",
        "Name": "Rich Text",
        "Enabled": True,
        "Display Type": 0,
        "Type": 24,
        "Parameters": [
            {"Parameter ID": "rich text", "Default Parameter Value": "Title", "Parameter Value": "Title", "Variant Type": "String"},
            {"Parameter ID": "title blob", "Title HTML": _html(lines)},
            {
                "Parameter ID": "position",
                "Default Parameter Value": [0.5, 0.5],
                "Parameter Value": list(_POSITION),
                "Variant Type": "POINTF",
                "Key Frames": {},
            },
        ],
    }
    extra = [{"Effect Name": name, "Name": name, "Enabled": True, "Display Type": 1, "Type": kind, "Parameters": []} for name, kind in _EFFECTS]
    reference = otio.schema.GeneratorReference("Text", "Rich", parameters={"Resolve_OTIO": [rich, *extra]})
    reference.metadata["Resolve_OTIO"] = {"Generator Type": "Rich"}
    return otio.schema.Clip("Text", reference, _span(frames, rate), metadata={"Resolve_OTIO": {}})


def _html(lines: list[str]) -> str:
    """Qt's rich text: one centred paragraph a line."""
    style = f"font-family:'{_FONT}'; font-size:{_SIZE_PT}pt; color:#ffffff;"
    paragraphs = "".join(f'<p align="center" style="margin:0px;"><span style="{style}">{html.escape(line)}</span></p>' for line in lines)
    return f'<html><head><meta name="qrichtext" content="1" /></head><body>{paragraphs}</body></html>'
