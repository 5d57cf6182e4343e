"""`canto-beats redo`: a range of a finished job again, everything outside it as it was. The work is in `redo/run.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..messages import Language, language_from_environment, text
from .guard import cancel_on_signals, handled

if TYPE_CHECKING:
    from ..redo.run import Redone


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(name, language_from_environment())


@click.command("redo", help=_help("redo.help_redo"))
@click.argument("folder", metavar="JOB", type=click.Path(path_type=Path))
@click.option("--range", "time_range", nargs=2, metavar="IN OUT", required=True, help=_help("redo.help_range"))
@click.option("--asr-model", help=_help("cli.asr_model"))
@click.option("--llm", metavar="none|ID|PATH", help=_help("cli.llm"))
@click.option("--glossary", help=_help("passes.help_glossary"))
@click.option("--preset", help=_help("cli.preset"))
@click.option("--device", type=click.Choice(["auto", "mlx", "cuda", "mps", "cpu"]), help=_help("cli.device"))
@click.option("--json", "as_json", is_flag=True, help=_help("cli.json"))
@handled
def redo(folder: Path, time_range: tuple[str, str], as_json: bool, **wishes: str | None) -> None:
    """Recognise a range of a finished job again; subtitles outside it stay."""
    from ..console import progress_lines
    from ..redo.run import redo as redo_range

    language = language_from_environment()
    with cancel_on_signals() as cancel, progress_lines(language) as reporter:
        done = redo_range(folder, time_range, wishes, (reporter, cancel))
    click.echo(json.dumps(_as_object(done, language), ensure_ascii=False) if as_json else "\n".join(_lines(done, language)))


def _as_object(done: Redone, language: Language) -> dict[str, Any]:
    """The JSON form: job, asked and redone [in, out] as timecodes, before, after, kept, edits, deliverables, failed, findings, seconds, resumed."""
    from ..plain import to_plain

    asked, heard = _timecodes(done)
    return {
        "job": str(done.original.folder),
        "asked": asked,
        "redone": heard,
        **to_plain(done.counts),
        "deliverables": [{"kind": made.kind, "path": str(made.path)} for made in done.deliverables],
        "failed": [error.to_wire(language) for error in done.failed],
        "findings": [to_plain(finding) for finding in done.findings],
        "seconds": done.result.seconds,
        "resumed": list(done.result.resumed),
    }


def _timecodes(done: Redone) -> tuple[list[str], list[str]]:
    """What was asked for and what was redone, each as [in, out]."""
    asked, span = done.asked, (done.span.start_frame, done.span.end_frame)
    return [done.original.timecode(frame) for frame in asked], [done.original.timecode(frame) for frame in span]


def _lines(done: Redone, language: Language) -> Iterator[str]:
    from ..summary import finding_lines

    asked, heard = _timecodes(done)
    counts = done.counts
    if done.result.resumed:
        yield text("summary.resumed", language, stages=", ".join(text(f"stage.{name}", language) for name in done.result.resumed))
    yield text("redo.done", language, start=heard[0], end=heard[1], before=counts.before, after=counts.after, kept=counts.kept)
    if asked != heard:
        yield text("redo.grown", language, start=asked[0], end=asked[1])
    if counts.edits:
        yield text("redo.edits", language, count=counts.edits)
    yield from (f"  {made.path}" for made in done.deliverables)
    yield from (f"  {error.message(language)}" for error in done.failed)
    yield from finding_lines(done.findings, language)
