"""What `canto-beats lint` looks at: a job folder or any subtitle file, and where the mended one goes.

Another kind of source is another branch of `load`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..document import Finding, SubtitleDocument
from ..document_file import read_document, read_object, write_document
from ..errors import EngineError, InputError
from ..files import free_name
from ..formats import SUFFIXES, read_subtitles, write_subtitles
from ..formats.base import ReadOptions
from ..messages import Language
from ..timing import parse_rate
from .fix import fix
from .lint import lint
from .lint_base import Subject
from .presets import load_preset

_WRITTEN, _SPOKEN = "document.written.json", "document.json"


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What the user typed. `register` None: what the document says of itself."""

    source: Path
    preset: str
    rate: str | None = None
    register: str | None = None
    font: Path | None = None
    fix: bool = False
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class LintResult:
    """Findings of the source, or of the mended file when there is one; `reader` is what the reader of the file had to say."""

    document: SubtitleDocument
    findings: tuple[Finding, ...]
    reader: tuple[Finding, ...] = ()
    fixed: Path | None = None
    mended: int = 0


def run_lint(request: LintRequest) -> LintResult:
    """Look at the source; with `fix`, write a mended file beside it under a free name when that changes anything.

    Raises InputError `preset.*`, `formats.*`, `timing.*`, `files.*`, `job.*` and `lint.bad_font`.
    """
    subject = load(request)
    findings = lint(subject, request.language)
    if not request.fix:
        return LintResult(subject.document, findings, subject.document.findings)
    mended = fix(subject)
    if mended.cues == subject.document.cues and not subject.document.findings:
        return LintResult(mended, findings)
    left = lint(replace(subject, document=mended), request.language)
    return LintResult(mended, left, subject.document.findings, _write(mended, request.source), max(0, len(findings) - len(left)))


def load(request: LintRequest) -> Subject:
    """The subject of a request. Raises as `run_lint`."""
    preset = load_preset(request.preset)
    if request.source.is_dir() and request.source.suffix.lower() not in SUFFIXES:
        return replace(_job(request), preset=preset, font=request.font)
    rate = parse_rate(request.rate) if request.rate else None
    document = read_subtitles(request.source, ReadOptions(rate, 0, request.language))
    if request.register in ("spoken", "written"):
        document = replace(document, register=request.register)  # type: ignore[arg-type]
    return Subject(document, preset, font=request.font)


def _job(request: LintRequest) -> Subject:
    """A job's document with its cuts and, for the written one, what was said."""
    folder = request.source
    file = folder / (_WRITTEN if request.register == "written" else _SPOKEN)
    if not file.is_file():
        raise InputError("formats.unknown_register" if request.register == "written" else "formats.not_a_job", folder=folder, file=file)
    document = replace(read_document(file), findings=())
    spoken = {cue.id: cue.text for cue in read_document(folder / _SPOKEN).cues} if document.register == "written" else {}
    return Subject(document, load_preset(request.preset), _cuts(folder), spoken)


def _cuts(folder: Path) -> tuple[int, ...]:
    try:
        cuts = read_object(folder / "layout.json").get("cuts")
    except (OSError, EngineError):
        return ()
    return tuple(sorted(cut for cut in cuts if isinstance(cut, int))) if isinstance(cuts, list) else ()


def _write(document: SubtitleDocument, source: Path) -> Path:
    """Write the mended document beside its source, in the same format; a job gets a document file inside it."""
    if source.is_dir() and source.suffix.lower() not in SUFFIXES:
        target = free_name(source / "document fixed.json")
        write_document(document, target)
        return target
    target = free_name(source.with_name(f"{source.stem} fixed{source.suffix}"))
    write_subtitles(SUFFIXES[source.suffix.lower()], document, target)
    return target
