"""SubRip, written through pysrt. Milliseconds are ceil(1000 n / fps), which every reader turns back into frame n.

SRT knows no blank line inside a cue and no frame rate; both are settled here. Another format is another file with `write` of the same shape.
"""

from __future__ import annotations

from pathlib import Path

from ..document import SubtitleDocument
from ..files import write_text
from ..timing import frame_to_ms


def to_srt(document: SubtitleDocument, offset_frames: int = 0) -> str:
    """SRT text; `offset_frames` moves every cue later, for a range that begins inside its timeline."""
    from pysrt import SubRipFile, SubRipItem, SubRipTime

    file = SubRipFile(eol="\n")
    for number, cue in enumerate(document.cues, 1):
        start, end = (SubRipTime.from_ordinal(frame_to_ms(frame + offset_frames, document.rate)) for frame in (cue.start_frame, cue.end_frame))
        file.append(SubRipItem(number, start, end, _without_blank_lines(cue.text)))
    return "\n".join(str(item) for item in file)


def _without_blank_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def write(document: SubtitleDocument, path: Path, offset_frames: int = 0) -> None:
    """Write UTF-8 SRT, aside and then renamed. Raises InputError `files.*`."""
    write_text(path, to_srt(document, offset_frames))
