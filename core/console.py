"""How a terminal shows a run: one line a stage with its time left, errors with their next step, a table of cues.

Everything goes to standard error but results, so that `--json` and pipes stay clean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .errors import EngineError
from .messages import Language, text
from .progress import Progress, Reporter

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from .document import SubtitleDocument


_NOTE = 16  # characters of what was heard last


def stderr_console() -> Console:
    """A rich console on standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def progress_lines(language: Language) -> Iterator[Reporter]:
    """A Reporter that draws bars on a terminal, or prints one line a stage where there is none."""
    console = stderr_console()
    if not console.is_terminal:
        yield _plain_reporter(language, lambda line: console.print(line, markup=False, soft_wrap=True))
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[eta]}"),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Bars(*columns, console=console) as bars:
        tasks: dict[str, int] = {}

        def report(progress: Progress) -> None:
            if progress.stage not in tasks:
                title = f"{progress.index}/{progress.count} {text('stage.' + progress.stage, language)}"
                tasks[progress.stage] = bars.add_task(title, total=None, eta="", note="")
            eta = "" if progress.eta_s is None else text("console.eta", language, time=clock(progress.eta_s))
            note = progress.note[:_NOTE]
            bars.update(tasks[progress.stage], completed=progress.done, total=progress.total, eta=eta, note=note)  # type: ignore[arg-type]

        yield report


def _plain_reporter(language: Language, say: Callable[[str], None]) -> Reporter:
    seen: set[str] = set()

    def report(progress: Progress) -> None:
        if progress.stage not in seen:
            seen.add(progress.stage)
            say(f"{progress.index}/{progress.count} {text('stage.' + progress.stage, language)}")

    return report


def clock(seconds: float) -> str:
    """'M:SS' or 'H:MM:SS' of a duration."""
    whole = round(seconds)
    minutes = f"{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 3600}:{minutes}" if whole >= 3600 else minutes.removeprefix("0")


def show_error(error: EngineError, language: Language) -> None:
    """What happened and what to do next, on standard error."""
    console = stderr_console()
    console.print(error.message(language), style="bold red", markup=False, soft_wrap=True)
    if hint := error.hint(language):
        console.print(hint, markup=False, soft_wrap=True)


def cue_table(document: SubtitleDocument, offset_frames: int, language: Language, limit: int) -> Table:
    """The first `limit` cues with their timecodes on the timeline."""
    from rich.table import Table

    from .timing import frame_to_timecode

    table = Table(*(text(f"console.column_{name}", language) for name in ("number", "in", "out", "text")))
    for number, cue in enumerate(document.cues[:limit], 1):
        times = (frame_to_timecode(frame + offset_frames, document.rate) for frame in (cue.start_frame, cue.end_frame))
        table.add_row(str(number), *times, cue.text)
    return table
