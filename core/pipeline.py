"""The main path: a timeline's speech becomes timed cues.

    Timeline -plan-> AudioPlan -extract-> Audio -find_speech-> SpeechMap -transcribe-> Transcript
       -make_cues-> SubtitleDocument -run_passes-> Registers -lay_out-> Registers -deliver-> files

Each stage is one function of `stages.py`; each result is in the job folder before the next begins, so a run that was killed, cancelled or
given other settings goes on at the first stage whose inputs differ. To add a stage: write its function and its Stage value in `stages.py`,
give its result a field in Work, and put its name in STAGES.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import Cancelled, EngineError, StageError
from .files import stat_identity
from .job import Job, fingerprint, open_job
from .plain import to_plain
from .progress import CancelToken, Reporter, StageProgress
from .settings import Settings
from .stages import CUES, DELIVER, EXTRACT, LAYOUT, PASSES, PLAN, SPEECH, TRANSCRIBE, Ask, Context, Deliverable, Stage, Work, prepare
from .timeline import Timeline

STAGES = (PLAN, EXTRACT, SPEECH, TRANSCRIBE, CUES, PASSES, LAYOUT, DELIVER)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One run: whose speech, where the job lives, where deliverables go, with which settings."""

    timeline: Timeline
    source: Path
    job_folder: Path
    out_folder: Path
    settings: Settings
    ask: Ask | None = None

    @property
    def asked(self) -> dict[str, object]:
        """What job.json keeps of it: the chosen range and the settings."""
        whole = self.timeline.in_frame == 0 and self.timeline.out_frame is None
        return {"range": None if whole else list(self.timeline.range_frames), "settings": to_plain(self.settings)}


@dataclass(frozen=True, slots=True)
class Result:
    """What a run made. `seconds` has every stage it ran; `resumed` names those that an earlier run had finished."""

    job_folder: Path
    work: Work
    deliverables: tuple[Deliverable, ...]
    seconds: dict[str, float]
    resumed: tuple[str, ...]


def run(request: Request, reporter: Reporter, cancel: CancelToken, stages: Sequence[Stage] = STAGES) -> Result:
    """Run or resume a job to its end, or only its first `stages`.

    Raises InputError, SetupError or StageError with the job folder ready to resume, and Cancelled when `cancel` was set.
    """
    work, setup = prepare(request.timeline, request.settings)
    with open_job(request.job_folder, request.source) as job:
        job.asked = request.asked
        job.save()
        try:
            return _run_stages(request, job, (work, setup), (reporter, cancel), stages)
        except Cancelled:
            raise
        except EngineError as error:
            _log.error("%s: %s %s", error.code, error, error.detail)
            raise
        except Exception as error:
            _log.exception("unexpected")
            raise StageError("pipeline.unexpected", reason=error, log=job.path("log.txt"), detail=repr(error)) from error


def _run_stages(request: Request, job: Job, start: tuple[Work, object], news: tuple[Reporter, CancelToken], stages: Sequence[Stage]) -> Result:
    work, chain = start[0], fingerprint(start[1])
    seconds: dict[str, float] = {}
    resumed: list[str] = []
    for index, stage in enumerate(stages, 1):
        progress = StageProgress(stage.name, (index, len(stages)), *news)
        context = Context(job, request.out_folder, request.source, request.settings, progress.update, news[1], request.ask, progress.partial)
        watched = stat_identity(job.path(name) for name in stage.watches)
        chain = fingerprint(chain, stage.name, stage.depends_on(work, request.settings), *watched)
        began = time.monotonic()
        output = _finished_output(stage, job, chain)
        if output is None:
            progress.update(0, None)
            output = stage.run(work, context)
            job.finish(stage.name, chain, time.monotonic() - began)
            _log.info("%s took %.2f s", stage.name, time.monotonic() - began)
        else:
            resumed.append(stage.name)
        progress.update(1, 1)
        seconds[stage.name] = round(time.monotonic() - began, 3)
        work = replace(work, **{stage.field: output})  # type: ignore[arg-type]
    return Result(job.folder, work, work.deliverables or (), seconds, tuple(resumed))


def _finished_output(stage: Stage, job: Job, chain: str) -> object | None:
    """What an earlier run left for this very stage, or None when it has to be made (again)."""
    if stage.load is None or not job.finished(stage.name, chain):
        return None
    try:
        return stage.load(job)
    except (OSError, EngineError) as error:
        _log.warning("%s is made again: %r", stage.name, error)
        return None
