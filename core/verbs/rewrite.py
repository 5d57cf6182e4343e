"""`canto-beats rewrite`: spoken subtitles as written Chinese. The work is in `rewrite.py`; to add an option, give PassContext its field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..messages import Language, language_from_environment, text
from .guard import cancel_on_signals, handled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..hardware import Reason
    from ..rewrite import Rewritten

_SHOWN_FINDINGS = 8


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(f"passes.help_{name}", language_from_environment())


@click.command("rewrite", help=_help("rewrite"))
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--level", type=click.Choice(["half", "written"]), default="written", show_default=True, help=_help("level"))
@click.option("--llm", default="none", show_default=True, metavar="none|auto|ID|PATH", help=_help("llm"))
@click.option("--glossary", "glossary_file", type=click.Path(path_type=Path), help=_help("glossary"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=_help("out"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))
@handled
def rewrite(inputs: tuple[Path, ...], level: Any, llm: str, glossary_file: Path | None, out: Path | None, as_json: bool) -> None:
    """Rewrite spoken Cantonese subtitles as written Chinese; times and cues stay."""
    from ..llm.select import open_text_model
    from ..passes.base import PassContext
    from ..passes.glossary import Glossary, read_glossary
    from ..rewrite import rewrite_file
    from ..settings import load_settings

    settings = load_settings()
    names = read_glossary(glossary_file) if glossary_file else Glossary()

    def tell(reason: Reason) -> None:
        click.echo(reason.text(settings.language_ui), err=True)

    with cancel_on_signals() as cancel, open_text_model(llm, settings.device, tell) as model:
        context = PassContext(level, model, names, language_ui=settings.language_ui, cancel=cancel)
        done = [rewrite_file(source, out, context) for source in inputs]
    click.echo(_json(done) if as_json else _text(done, settings.language_ui))


def _json(done: Sequence[Rewritten]) -> str:
    from ..plain import to_plain

    files = [
        {
            "path": str(one.path),
            "diff": str(one.diff),
            "cues": one.cues,
            "changed": one.changed,
            "findings": [to_plain(finding) for finding in one.findings],
        }
        for one in done
    ]
    return json.dumps({"files": files}, ensure_ascii=False)


def _text(done: Sequence[Rewritten], language: Language) -> str:
    lines = []
    for one in done:
        shown = [finding for finding in one.findings if finding.level != "info"]
        lines.append(text("passes.done", language, changed=one.changed, count=one.cues, findings=len(shown), path=one.path))
        lines += [f"  - {finding.message}" for finding in shown[:_SHOWN_FINDINGS]]
        if len(shown) > _SHOWN_FINDINGS:
            lines.append("  " + text("summary.more_findings", language, count=len(shown) - _SHOWN_FINDINGS))
        lines.append(text("passes.diff_at", language, path=one.diff))
    return "\n".join(lines)
