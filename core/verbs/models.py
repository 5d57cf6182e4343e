"""`canto-beats models`: see, fetch, convert and remove weights.

Handlers import what they need inside and print last. To add a verb, add a command to the group and its text to `weights.json`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import click

from ..messages import language_from_environment, text
from .guard import cancel_on_signals, handled

if TYPE_CHECKING:
    from rich.table import Table

    from ..hardware import Device
    from ..messages import Language
    from ..models.table import ModelEntry
    from ..profile import HardwareProfile
    from ..progress import Progress, Reporter


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(f"weights.help_{name}", language_from_environment())


@click.group(help=_help("models"))
def models() -> None:
    """See, fetch, convert and remove the models."""


@models.command("list", help=_help("list"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))
@handled
def list_models(as_json: bool) -> None:
    """List all models: size, licence, whether they are here and fit this machine."""
    from .. import weights
    from ..models.table import model_table
    from ..settings import load_settings

    language = load_settings().language_ui
    machine = weights.this_machine()
    rows = [_row(entry, machine, language) for entry in model_table()]
    if as_json:
        whole = {"folder": str(weights.models_folder()), "memory_bytes": machine[0].total_bytes, "models": rows}
        click.echo(json.dumps(whole, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console()
    console.print(_table(rows, language))
    console.print(text("weights.in_folder", language, folder=weights.models_folder()), markup=False, soft_wrap=True)


def _row(entry: ModelEntry, machine: tuple[HardwareProfile, Device], language: Language) -> dict[str, Any]:
    from .. import weights
    from ..engine_plan import fits, recommended_asr

    return {
        "id": entry.id,
        "kind": entry.kind,
        "repo": entry.repo,
        "layout": entry.layout,
        "download_gb": entry.download_gb,
        "memory_gb": entry.memory_gb,
        "licence": entry.licence,
        "gated": entry.gated,
        "installed": weights.is_installed(entry),
        "recommended": entry == recommended_asr(*machine),
        "fits": fits(entry, *machine),
        "note": entry.note(language),
        "source": entry.source,
    }


def _table(rows: list[dict[str, Any]], language: Language) -> Table:
    from rich.table import Table

    names = ("id", "kind", "size", "memory", "licence", "state", "note")
    table = Table(*(text(f"weights.column_{name}", language) for name in names))
    table.columns[0].no_wrap = True
    for row in rows:
        size = "" if not row["repo"] else f"{row['download_gb']} GB" if row["download_gb"] else "?"
        state = text(f"weights.state_{_state(row)}", language)
        kind = text(f"weights.kind_{row['kind']}", language) + f" ({row['layout']})"
        table.add_row(row["id"], kind, size, f"{row['memory_gb']} GB", row["licence"], state, row["note"])
    return table


def _state(row: dict[str, Any]) -> str:
    if row["installed"]:
        return "installed"
    if row["recommended"]:
        return "recommended"
    return "fits" if row["fits"] else "too_big"


@models.command(help=_help("get"))
@click.argument("model_id")
@click.option("--mirror", metavar="URL", help=_help("mirror"))
@handled
def get(model_id: str, mirror: str | None) -> None:
    """Download a model; goes on where an earlier download stopped."""
    from .. import weights
    from ..engine_plan import fits
    from ..errors import Cancelled
    from ..models.download import DownloadOptions
    from ..models.hub import HubOptions
    from ..models.table import model_entry
    from ..settings import load_settings

    settings = load_settings(mirror=mirror)
    language, entry = settings.language_ui, model_entry(model_id)
    profile, device = weights.this_machine()
    if not fits(entry, profile, device):
        total = f"{profile.total_bytes / 1e9:.0f} GB"
        click.echo(text("weights.too_big", language, name=entry.id, needed=f"{entry.memory_gb} GB", total=total), err=True)
    try:
        with cancel_on_signals() as cancel, _Bars(language) as report:
            folder = weights.install(entry, HubOptions.from_environment(settings.mirror), DownloadOptions(report, cancel))
    except Cancelled as stopped:
        click.echo(text("weights.kept", language), err=True)
        raise click.exceptions.Exit(stopped.exit_code) from stopped
    click.echo(text("weights.ready", language, name=entry.id, folder=folder))


class _Bars:
    """A bar with bytes and time left on a terminal; one line a file where there is none."""

    def __init__(self, language: Language) -> None:
        from rich.progress import BarColumn, DownloadColumn, TextColumn
        from rich.progress import Progress as Bars

        from ..console import stderr_console

        self._language = language
        self._console = stderr_console()
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[eta]}"))
        self._bars = Bars(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._bars.add_task("", total=None, eta="")
        self._file = ""

    def __enter__(self) -> Reporter:
        return self._report

    def __exit__(self, *exc: object) -> None:
        self._bars.stop()

    def _report(self, progress: Progress) -> None:
        from ..console import clock

        self._bars.start()
        if not self._console.is_terminal and progress.note != self._file:
            self._console.print(progress.note, markup=False, soft_wrap=True)
        self._file = progress.note
        eta = "" if progress.eta_s is None else text("console.eta", self._language, time=clock(progress.eta_s))
        self._bars.update(self._task, description=progress.note, completed=progress.done, total=progress.total, eta=eta)


@models.command(help=_help("remove"))
@click.argument("model_id")
@handled
def remove(model_id: str) -> None:
    """Delete a downloaded model."""
    from .. import weights
    from ..errors import SetupError
    from ..models.table import model_entry
    from ..settings import load_settings

    if not weights.remove(model_entry(model_id)):
        raise SetupError("weights.not_installed", name=model_id)
    click.echo(text("weights.removed", load_settings().language_ui, name=model_id))


@models.command(help=_help("convert"))
@click.argument("model")
@click.option("--to", "layout", type=click.Choice(["mlx"]), required=True, help=_help("to"))
@handled
def convert(model: str, layout: Literal["mlx"]) -> None:
    """Convert an installed model, or a folder, to another layout; recognition does this by itself when it needs to."""
    from .. import weights
    from ..settings import load_settings

    folder = weights.convert(model, layout)
    click.echo(text("weights.converted", load_settings().language_ui, name=model, folder=folder))
