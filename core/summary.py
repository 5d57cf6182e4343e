"""What a finished run tells its user: as text, or as the one JSON object that scripts read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from .document import Finding
from .messages import Language, text
from .pipeline import Result
from .plain import to_plain

_SHOWN_FINDINGS = 8


def as_object(result: Result) -> dict[str, Any]:
    """The JSON form: job, deliverables [{kind, path}], cues (how many), findings, seconds by stage, resumed stages."""
    assert result.work.registers is not None
    return {
        "job": str(result.job_folder),
        "deliverables": [{"kind": made.kind, "path": str(made.path)} for made in result.deliverables],
        "cues": len(result.work.registers.spoken.cues),
        "findings": [to_plain(finding) for finding in result.work.findings],
        "seconds": result.seconds,
        "resumed": list(result.resumed),
    }


def as_json(results: Sequence[Result]) -> str:
    """One input gives one object, several give {"jobs": [...]}."""
    objects = [as_object(result) for result in results]
    return json.dumps(objects[0] if len(objects) == 1 else {"jobs": objects}, ensure_ascii=False)


def as_text(results: Sequence[Result], language: Language) -> str:
    """For each result a few lines: how many cues, where the files are, what to look at."""
    return "\n".join(line for result in results for line in _lines(result, language))


def _lines(result: Result, language: Language) -> Iterator[str]:
    assert result.work.registers is not None
    if result.resumed:
        yield text("summary.resumed", language, stages=", ".join(text(f"stage.{name}", language) for name in result.resumed))
    yield text("summary.cues", language, count=len(result.work.registers.spoken.cues), seconds=f"{sum(result.seconds.values()):.1f}")
    yield from (f"  {made.path}" for made in result.deliverables)
    yield text("summary.job", language, folder=result.job_folder)
    yield from finding_lines(result.work.findings, language)


def finding_lines(findings: Sequence[Finding], language: Language) -> Iterator[str]:
    """How many findings need somebody's eyes, and the first of them."""
    shown = [finding for finding in findings if finding.level != "info"]
    if shown:
        yield text("summary.findings", language, count=len(shown))
        yield from (f"  - {finding.message}" for finding in shown[:_SHOWN_FINDINGS])
    if len(shown) > _SHOWN_FINDINGS:
        yield text("summary.more_findings", language, count=len(shown) - _SHOWN_FINDINGS)
