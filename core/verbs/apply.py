"""`canto-beats apply`: an edited subtitle file back into its job. The work is in `apply.py`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ..messages import language_from_environment, text
from .guard import handled

_PATH = click.Path(path_type=Path)


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(f"apply.help_{name}", language_from_environment())


@click.command("apply", help=_help("apply"))
@click.argument("file", type=_PATH)
@click.option("--job", "folder", type=_PATH, required=True, help=_help("job"))
@click.option("--register", type=click.Choice(["spoken", "written"]), help=_help("register"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))
@handled
def apply(file: Path, folder: Path, register: Any, as_json: bool) -> None:
    """Take the changes of an edited subtitle file into the job that made it."""
    from ..apply import apply_file

    language = language_from_environment()
    done = apply_file(file, folder, register, language)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False))
        return
    click.echo(text("apply.done", language, changed=done.changed, added=done.added, removed=done.removed, cues=done.cues))
