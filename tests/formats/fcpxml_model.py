"""What FCPXML 1.10 demands of the elements that we write or add to, for a machine without Apple's DTD.

After Apple's documentation of the format. `faults` says what breaks it; `apple_dtd` finds the DTD that Final Cut Pro carries, where it is
installed. To allow another element, add a row to `_MODEL`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

DTD_VARIABLE = "CANTO_BEATS_FCPXML_DTD"
_IN_FINAL_CUT = "Contents/Frameworks/Interchange.framework/Versions/A/Resources/FCPXMLv1_10.dtd"

_ITEM = r"(audio|video|clip|title|mc-clip|ref-clip|sync-clip|asset-clip|audition)"
_ANCHORED = rf"({_ITEM}|caption|spine)"
_MARKER = r"(marker|chapter-marker|rating|keyword|analysis-marker)"
_PLACED = "lane offset name start duration enabled"
# element: (order of children, attributes it must have, attributes it may have)
_MODEL = {
    "fcpxml": (r"(resources )?(library |(event )*)", "version", ""),
    "resources": (r"((asset|effect|format|media|locator) )*", "", ""),
    "format": ("", "id", "name frameDuration fieldOrder width height colorSpace"),
    "effect": ("", "id uid", "name src"),
    "asset": (r"(media-rep )+(metadata )?", "id", "name uid start duration hasVideo format hasAudio audioSources audioChannels"),
    "media-rep": (r"(bookmark )?", "src", "kind sig suggestedFilename"),
    "library": (r"(event )*", "", "location colorProcessing"),
    "event": (r"((project|clip|asset-clip|ref-clip) )*", "", "name uid"),
    "project": (r"sequence ", "", "name uid id modDate"),
    "sequence": (r"(note )?spine (metadata )?", "format", "duration tcStart tcFormat audioLayout audioRate renderFormat keywords"),
    "spine": (rf"(({_ITEM}|gap|transition) )*", "", "lane offset name format"),
    "gap": (rf"(note )?({_ANCHORED} )*({_MARKER} )*(metadata )?", "duration", "name offset start enabled"),
    "asset-clip": (
        rf"(note )?(conform-rate )?(timeMap )?(adjust-conform )?(adjust-transform )?(adjust-volume )?({_ANCHORED} )*({_MARKER} )*"
        r"(audio-channel-source )*(filter-video )*(filter-audio )*(metadata )?",
        "ref",
        f"{_PLACED} srcEnable format tcStart tcFormat audioRole videoRole",
    ),
    "video": (rf"(conform-rate )?(adjust-conform )?(adjust-transform )?({_ANCHORED} )*({_MARKER} )*", "ref duration", f"{_PLACED} srcID role"),
    "caption": (r"(text )*(text-style-def )*(note )?", "duration", f"{_PLACED} role"),
    "title": (rf"(param )*(text )*(text-style-def )*(note )?({_ANCHORED} )*({_MARKER} )*", "ref duration", f"{_PLACED} role"),
    "text": (r"(text-style )*", "", "display-style roll-up-height position placement alignment"),
    "text-style-def": (r"text-style ", "id", "name"),
    "text-style": ("", "", "ref font fontSize fontFace fontColor backgroundColor bold italic alignment lineSpacing strokeColor strokeWidth"),
    "conform-rate": ("", "", "scaleEnabled srcFrameRate frameSampling"),
    "adjust-conform": ("", "", "type"),
    "adjust-transform": (r"(param )*", "", "enabled position scale rotation anchor tracking"),
    "adjust-volume": ("", "", "amount"),
    "marker": ("", "start value", "duration completed note"),
    "transition": ("", "duration", "name offset"),
}  # fmt: skip


def faults(root: Any) -> list[str]:
    """Everything in the tree under `root` that the format does not allow: order, attributes, ids and references."""
    found = []
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    found += [f"id {name} twice" for name, count in ids.items() if count > 1]
    for element in elements:
        if element.tag not in _MODEL:
            found.append(f"<{element.tag}> is not known")
            continue
        order, must, may = _MODEL[element.tag]
        children = "".join(f"{child.tag} " for child in element if isinstance(child.tag, str))
        if not re.fullmatch(order, children):
            found.append(f"<{element.tag}> contains {children}")
        names = set(element.attrib)
        found += [f"<{element.tag}> lacks {name}" for name in sorted(set(must.split()) - names)]
        found += [f"<{element.tag}> has {name}" for name in sorted(names - set(must.split()) - set(may.split()))]
        found += [f"<{element.tag}> names {element.get(key)}" for key in ("ref", "format") if element.get(key) and element.get(key) not in ids]
    return found


def apple_dtd() -> Path | None:
    """Apple's DTD: the file that the environment names, or the one inside an installed Final Cut Pro."""
    named = os.environ.get(DTD_VARIABLE)
    places = [Path(named)] if named else [app / _IN_FINAL_CUT for app in Path("/Applications").glob("Final Cut Pro*.app")]
    return next((place for place in places if place.is_file()), None)
