"""A preset's hard limits, counted where a document breaks them."""

from __future__ import annotations

from core.cues.layout import frames_to_read
from core.cues.presets import limits_of, load_preset
from core.cues.width import width
from core.document import SubtitleDocument
from core.timing import FrameRate

PAL = FrameRate(25)
HK = load_preset("hk_broadcast")


def hard_limits_broken(document: SubtitleDocument) -> int:
    """Hard limits that a document breaks."""
    limits, count = limits_of(HK, PAL), 0
    for cue in document.cues:
        length = cue.end_frame - cue.start_frame
        count += (length < limits.shortest) + (length > limits.longest) + (width(cue.text) > HK.hard_width)
        count += length < frames_to_read(cue.text, HK.cps_max, PAL)
    return count
