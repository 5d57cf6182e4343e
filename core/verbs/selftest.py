"""`canto-beats selftest`: tries everything on the running Resolve, then on this machine, and writes a report.

The work is in `selftest/run.py` and `selftest/machine.py`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from ..errors import SetupError
from ..messages import language_from_environment, text
from .guard import handled


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(f"selftest.help_{name}", language_from_environment())


def _news(name: str) -> None:
    click.echo(f"  {name}", err=True)


@click.command("selftest", help=_help("selftest"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=_help("out"))
@click.option("--plugin", type=click.Path(path_type=Path, file_okay=False, exists=True), help=_help("plugin"))
@click.option("--yes", is_flag=True, help=_help("yes"))
@click.option("--no-resolve", is_flag=True, help=_help("no_resolve"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))
@handled
def selftest(out: Path | None, plugin: Path | None, as_json: bool, **flags: bool) -> None:
    """Try every operation and every open question on the running DaVinci Resolve, then what this machine does, and write one report."""
    from ..selftest.desk import Options, plugin_folder
    from ..selftest.machine import run_machine
    from ..selftest.report import as_json as json_of
    from ..selftest.report import as_text, write_report
    from ..selftest.run import joined, run_selftest
    from ..settings import load_settings, output_root

    settings = load_settings()
    with_resolve = not flags["no_resolve"]
    if with_resolve and not flags["yes"] and not (sys.stdin.isatty() and click.confirm(text("selftest.ask", settings.language_ui), err=True)):
        raise SetupError("selftest.no_consent")
    folder = (out or output_root(settings) / "Selftest").expanduser().absolute() / time.strftime("%Y%m%d-%H%M%S")
    engine = (sys.executable, "-I", "-m", "core", "serve")
    outcome = None
    if with_resolve:
        outcome = run_selftest(Options(folder, plugin or plugin_folder(), engine), news=_news)
    if outcome is None or not outcome.stopped:
        of_machine = run_machine(folder, news=_news)
        outcome = joined(outcome, of_machine) if outcome else of_machine
    files = write_report(outcome, folder, settings.language_ui)
    click.echo(json_of(outcome, files) if as_json else as_text(outcome, files, settings.language_ui))
    if not outcome.ok:
        sys.exit(1)
