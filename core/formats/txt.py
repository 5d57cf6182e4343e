"""Plain text to read, search and translate: one cue a line, a blank line and the name where the speaker changes. Without times: no way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..document import SubtitleDocument
from ..files import write_text
from .base import WriteOptions, lines_of


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write UTF-8 text. Raises InputError `files.*`."""
    write_text(path, "".join(f"{line}\n" for line in _lines(document)))


def _lines(document: SubtitleDocument) -> Iterator[str]:
    speaker: str | None = None
    for number, cue in enumerate(document.cues):
        if cue.speaker != speaker:
            yield from ("",) if number else ()
            yield from (f"{' '.join(cue.speaker.split())}：",) if cue.speaker else ()
        speaker = cue.speaker
        yield " ".join(lines_of(cue.text))
