"""What a professional reader would send back: each check with its level, its source, and whether `fix.py` can mend it.

To add a check: a function from Subject to Hits in one of the `lint_*.py` families, a row in its CHECKS, and the text `lint.<code>` in
`data/messages/lint.json`.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..document import Finding
from ..messages import Language, text
from ..timing import frame_to_ms
from . import lint_evidence, lint_lines, lint_text, lint_timing, lint_words
from .lint_base import Check, Hit, Subject

CHECKS: tuple[Check, ...] = (*lint_timing.CHECKS, *lint_lines.CHECKS, *lint_text.CHECKS, *lint_words.CHECKS, *lint_evidence.CHECKS)
_BY_CODE = {f"lint.{check.code}": check for check in CHECKS}


def lint(subject: Subject, language: Language = "en") -> tuple[Finding, ...]:
    """Findings of all checks, cue by cue in time order."""
    hits = [(hit.index, number, check, hit) for number, check in enumerate(CHECKS) for hit in check.find(subject)]
    return tuple(_finding(check, hit, subject, language) for _, _, check, hit in sorted(hits, key=lambda row: row[:2]))


def check_of(finding: Finding) -> Check | None:
    """The check that made a finding; None for findings of other origin."""
    return _BY_CODE.get(finding.code)


def worst(findings: Iterable[Finding]) -> str:
    """'error', 'warning', 'info', or '' for none."""
    levels = {finding.level for finding in findings}
    return next((level for level in ("error", "warning", "info") if level in levels), "")


def _finding(check: Check, hit: Hit, subject: Subject, language: Language) -> Finding:
    cue = subject.document.cues[hit.index]
    message = text(f"lint.{check.code}", language, **dict(hit.params))
    start_ms, end_ms = (frame_to_ms(frame, subject.document.rate) for frame in (cue.start_frame, cue.end_frame))
    return Finding(f"lint.{check.code}", message, hit.level or check.level, cue.id, start_ms, end_ms)
