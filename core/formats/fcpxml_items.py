"""What an FCPXML shows a cue by: a `<caption>`, or a `<title>` of the effect that `fcpxml.py` declares; and times as FCPXML writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..document import Cue, Register, SubtitleDocument
from ..timing import FrameRate, frame_to_seconds, seconds_to_frame_floor
from .base import lines_of
from .itt import tag
from .xml import clean

if TYPE_CHECKING:
    from lxml.etree import _Element

_STYLE = {"font": "PingFang HK", "fontSize": "54", "fontFace": "Medium", "fontColor": "1 1 1 1", "alignment": "center"}
_LANES: dict[Register, str] = {"spoken": "1", "written": "2"}
_LOCAL_START_S = 3600  # where Final Cut Pro lets the local time of generated items begin


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


def title_of(cue: Cue, document: SubtitleDocument, number: int, offset: str) -> _Element:
    """A `<title>` as `caption` makes captions, of the effect whose id is r2."""
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
