"""Mending what lint can mend without knowing what was said: marks, blanks, widths and edges.

A step takes a Subject and returns its document anew; `fix` repeats them until nothing changes, so that mending twice is mending once. A new kind of
repair is one more step in `_STEPS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from ..document import Cue, Segment, SubtitleDocument
from ..passes.base import PunctuationOptions
from ..passes.punctuation import punctuate
from ..timing import frame_to_ms, ms_to_frame_nearest
from .layout import slots_of
from .lint import CHECKS
from .lint_base import Subject
from .lint_lines import is_dialogue
from .lint_text import DOUBLED, ELLIPSIS, HALF_WIDTH, usual_forms
from .search import best_cuts
from .shots import snap_in, snap_out
from .slots import Slot
from .spacing import close_gaps, keep_gaps, lengthen, shorten
from .split import CueOptions, run_of
from .spread import spread
from .width import width
from .wrap import wrap

_MOST_ROUNDS = 12
_FULL_WIDTH = str.maketrans(",!?:;", "，！？：；")
_TEXT_CHECKS = tuple(check for check in CHECKS if check.code in ("whitespace", "line_end_punct", "halfwidth_punct", "ellipsis", "double_marks"))
_READER_NOTES = ("formats.overlap_trimmed", "formats.empty_dropped")


def fix(subject: Subject) -> SubtitleDocument:
    """The document with everything mended that can be; findings about repairs of the reader go, because the new file has them done."""
    findings = tuple(finding for finding in subject.document.findings if finding.code not in _READER_NOTES)
    document = replace(subject.document, findings=findings)
    for _ in range(_MOST_ROUNDS):
        before = document
        for step in _STEPS:
            document = step(replace(subject, document=document))
        if document == before:
            break
    return document


def _marks(subject: Subject) -> SubtitleDocument:
    """Marks and blanks of the cues that a check of text found fault with, and one form of each character."""
    cues = list(subject.document.cues)
    for index in {found.index for check in _TEXT_CHECKS for found in check.find(subject)}:
        cues[index] = replace(cues[index], text=_clean(cues[index].text) or cues[index].text)
    forms = str.maketrans(usual_forms(subject))
    return replace(subject.document, cues=tuple(replace(cue, text=cue.text.translate(forms)) for cue in cues))


def _clean(text: str) -> str:
    text = DOUBLED.sub(_one_mark, ELLIPSIS.sub("…", text.replace("\u3000", " ")))
    lines = punctuate(text, PunctuationOptions()).split("\n")
    cleaned = (HALF_WIDTH.sub(lambda found: found[0].translate(_FULL_WIDTH), line) for line in lines)
    return "\n".join(line for part in cleaned if (line := re.sub(r"\s+", " ", part).strip()))


def _one_mark(found: re.Match[str]) -> str:
    """The question mark of a run of marks, or its first mark."""
    return next((mark for mark in found[0] if mark in "？?"), found[0][0])


def _lines(subject: Subject) -> SubtitleDocument:
    """Cues too wide, or on too many lines, go on fewer lines, on two, or into several cues."""
    cues: list[Cue] = []
    used = {cue.id for cue in subject.document.cues}
    for cue in subject.document.cues:
        lines = cue.text.split("\n")
        fits = all(width(line) <= subject.preset.hard_width for line in lines)
        if (fits and len(lines) <= subject.preset.lines) or is_dialogue(cue.text):
            cues.append(cue)
        else:
            cues += _refitted(replace(cue, text=_one_line(lines)), subject, used)
    return replace(subject.document, cues=tuple(cues))


def _one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _refitted(cue: Cue, subject: Subject, used: set[str]) -> Iterator[Cue]:
    """The cue on as many lines as the preset has, or as several cues that share its time by width."""
    text = wrap(cue.text, subject.preset, subject.names)
    rate, count = subject.document.rate, cue.end_frame - cue.start_frame
    if all(width(line) <= subject.preset.hard_width for line in text.split("\n")):
        yield replace(cue, text=text)
        return
    segment = Segment(frame_to_ms(cue.start_frame, rate), frame_to_ms(cue.end_frame, rate), cue.text)
    run = run_of([spread(segment, ())], CueOptions(subject.preset, names=subject.names), rate)
    cuts = best_cuts(run, subject.preset, rate)
    edges = [cue.start_frame, *(ms_to_frame_nearest(run.atoms[place].start_ms, rate) for place in cuts), cue.end_frame]
    if count <= len(cuts) or any(first >= second for first, second in pairwise(edges)):
        yield cue
        return
    pieces = zip(pairwise((0, *cuts, len(run.atoms))), pairwise(edges), strict=True)
    for number, (place, (start, end)) in enumerate(pieces):
        part = wrap("".join(atom.text for atom in run.atoms[slice(*place)]).strip(), subject.preset, subject.names)
        yield replace(cue, id=_new_id(cue.id, number, used), start_frame=start, end_frame=end, text=part, words=())


def _new_id(name: str, number: int, used: set[str]) -> str:
    if not number:
        return name
    candidate, extra = f"{name}-{number + 1}", ""
    while candidate + extra in used:
        extra += "'"
    used.add(candidate + extra)
    return candidate + extra


def _edges(subject: Subject) -> SubtitleDocument:
    """Edges near cuts, gaps and lengths. The voice is not known here: cues become longer where they are free to, and never begin earlier for it."""
    document, limits = subject.document, subject.limits
    slots = list(slots_of(document, subject.preset, limits))
    cuts = subject.cuts if subject.preset.shots else ()
    length = document.cues[-1].end_frame + limits.shortest if document.cues else 0
    snap_in(slots, cuts, limits)
    snap_out(slots, cuts, limits, length)
    close_gaps(slots, limits, cuts)
    keep_gaps(slots, limits)
    lengthen(slots, replace(limits, target=limits.shortest, linger_max=limits.longest, early=0), cuts, length)
    shorten(slots, limits)
    close_gaps(slots, limits, cuts)
    return replace(document, cues=tuple(_moved(cue, slot) for cue, slot in zip(document.cues, slots, strict=True)))


def _moved(cue: Cue, slot: Slot) -> Cue:
    return replace(cue, start_frame=slot.start, end_frame=slot.end)


_STEPS: tuple[Callable[[Subject], SubtitleDocument], ...] = (_marks, _lines, _edges)
