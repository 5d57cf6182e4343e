"""`canto-beats lint`: check any subtitles, and mend what can be mended. The checks are in `cues/lint.py`.

Exit codes: 0 without errors (warnings and notes do not count, unless --strict), 1 with errors; a file or option that cannot be used exits 2 as
everywhere.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..messages import Language, language_from_environment, text
from .guard import handled

if TYPE_CHECKING:
    from ..cues.lint_source import LintResult

_PATH = click.Path(path_type=Path)


def _help(name: str) -> str:
    """A help text in the user's language."""
    return text(f"lint.help_{name}", language_from_environment())


@click.command("lint", help=_help("lint"))
@click.argument("source", type=_PATH)
@click.option("--preset", help=_help("preset"))
@click.option("--fix", is_flag=True, help=_help("fix"))
@click.option("--rate", help=_help("rate"))
@click.option("--register", type=click.Choice(["spoken", "written"]), help=_help("register"))
@click.option("--font", type=_PATH, help=_help("font"))
@click.option("--strict", is_flag=True, help=_help("strict"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.json", language_from_environment()))
@handled
def lint(source: Path, preset: str | None, strict: bool, as_json: bool, **wishes: Any) -> None:
    """Check subtitles against a layout preset."""
    from ..cues.lint import worst
    from ..cues.lint_source import LintRequest, run_lint
    from ..settings import load_settings

    settings = load_settings(preset=preset)
    result = run_lint(LintRequest(source, settings.preset, language=settings.language_ui, **wishes))
    shown = json.dumps(_as_object(result, source, settings.preset), ensure_ascii=False) if as_json else ""
    click.echo(shown or _as_text(result, settings.language_ui, bool(wishes["fix"])))
    level = worst(result.findings)
    sys.exit(1 if level == "error" or (strict and level == "warning") else 0)


def _as_object(result: LintResult, source: Path, preset: str) -> dict[str, Any]:
    """The JSON form: file, preset, cues (how many), errors, warnings, notes, findings with source and fixable, fixed (path or null)."""
    from ..cues.lint import check_of
    from ..plain import to_plain

    findings = [
        {**to_plain(one), "source": check.source if (check := check_of(one)) else "", "fixable": bool(check and check.fix)} for one in result.findings
    ]
    return {
        "file": str(source),
        "preset": preset,
        "cues": len(result.document.cues),
        **_counts(result),
        "findings": findings,
        "reader": [to_plain(one) for one in result.reader],
        "fixed": str(result.fixed) if result.fixed else None,
    }


def _counts(result: LintResult) -> dict[str, int]:
    names = {"errors": "error", "warnings": "warning", "notes": "info"}
    return {name: sum(one.level == level for one in result.findings) for name, level in names.items()}


def _as_text(result: LintResult, language: Language, tried: bool) -> str:
    """A line for each finding with the cue's time, then how many there are; `tried` when mending was asked for."""
    from ..cues.lint import check_of

    lines = [f"{_clock(one.start_ms)}  {text(f'lint.level_{one.level}', language)}  {one.message}" for one in result.findings]
    lines += [f"--:--:--.---  {text(f'lint.level_{one.level}', language)}  {one.message}" for one in result.reader]
    fixable = sum(bool(check and check.fix) for one in result.findings for check in (check_of(one),))
    lines.append(text("lint.summary", language, cues=len(result.document.cues), **_counts(result)))
    if fixable and not tried:
        lines.append(text("lint.can_fix", language, count=fixable))
    if result.fixed:
        lines.append(text("lint.fixed", language, file=result.fixed, count=result.mended))
    return "\n".join(lines)


def _clock(ms: int | None) -> str:
    seconds, rest = divmod(ms or 0, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
