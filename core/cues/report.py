"""What lint finds in a run's own subtitles, added to its findings. Soft limits are left out: `canto-beats lint` lists those."""

from __future__ import annotations

from dataclasses import replace

from ..document import Finding, Registers, SubtitleDocument
from ..messages import Language
from .lint import lint
from .lint_base import Subject
from .presets import Preset

_SOFT = frozenset({"lint.cps", "lint.dur_max"})


def with_lint(registers: Registers, preset: Preset, cuts: tuple[int, ...], language: Language) -> Registers:
    """Both registers with the errors and warnings of lint among their findings."""
    spoken = {cue.id: cue.text for cue in registers.spoken.cues}
    written = registers.written
    return Registers(
        _added(registers.spoken, Subject(registers.spoken, preset, cuts), language),
        _added(written, Subject(written, preset, cuts, spoken), language) if written else None,
    )


def _added(document: SubtitleDocument, subject: Subject, language: Language) -> SubtitleDocument:
    found = tuple(finding for finding in lint(subject, language) if _shown(finding))
    return replace(document, findings=(*document.findings, *found))


def _shown(finding: Finding) -> bool:
    return finding.level == "error" or (finding.level == "warning" and finding.code not in _SOFT)
