"""From paths on a command line to finished jobs: read each input, choose its folders, run the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .console import progress_lines
from .errors import InputError
from .files import make_folder
from .job import job_folder_for
from .pipeline import Request, Result, run
from .progress import CancelToken
from .settings import Settings, output_root


def transcribe_inputs(
    inputs: Sequence[Path], out: Path | None, time_range: tuple[str, str] | None, settings: Settings, cancel: CancelToken
) -> tuple[Result, ...]:
    """Run one job for each input, in order; a range of an input is a job of its own.

    Raises InputError, SetupError, StageError and Cancelled as `pipeline.run` does; every input is read before the first is worked on.
    """
    from .timeline_reader import read_input, with_range

    if time_range and len(inputs) > 1:
        raise InputError("run.range_needs_one_input", count=len(inputs))
    paths = [path.expanduser().absolute() for path in inputs]
    timelines = [read_input(path) for path in paths]
    if time_range:
        timelines = [with_range(timelines[0], *time_range)]
    folder = (out.expanduser().absolute() if out else output_root(settings)).absolute()
    make_folder(folder)
    results = []
    for path, timeline in zip(paths, timelines, strict=True):
        job = job_folder_for(path, folder, timeline.range_frames if time_range else None)
        request = Request(timeline, path, job, folder, settings)
        with progress_lines(settings.language_ui) as reporter:
            results.append(run(request, reporter, cancel))
    return tuple(results)
