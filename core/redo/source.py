"""What a redo starts from: a finished job, its range and settings, and the proof that its sound is still what its timeline plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..cues.presets import limits_of, load_preset
from ..document import Registers
from ..document_file import read_document, read_object
from ..errors import EngineError, InputError
from ..files import stat_identity
from ..job import Job, fingerprint, open_job
from ..plain import from_plain
from ..settings import Settings, load_settings
from ..timeline import AudioPlan
from ..timing import drops_frames, frame_to_timecode, timecode_to_frame, with_drop_frame

_OWN_LANGUAGE = frozenset({"language_ui", "output_folder"})  # of who runs it now, not of the job


@dataclass(frozen=True, slots=True)
class Original:
    """A finished job as it is: its plan, its subtitles and the picture cuts that they were laid out by."""

    folder: Path
    plan: AudioPlan
    registers: Registers
    cuts: tuple[int, ...]

    def gap(self, settings: Settings) -> int:
        """Frames that the preset keeps between two cues."""
        return limits_of(load_preset(settings.preset), self.registers.spoken.rate).gap

    def timecode(self, frame: int) -> str:
        """A frame of the job as the timeline's ruler shows it."""
        return frame_to_timecode(self.registers.spoken.start_frame + frame, self.registers.spoken.rate)


@contextmanager
def open_original(folder: Path) -> Iterator[tuple[Job, Original]]:
    """Open a finished job and hold its lock.

    Raises InputError `redo.no_job`, `redo.not_finished`, `redo.no_sound`, `redo.source_missing`, `redo.source_changed`, `redo.edit_changed`,
    `job.busy` and `job.damaged`.
    """
    try:
        source = str(read_object(folder / "job.json")["input"])
    except (OSError, KeyError, EngineError) as error:
        raise InputError("redo.no_job", folder=folder, detail=repr(error)) from error
    with open_job(folder, source) as job:
        if not job.path("document.json").is_file() or not job.path("plan.json").is_file():
            raise InputError("redo.not_finished", folder=folder)
        written = job.path("document.written.json")
        try:
            registers = Registers(read_document(job.path("document.json")), read_document(written) if written.is_file() else None)
        except ValueError as error:
            raise InputError("job.damaged", file=written, detail=repr(error)) from error
        plan = from_plain(AudioPlan, read_object(job.path("plan.json")), job.path("plan.json"))
        _check_sources(job, plan)
        yield job, Original(folder, plan, registers, _cuts(job, plan))


def _cuts(job: Job, plan: AudioPlan) -> tuple[int, ...]:
    """The cuts of the job's layout, those that were found in the picture included."""
    try:
        found = read_object(job.path("layout.json")).get("cuts")
    except (OSError, EngineError):
        return plan.cuts
    return tuple(cut for cut in found if isinstance(cut, int)) if isinstance(found, list) else plan.cuts


def _check_sources(job: Job, plan: AudioPlan) -> None:
    """Refuse where the cues outside would be of another sound than the new ones."""
    files = sorted({Path(piece.file) for piece in plan.audible if piece.file})
    if missing := next((file for file in files if not file.exists()), None):
        raise InputError("redo.source_missing", file=missing)
    before, now = (job.stages.get(name, {}).get("fingerprint") for name in ("plan", "extract"))
    if before and now and now != fingerprint(before, "extract", stat_identity(files)):
        raise InputError("redo.source_changed", files=", ".join(file.name for file in files))
    if not job.path("audio.wav").is_file():
        raise InputError("redo.no_sound", folder=job.folder)
    _check_edit(job, plan)


def _check_edit(job: Job, plan: AudioPlan) -> None:
    """Refuse when the edit that the job was made from is another one now; one that is gone or came from a host cannot have changed."""
    source = Path(job.input)
    if source.suffix.lower() != ".otio" or not source.is_file() or job.path("request.json").exists() or "range" not in job.asked:
        return
    from ..audio.plan import plan_audio
    from ..timeline_reader import read_input

    try:
        timeline = read_input(source)
        if span := job.asked["range"]:
            timeline = replace(timeline, in_frame=span[0], out_frame=span[1])
        now = plan_audio(timeline, host_can_render=True)
    except EngineError as error:
        raise InputError("redo.edit_changed", file=source, detail=repr(error)) from error
    if (now.duration_frames, _heard(now)) != (plan.duration_frames, _heard(plan)):
        raise InputError("redo.edit_changed", file=source)


def _heard(plan: AudioPlan) -> list[tuple[Any, ...]]:
    return [(piece.file, piece.record_start_s, piece.record_duration_s, piece.source_start_s, piece.speed) for piece in plan.audible]


def frames_asked(original: Original, time_range: tuple[str, str]) -> tuple[int, int]:
    """[in, out) in frames of the job; both are timecodes as the timeline's ruler shows them.

    Raises InputError `timing.bad_timecode`, `timeline.range_inverted`, or `redo.outside` when either lies beyond the job.
    """
    document, length = original.registers.spoken, original.plan.duration_frames
    rate = with_drop_frame(document.rate, True) if ";" in "".join(time_range) and drops_frames(document.rate) else document.rate
    day = timecode_to_frame("24:00:00:00", rate)
    first, end = ((timecode_to_frame(timecode, rate) - document.start_frame) % day for timecode in time_range)
    for timecode, frame in zip(time_range, (first, end), strict=True):
        if frame > length:
            raise InputError("redo.outside", timecode=timecode, first=original.timecode(0), end=original.timecode(length))
    if end <= first:
        raise InputError("timeline.range_inverted", start=time_range[0], end=time_range[1])
    return first, end


def settings_for(job: Job, original: Original, wishes: Mapping[str, object]) -> Settings:
    """The settings that the job was last run with, `wishes` in their place where they are not None. Raises InputError `settings.*`."""
    known = {field.name for field in fields(Settings)} - _OWN_LANGUAGE
    stored = job.asked.get("settings")
    kept = {name: value for name, value in stored.items() if name in known} if isinstance(stored, dict) else {}
    if not kept:
        kept = {"register": "both" if original.registers.written else "spoken"}
    return load_settings(**{**kept, **{name: value for name, value in wishes.items() if value is not None}})
