"""`canto-beats redo`: a range of a finished job is heard again, with other settings if need be; everything outside it stays to the byte.

    job -> span -> the job's own sound through the pipeline, in a folder inside the job -> splice -> all files at once -> exports again

The job itself is written at the very end, so a run that is stopped or killed costs it nothing, and the next redo of the same range goes on where
that one ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..document import Finding, Registers
from ..edits import read_edits
from ..errors import EngineError
from ..formats.export import export_again, timeline_start
from ..job import Job
from ..messages import Language
from ..pipeline import STAGES, Request, Result, run
from ..progress import CancelToken, Reporter
from ..settings import Settings
from ..stages import Context, Deliverable, deliver
from ..timeline import AudioTrack, Clip, MediaRef, Timeline
from .review import REVIEW, edits_inside, reviewed
from .source import Original, frames_asked, open_original, settings_for
from .span import Span, span_of
from .splice import Place, counted, new_names, with_document
from .store import FOLDER, put_in


@dataclass(frozen=True, slots=True)
class Counts:
    """Cues `before` and `after` in the span, cues `kept` outside it, and a person's `edits` inside that were kept for review."""

    before: int
    after: int
    kept: int
    edits: int


@dataclass(frozen=True, slots=True)
class Redone:
    """What a redo did. `asked` and `span` are frames of the job; `findings` are the new ones; `failed` are exports that could not be written."""

    result: Result
    original: Original
    asked: tuple[int, int]
    span: Span
    counts: Counts
    deliverables: tuple[Deliverable, ...]
    findings: tuple[Finding, ...]
    failed: tuple[EngineError, ...]


def redo(folder: Path, time_range: tuple[str, str], wishes: Mapping[str, object], news: tuple[Reporter, CancelToken]) -> Redone:
    """Do [in, out), timecodes of the job's timeline, of the job in `folder` again; `wishes` are settings that differ from the job's.

    Raises InputError `redo.*`, `job.*` and `settings.*` before anything is done, what `pipeline.run` raises, and Cancelled; the job is untouched
    then.
    """
    folder = folder.expanduser().absolute()
    with open_original(folder) as (job, original):
        asked = frames_asked(original, time_range)
        settings = settings_for(job, original, wishes)
        span = span_of(original.registers.spoken, asked, original.plan.duration_frames, original.gap(settings))
        result = run(_request(job, original, span, settings), *news, STAGES[:-1])
        work, place = result.work, _place(original, span)
        assert work.cues is not None and work.registers is not None
        names = new_names(work.cues.cues, place)
        merged, findings, edits = _merged(job, original, _counted(work.registers, original, names, place), place, settings.language_ui)
        put_in(job, work, merged, names, place)
        made = _deliver(job, result, merged, settings)
        shutil.rmtree(job.path(FOLDER), ignore_errors=True)
    exports, failed = export_again(folder, settings.language_ui)
    made += tuple(Deliverable(file.format, file.path) for file in exports if all(file.path != one.path for one in made))
    kept = len(place.kept)
    counts = Counts(span.last - span.first, len(merged.spoken.cues) - kept, kept, edits)
    return Redone(result, original, asked, span, counts, made, findings, failed)


def _counted(new: Registers, original: Original, names: Mapping[str, str], place: Place) -> Registers:
    like = original.registers.spoken
    return Registers(counted(new.spoken, like, names, place), counted(new.written, like, names, place) if new.written else None)


def _request(job: Job, original: Original, span: Span, settings: Settings) -> Request:
    """The span of the job's own sound as a timeline: what the cues outside were made from, a mix that only the host could render included."""
    document, sound = original.registers.spoken, job.path("audio.wav")
    length_s = original.plan.duration_s
    timeline = Timeline(
        name=original.plan.name,
        rate=document.rate,
        start_frame=document.start_frame,
        duration_frames=original.plan.duration_frames,
        audio_tracks=(AudioTrack("job", (Clip(sound.name, length_s, MediaRef(str(sound), Fraction(0), length_s), Fraction(0)),)),),
        in_frame=span.start_frame,
        out_frame=span.end_frame,
        cuts=original.cuts,
        source=job.input,
    )
    heard = replace(settings, register="both" if original.registers.written else "spoken", scene_detection="off")
    return Request(timeline, Path(job.input), job.path(FOLDER), job.path(FOLDER), heard)


def _place(original: Original, span: Span) -> Place:
    cues = original.registers.spoken.cues
    gone = frozenset(cue.id for cue in cues[span.first : span.last])
    return Place(span.start_frame, span.end_frame, gone, frozenset(cue.id for cue in cues) - gone, original.registers.spoken.rate)


def _merged(job: Job, original: Original, fresh: Registers, place: Place, language: Language) -> tuple[Registers, tuple[Finding, ...], int]:
    """The job's registers with `fresh` and a person's changes in place, the findings that are new, and how many of those changes need review."""
    old = original.registers
    done = reviewed(fresh, edits_inside(read_edits(job.folder), old.spoken.start_frame, place), language)
    written = with_document(old.written, done.written, place) if old.written and done.written else None
    findings = tuple(dict.fromkeys((*done.spoken.findings, *(done.written.findings if done.written else ()))))
    edits = len({(found.code, found.cue_id, found.start_ms) for found in findings if found.code in REVIEW})
    return Registers(with_document(old.spoken, done.spoken, place), written), findings, edits


def _deliver(job: Job, result: Result, registers: Registers, settings: Settings) -> tuple[Deliverable, ...]:
    """The subtitle files of a run, again; one that somebody changed keeps its place."""
    folder, source = job.folder, Path(job.input)
    out = folder.parent if folder.suffix == ".job" else folder
    start = timeline_start(folder, source, registers.spoken)
    work = replace(result.work, registers=registers, timeline=replace(result.work.timeline, start_frame=start))
    return deliver(work, Context(job, out, source, settings, no_update, CancelToken()))


def no_update(done: float, total: float | None, unit: str = "", note: str = "") -> None:
    """Progress that nobody watches."""
