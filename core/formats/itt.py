"""iTunes Timed Text: TTML that counts SMPTE timecode, as Final Cut Pro and Compressor exchange it.

What Apple's package specification allows and Final Cut Pro writes: one region, one style, sansSerif, and for Cantonese and
Mandarin in Traditional characters the tags yue-Hant and cmn-Hant. The 1001 rates are written `1000 1001`, as TTML defines them; Apple's older
`999 1000` is read as well, and is refused with drop frame by readers that compute (ttconv).
"""

from __future__ import annotations

from pathlib import Path

from ..document import Register, SubtitleDocument
from ..timing import frame_to_timecode
from .base import WriteOptions
from .ttml import XML, add, add_text, read, root_of, xml_id
from .xml import write_xml

__all__ = ["read", "tag", "write"]


def tag(register: Register) -> str:
    """Apple's language tag of a register."""
    return "yue-Hant" if register == "spoken" else "cmn-Hant"


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write iTT with the timeline's own timecode. Raises InputError `files.*`."""
    rate = document.rate
    parameters = {
        "timeBase": "smpte",
        "frameRate": str(rate.nominal),
        "frameRateMultiplier": "1 1" if rate.denominator == 1 else "1000 1001",
        "dropMode": "dropNTSC" if rate.drop_frame else "nonDrop",
    }
    root = root_of(document, parameters)
    root.set(f"{{{XML}}}lang", tag(document.register))
    head = add(root, "head")
    add(
        add(head, "styling"), "style", xml_id="normal", color="white", fontFamily="sansSerif", fontSize="100%", fontStyle="normal",
        fontWeight="normal",
    )  # fmt: skip
    add(
        add(head, "layout"), "region", xml_id="bottom", displayAlign="after", extent="100% 15%", origin="0% 85%", textAlign="center",
        writingMode="lrtb",
    )  # fmt: skip
    div = add(add(root, "body", style="normal", region="bottom"), "div")
    for cue in document.cues:
        # TTML has no ';': drop frame is said once, in dropMode
        start, end = (frame_to_timecode(document.start_frame + frame, rate).replace(";", ":") for frame in (cue.start_frame, cue.end_frame))
        add_text(add(div, "p", xml_id=xml_id(cue.id), begin=start, end=end, region="bottom"), cue.text)
    write_xml(root, path)
