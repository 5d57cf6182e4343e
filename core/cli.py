"""The command `canto-beats`. Each verb parses, calls one function that returns data, and prints last.

To add a verb: a click command here whose handler imports what it needs inside. Heavy imports at the top would cost every `--help`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from . import __version__
from .messages import language_from_environment, text
from .privacy import no_telemetry
from .threads import patient_threads
from .verbs.apply import apply
from .verbs.export import export
from .verbs.guard import cancel_on_signals, handled
from .verbs.lint import lint
from .verbs.models import models
from .verbs.pictures import thumbnails, waveform
from .verbs.redo import redo
from .verbs.render import preview, render
from .verbs.rewrite import rewrite
from .verbs.selftest import selftest

_BENCHES = ("asr", "audio", "layout", "llm", "memory", "pictures", "render", "resample", "rules", "speech")


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(f"cli.{name}", language_from_environment())


_JSON = click.option("--json", "as_json", is_flag=True, help=_help("json"))
_DEVICE = click.option("--device", type=click.Choice(["auto", "mlx", "cuda", "mps", "cpu"]), help=_help("device"))
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, help=_help("main"))
@click.version_option(__version__, prog_name="canto-beats")
def main() -> None:
    """Cantonese subtitles for DaVinci Resolve, recognised on this machine."""
    no_telemetry()
    patient_threads()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


for verb in (apply, export, lint, models, preview, redo, render, rewrite, selftest, thumbnails, waveform):
    main.add_command(verb)


@main.command(help=_help("transcribe"))
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=_FOLDER, help=_help("out"))
@click.option("--range", "time_range", nargs=2, metavar="IN OUT", help=_help("range"))
@click.option("--asr-model", help=_help("asr_model"))
@click.option("--register", type=click.Choice(["spoken", "written", "both"]), help=_help("register"))
@click.option("--llm", metavar="none|ID|PATH", help=_help("llm"))
@click.option("--preset", help=_help("preset"))
@_DEVICE
@_JSON
@handled
def transcribe(inputs: tuple[Path, ...], out: Path | None, time_range: tuple[str, str] | None, as_json: bool, **wishes: str | None) -> None:
    """Recognise the speech of timelines (.otio) or media files and write SRT subtitles."""
    from .run import transcribe_inputs
    from .settings import load_settings
    from .summary import as_json as json_of
    from .summary import as_text

    settings = load_settings(**wishes)
    with cancel_on_signals() as cancel:
        results = transcribe_inputs(inputs, out, time_range, settings, cancel)
    click.echo(json_of(results) if as_json else as_text(results, settings.language_ui))


@main.command(help=_help("demo"))
@click.option("--out", type=_FOLDER, help=_help("demo_out"))
@_DEVICE
@_JSON
@handled
def demo(out: Path | None, device: str | None, as_json: bool) -> None:
    """Recognise the sample timeline with the built-in practice model and show what came out."""
    from .demo import outcome_json, run_demo, show_outcome
    from .settings import load_settings

    settings = load_settings(asr_model="practice", device=device)
    with cancel_on_signals() as cancel:
        outcome = run_demo(out, settings, cancel)
    if as_json:
        click.echo(outcome_json(outcome))
        return
    from rich.console import Console

    show_outcome(outcome, Console(), settings.language_ui)


@main.command(help=_help("doctor"))
@_JSON
@handled
def doctor(as_json: bool) -> None:
    """Say what this machine can do and what is missing."""
    from .doctor import as_json as json_of
    from .doctor import as_text, examine
    from .settings import load_settings

    settings = load_settings()
    report = examine(settings)
    click.echo(json_of(report) if as_json else as_text(report, settings.language_ui))


@main.command(help=_help("bench"))
@click.argument("name", type=click.Choice(_BENCHES))
@click.option("--quick", is_flag=True, help=_help("quick"))
@click.option("--work", type=_FOLDER, help=_help("work"))
@_JSON
@handled
def bench(name: str, quick: bool, work: Path | None, as_json: bool) -> None:
    """Measure a part of the engine against named peers, on this machine."""
    from importlib import import_module

    from .bench import table

    result = import_module(f".bench.{name}", __package__).run(quick=quick, work=work)
    if as_json:
        click.echo(json.dumps(result.to_json(), ensure_ascii=False))
        return
    from rich.console import Console

    table.show(result, Console())


@main.command(hidden=True)
def serve() -> None:
    """Run one job for the plugin, speaking JSON lines on standard input and output."""
    from .serve import claim_stdout, raw_stdin
    from .serve import serve as serve_job

    sys.exit(serve_job(raw_stdin(), claim_stdout()))


@main.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def work(folder: Path) -> None:
    """Compute one job for `serve`, which watches this process."""
    from .serve import claim_stdout, raw_stdin
    from .worker import work as work_on

    sys.exit(work_on(folder, raw_stdin(), claim_stdout()))
