"""One Stage for each arrow of `pipeline.py`: the function that does the work, where its result is kept, and what makes it stale.

The functions themselves live with their subject (`audio/`, `speech/`, `asr/`, `cues/`, `formats/`); here they meet the job folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from . import __version__
from .document import Finding, Registers, Segment, SubtitleDocument, Transcript
from .document_file import read_document, read_object, write_document
from .files import stat_identity, write_json
from .job import Job
from .messages import text
from .plain import from_plain, to_plain
from .progress import CancelToken, PartialCue
from .settings import Settings
from .timeline import AudioPiece, AudioPlan, Timeline
from .timing import FrameRate, ms_to_frame_ceil, ms_to_frame_floor

if TYPE_CHECKING:
    from .asr.recogniser import Recogniser
    from .audio.wav import Audio
    from .hardware import Reason
    from .speech.find import SpeechMap


class Update(Protocol):
    """StageProgress.update: how far a stage is."""

    def __call__(self, done: float, total: float | None, unit: str = "", note: str = "") -> None: ...


class Ask(Protocol):
    """Link.ask: have the host do what only it can; None when it refused."""

    def __call__(self, op: str, params: dict[str, Any]) -> Any | None: ...


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A file made for the user."""

    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class Work:
    """What is known so far; each stage adds its field."""

    timeline: Timeline
    recogniser: Recogniser
    plan: AudioPlan | None = None
    audio: Audio | None = None
    speech: SpeechMap | None = None
    transcript: Transcript | None = None
    cues: SubtitleDocument | None = None
    texts: Registers | None = None
    registers: Registers | None = None
    deliverables: tuple[Deliverable, ...] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything to look at, of both registers, once they are laid out."""
        assert self.registers is not None
        spoken, written = self.registers.spoken, self.registers.written
        more = written.findings if written else ()
        return (*spoken.findings, *(finding for finding in more if finding not in spoken.findings))


@dataclass(frozen=True, slots=True)
class Context:
    """What every stage may use: the job folder, where deliverables go, the settings, and the way to say how far it is."""

    job: Job
    out_folder: Path
    source: Path
    settings: Settings
    progress: Update
    cancel: CancelToken
    ask: Ask | None = None
    partial: Callable[[tuple[PartialCue, ...]], None] | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """`run` makes Work's `field` and saves it; `load` reads it back (None: always run); `depends_on` lists what makes it stale.

    `watches` names files of the job folder that others write: a change in one makes the stage stale too.
    """

    name: str
    field: str
    run: Callable[[Any, Context], object]
    load: Callable[[Job], object] | None
    depends_on: Callable[[Any, Settings], object]
    watches: tuple[str, ...] = ()


def prepare(timeline: Timeline, settings: Settings) -> tuple[Work, object]:
    """Settle what can fail before any work: the preset, the recogniser, its weights. Returns the first Work and what its fingerprint starts from."""
    from .asr.recogniser import choose_recogniser
    from .cues.presets import load_preset

    load_preset(settings.preset)
    return Work(timeline, choose_recogniser(settings)), [__version__, to_plain(timeline)]


def _plan(work: Work, context: Context) -> AudioPlan:
    from .audio.plan import plan_audio

    plan = plan_audio(work.timeline, host_can_render=context.ask is not None)
    if plan.render_reasons and context.ask:
        plan = _rendered(plan, work.timeline, context.ask) or plan_audio(work.timeline)
    write_json(context.job.path("plan.json"), {"schema": "plan/1", **to_plain(plan)})
    return plan


def _rendered(plan: AudioPlan, timeline: Timeline, ask: Ask) -> AudioPlan | None:
    """The plan of the mix that the host rendered of the range, or None when the host or its user declined."""
    answer = ask("render_audio", {"reasons": list(plan.render_reasons), "range": list(timeline.range_frames)})
    path = answer.get("path") if isinstance(answer, dict) else None
    if not path:
        return None
    return replace(plan, pieces=(AudioPiece(str(path), Fraction(0), plan.duration_s, name=Path(str(path)).name),), render_reasons=())


def _sources(work: Work, settings: Settings) -> object:
    assert work.plan is not None
    return stat_identity(sorted({Path(piece.file) for piece in work.plan.audible if piece.file}))


def _extract(work: Work, context: Context) -> Audio:
    from .audio.extract import extract_audio

    assert work.plan is not None
    return extract_audio(work.plan, context.job.folder, lambda done, total: context.progress(done, total, "s"))


def _load_audio(job: Job) -> Audio:
    from .audio.wav import open_audio

    return open_audio(job.path("audio.wav"))


def _find_speech(work: Work, context: Context) -> SpeechMap:
    from . import backends
    from .speech.find import find_speech, save_speech

    assert work.audio is not None
    with backends.create_speech_detector(context.settings.speech_detector) as detector:
        found = find_speech(work.audio, detector, lambda done, total: context.progress(done, total, "s"))
    save_speech(found, context.job.path("regions.json"))
    return found


def _load_speech(job: Job) -> SpeechMap:
    from .speech.find import load_speech

    return load_speech(job.path("regions.json"))


def _transcribe(work: Work, context: Context) -> Transcript:
    from .asr.recogniser import transcribe

    assert work.audio is not None and work.speech is not None and work.plan is not None
    heard = partial(_hand_out, context.partial, work.plan.rate) if context.partial else None
    transcript = transcribe(work.audio, work.speech.chunks, work.recogniser, context.settings, context.progress, heard)
    write_json(context.job.path("transcript.json"), {"schema": "transcript/1", **to_plain(transcript)})
    return transcript


def _hand_out(partial_cues: Callable[[tuple[PartialCue, ...]], None], rate: FrameRate, segments: tuple[Segment, ...]) -> None:
    """Lines on the timeline's clock, for who is watching."""
    spans = [(ms_to_frame_floor(segment.start_ms, rate), ms_to_frame_ceil(segment.end_ms, rate)) for segment in segments]
    partial_cues(tuple(PartialCue(*span, segment.text) for span, segment in zip(spans, segments, strict=True)))


def _make_cues(work: Work, context: Context) -> SubtitleDocument:
    from .cues.presets import load_preset, with_width
    from .cues.split import CueOptions, document_of, make_cues

    assert work.transcript is not None and work.speech is not None and work.plan is not None
    preset = with_width(load_preset(context.settings.preset), context.settings.max_width)
    options = CueOptions(preset, context.settings.pause_ms, _names(context.settings))
    cues = make_cues(work.transcript, work.speech.regions, work.plan.rate, work.plan.duration_frames, options)
    document = document_of(cues, work.plan.rate, work.plan.start_frame, work.transcript)
    document = replace(document, findings=(*document.findings, *_plan_findings(work.plan, context.settings)))
    write_document(document, context.job.path("cues.json"))
    return document


def _run_passes(work: Work, context: Context) -> Registers:
    from .llm.select import open_text_model
    from .passes.base import PassContext
    from .passes.diff import diff_json
    from .passes.glossary import Glossary, read_glossary
    from .rewrite import rewrite_document

    assert work.cues is not None
    settings = context.settings
    names = read_glossary(Path(settings.glossary).expanduser()) if settings.glossary else Glossary()
    wishes = PassContext("spoken", None, names, language_ui=settings.language_ui, cancel=context.cancel, progress=context.progress)
    spoken, _, _ = rewrite_document(work.cues, wishes)
    written = None
    if settings.register != "spoken":
        reasons: list[Reason] = []
        with open_text_model(settings.llm, settings.device, reasons.append) as model:
            wishes = replace(wishes, level=settings.level, model=model, notes={})
            written, _, changes = rewrite_document(replace(work.cues, findings=()), wishes)
        told = (Finding(reason.code, reason.text(settings.language_ui), "info") for reason in reasons)
        written = replace(written, findings=(*written.findings, *told))
        whole = {"schema": "diff/1", "level": settings.level, "changes": diff_json(changes)}
        write_json(context.job.path("written.diff.json"), whole)
    registers = Registers(spoken, written)
    _save_registers(registers, context.job, "texts")
    return registers


def _lay_out(work: Work, context: Context) -> Registers:
    from .cues.layout import Scene, lay_out_registers
    from .cues.presets import load_preset, with_width
    from .cues.report import with_lint
    from .cues.scenes import cuts_of
    from .edits import read_edits, with_edits

    assert work.texts is not None and work.speech is not None and work.plan is not None
    preset = with_width(load_preset(context.settings.preset), context.settings.max_width)
    cuts = cuts_of(work.plan, context.progress, detect=preset.shots and context.settings.scene_detection == "auto")
    scene = Scene(cuts, work.speech.regions, work.plan.duration_frames)
    registers, layout = lay_out_registers(work.texts, preset, scene, _names(context.settings))
    write_json(context.job.path("layout.json"), {"schema": "layout/1", "preset": preset.name, "cuts": list(cuts), "edges": to_plain(layout.edges)})
    registers = with_edits(registers, read_edits(context.job.folder))
    registers = with_lint(registers, preset, cuts, context.settings.language_ui)
    _save_registers(registers, context.job, "document")
    return registers


def _names(settings: Settings) -> frozenset[str]:
    """The glossary's names, which no cut goes through."""
    from .passes.glossary import read_glossary

    return frozenset(read_glossary(Path(settings.glossary).expanduser()).names) if settings.glossary else frozenset()


def _save_registers(registers: Registers, job: Job, stem: str) -> None:
    written = job.path(f"{stem}.written.json")
    if registers.written:
        write_document(registers.written, written)
    else:
        written.unlink(missing_ok=True)
    write_document(registers.spoken, job.path(f"{stem}.json"))


def _load_registers(job: Job, stem: str) -> Registers:
    written = job.path(f"{stem}.written.json")
    return Registers(read_document(job.path(f"{stem}.json")), read_document(written) if written.exists() else None)


def _plan_findings(plan: AudioPlan, settings: Settings) -> tuple[Finding, ...]:
    language = settings.language_ui
    skipped = tuple(
        Finding(
            piece.skipped_because,
            f"{piece.name}: {text(piece.skipped_because, language)}",
            "info" if piece.skipped_because in plan.quiet_reasons else "warning",
            start_ms=round(piece.record_start_s * 1000),
            end_ms=round((piece.record_start_s + piece.record_duration_s) * 1000),
        )
        for piece in plan.pieces
        if piece.skipped_because
    )
    return skipped


def deliver(work: Work, context: Context) -> tuple[Deliverable, ...]:
    """Write the subtitle files that were asked for, timed from the timeline's first frame. Raises InputError `files.*`."""
    from .formats.base import WriteOptions
    from .formats.srt import write

    assert work.registers is not None
    made = []
    for register, document in (("spoken", work.registers.spoken), ("written", work.registers.written)):
        if document is None or context.settings.register not in (register, "both"):
            continue
        path = context.job.name_for(context.out_folder / f"{context.source.stem}{'.written' if register == 'written' else ''}.srt", ".srt")
        write(document, path, WriteOptions(offset_frames=document.start_frame - work.timeline.start_frame))
        context.job.wrote(path)
        made.append(Deliverable("srt", path))
    return tuple(made)


def _load_plan(job: Job) -> AudioPlan:
    path = job.path("plan.json")
    return from_plain(AudioPlan, read_object(path), path)


def _load_transcript(job: Job) -> Transcript:
    path = job.path("transcript.json")
    return from_plain(Transcript, read_object(path), path)


def _preset_values(settings: Settings) -> object:
    """The preset's own numbers, so that a changed file of the user's counts as a changed setting."""
    from .cues.presets import load_preset

    return [to_plain(load_preset(settings.preset)), settings.max_width]


def _glossary_identity(settings: Settings) -> object:
    return stat_identity([Path(settings.glossary).expanduser()]) if settings.glossary else None


def _nothing(work: Work, settings: Settings) -> object:
    return None


PLAN = Stage("plan", "plan", _plan, _load_plan, _nothing)
EXTRACT = Stage("extract", "audio", _extract, _load_audio, _sources)
SPEECH = Stage("find_speech", "speech", _find_speech, _load_speech, lambda work, settings: settings.speech_detector)
TRANSCRIBE = Stage(
    "transcribe",
    "transcript",
    _transcribe,
    _load_transcript,
    lambda work, settings: [*work.recogniser.fingerprint(), work.recogniser.prompt(settings)],
)
CUES = Stage(
    "make_cues",
    "cues",
    _make_cues,
    lambda job: read_document(job.path("cues.json")),
    lambda work, settings: [_preset_values(settings), settings.pause_ms, _glossary_identity(settings), settings.language_ui],
)
PASSES = Stage(
    "run_passes",
    "texts",
    _run_passes,
    lambda job: _load_registers(job, "texts"),
    lambda work, settings: [settings.register, settings.level, settings.llm, _glossary_identity(settings), settings.language_ui],
)
LAYOUT = Stage(
    "lay_out",
    "registers",
    _lay_out,
    lambda job: _load_registers(job, "document"),
    lambda work, settings: [_preset_values(settings), settings.scene_detection, settings.language_ui],
    watches=("edits.json",),
)
DELIVER = Stage("deliver", "deliverables", deliver, None, lambda work, settings: os.name)
