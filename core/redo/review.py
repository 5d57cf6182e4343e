"""A person's changes inside a span that was redone: they stay, and each becomes a Finding that says what the new run heard there."""

from __future__ import annotations

from dataclasses import replace

from ..document import Finding, Registers, SubtitleDocument
from ..edits import Edit, Edits, counted_from, settled_by, with_edits
from ..messages import Language, text
from ..timing import frame_to_ms
from .splice import Place

REVIEW = ("redo.edit_kept", "redo.removal_kept")


def edits_inside(edits: Edits, start_frame: int, place: Place) -> Edits:
    """The edits of cues that give way, counted from the job's `start_frame`."""
    counted = counted_from(edits, start_frame)
    return Edits(tuple(edit for edit in counted if place.holds(edit.cue_id, *(edit.span or edit.was or (0, 0)))), start_frame)


def reviewed(new: Registers, edits: Edits, language: Language) -> Registers:
    """The new cues with a person's changes on top, each with its finding; what the new run also wrote needs none."""
    done = with_edits(new, edits)
    settled = settled_by(new, edits)
    spoken = _noted(done.spoken, new.spoken, settled, language)
    return Registers(spoken, _noted(done.written, new.written, settled, language) if done.written and new.written else None)


def _noted(done: SubtitleDocument, heard: SubtitleDocument, settled: tuple[tuple[str, Edit], ...], language: Language) -> SubtitleDocument:
    before, after = ({cue.id: cue for cue in document.cues} for document in (heard, done))
    found = []
    for name, edit in settled:
        old, now = before.get(name), after.get(name)
        words = " ".join(old.text.split()) if old else "—"
        if now and (old is None or (old.start_frame, old.end_frame, old.text) != (now.start_frame, now.end_frame, now.text)):
            found.append(Finding(REVIEW[0], text(REVIEW[0], language, heard=words), "warning", name))
        elif old and edit.removed:
            span = (frame_to_ms(frame, done.rate) for frame in (old.start_frame, old.end_frame))
            found.append(Finding(REVIEW[1], text(REVIEW[1], language, heard=words), "warning", None, *span))
    return replace(done, findings=(*done.findings, *found))
