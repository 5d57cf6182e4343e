"""Final Cut Pro XML 1.10: captions (iTT role) on one gap, or the same cues as titles; or captions put into an FCPXML that Resolve exported.

Times are rational numbers of seconds on the sequence's frames. An item's `offset` is in its parent's local time, which begins at the parent's
`start`. A line break is a literal newline inside the run. Element order and attributes follow Apple's DTD; captions of one lane and role may
not overlap, which a document's cues never do. `fcpxml_into.py` does the putting in, `fcpxml_read.py` the reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..document import Cue, Register, SubtitleDocument
from ..timing import FrameRate, frame_to_seconds, seconds_to_frame_floor
from .ass_styles import LANDSCAPE
from .base import WriteOptions, lines_of
from .fcpxml_read import read
from .itt import tag
from .xml import clean, write_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read", "write"]

DOCTYPE = "<!DOCTYPE fcpxml>"
_TITLE_UID = ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti"
_STYLE = {"font": "PingFang HK", "fontSize": "54", "fontFace": "Medium", "fontColor": "1 1 1 1", "alignment": "center"}
_LANES: dict[Register, str] = {"spoken": "1", "written": "2"}
_LOCAL_START_S = 3600  # where Final Cut Pro lets the local time of generated items begin


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write FCPXML; with `options.host` a copy of that file with captions added, with `options.titles` titles in place of captions.

    Raises InputError `files.*`, and for a host file `formats.not_fcpxml`, `formats.host_*` and what `parse_xml` raises.
    """
    if options.host:
        from .fcpxml_into import with_captions

        write_xml(with_captions(document, options), path, DOCTYPE)
        return
    write_xml(_whole(document, options), path, DOCTYPE)


def _whole(document: SubtitleDocument, options: WriteOptions) -> _Element:
    from lxml import etree

    rate = document.rate
    root = etree.Element("fcpxml", version="1.10")
    resources = etree.SubElement(root, "resources")
    width, height = options.size or LANDSCAPE
    frame = f"{rate.denominator}/{rate.numerator}s" if rate.denominator > 1 else f"100/{rate.numerator * 100}s"
    etree.SubElement(resources, "format", id="r1", frameDuration=frame, width=str(width), height=str(height), colorSpace="1-1-1 (Rec. 709)")
    if options.titles:
        etree.SubElement(resources, "effect", id="r2", name="Basic Title", uid=_TITLE_UID)
    title = clean(options.title)
    project = etree.SubElement(etree.SubElement(etree.SubElement(root, "library"), "event", name=title), "project", name=title)
    last = max((cue.end_frame for cue in document.cues), default=0) + options.offset_frames
    duration = time_of(max(last, options.length_frames, 1), rate)
    start = time_of(document.start_frame - options.offset_frames, rate)
    counting = "DF" if rate.drop_frame else "NDF"
    sequence = etree.SubElement(project, "sequence", format="r1", duration=duration, tcStart=start, tcFormat=counting)
    gap = etree.SubElement(etree.SubElement(sequence, "spine"), "gap", name="Gap", offset=start, start="0s", duration=duration)
    for number, cue in enumerate(document.cues, 1):
        maker = _title if options.titles else caption
        gap.append(maker(cue, document, number, time_of(cue.start_frame + options.offset_frames, rate)))
    return root


def time_of(frame: int, rate: FrameRate) -> str:
    """Seconds of a frame as FCPXML writes them: '1001/24000s', '5s', '0s'."""
    seconds = frame_to_seconds(frame, rate)
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    return f"{frame * rate.denominator}/{rate.numerator}s"


def caption(cue: Cue, document: SubtitleDocument, number: int, offset: str) -> _Element:
    """A `<caption>` that begins at `offset` of its parent; `number` makes its style's id unique."""
    element = _item("caption", cue, document, offset)
    element.set("role", f"iTT?captionFormat=ITT.{tag(document.register)}")
    style = {"font": "PingFang HK", "fontSize": "13", "fontFace": "Regular", "fontColor": "1 1 1 1", "backgroundColor": "0 0 0 0"}
    _add_text(element, cue, (f"cb-{document.register}-{number}", style), {"placement": "bottom"})
    return element


def _title(cue: Cue, document: SubtitleDocument, number: int, offset: str) -> _Element:
    element = _item("title", cue, document, offset)
    element.set("ref", "r2")
    _add_text(element, cue, (f"cb-{document.register}-{number}", _STYLE), {})
    return element


def _item(kind: str, cue: Cue, document: SubtitleDocument, offset: str) -> _Element:
    from lxml import etree

    rate = document.rate
    first = seconds_to_frame_floor(_LOCAL_START_S, rate)
    return etree.Element(
        kind,
        lane=_LANES[document.register],
        offset=offset,
        name=clean(lines_of(cue.text)[0]),
        start=time_of(first, rate),
        duration=time_of(cue.end_frame - cue.start_frame, rate),
    )


def _add_text(element: _Element, cue: Cue, style: tuple[str, dict[str, str]], attributes: dict[str, str]) -> None:
    from lxml import etree

    name, look = style
    run = etree.SubElement(etree.SubElement(element, "text", attributes), "text-style", ref=name)
    run.text = "\n".join(lines_of(clean(cue.text)))
    etree.SubElement(etree.SubElement(element, "text-style-def", id=name), "text-style", look)
