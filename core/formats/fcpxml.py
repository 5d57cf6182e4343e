"""Final Cut Pro XML 1.10: captions (iTT role) on one gap, or the same cues as titles; or captions put into an FCPXML that Resolve exported.

Times are rational numbers of seconds on the sequence's frames. An item's `offset` is in its parent's local time, which begins at the parent's
`start`. A line break is a literal newline inside the run. Element order and attributes follow Apple's DTD; captions of one lane and role may
not overlap, which a document's cues never do. `fcpxml_items.py` makes captions and titles, `fcpxml_into.py` does the putting in,
`fcpxml_read.py` the reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..document import SubtitleDocument
from .ass_styles import LANDSCAPE
from .base import WriteOptions
from .fcpxml_into import with_captions
from .fcpxml_items import caption, time_of, title_of
from .fcpxml_read import read
from .xml import clean, write_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read", "write"]

DOCTYPE = "<!DOCTYPE fcpxml>"
_TITLE_UID = ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti"


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write FCPXML; with `options.host` a copy of that file with captions added, with `options.titles` titles in place of captions.

    Raises InputError `files.*`, and for a host file `formats.not_fcpxml`, `formats.host_*` and what `parse_xml` raises.
    """
    if options.host:
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
        maker = title_of if options.titles else caption
        gap.append(maker(cue, document, number, time_of(cue.start_frame + options.offset_frames, rate)))
    return root
