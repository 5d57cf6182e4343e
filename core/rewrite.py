"""Subtitles in another register: the passes in their order, over a document, an SRT file or a finished job. Times and cues never change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from .document import Finding, SubtitleDocument
from .document_file import read_document, write_document
from .errors import InputError
from .files import free_name, make_folder, write_json, write_text
from .messages import text
from .passes.base import Pass, PassContext, run_passes
from .passes.diff import Change, diff_json
from .passes.hk_script import hk_script
from .passes.names import glossary
from .passes.proofread import proofread
from .passes.punctuation import punctuation
from .passes.written import written
from .srt_texts import document_of, read_srt, with_texts

PASSES: tuple[Pass, ...] = (hk_script, proofread, glossary, written, punctuation)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of one input. `path` is the new subtitle file, `diff` the file of changes with their reasons."""

    path: Path
    diff: Path
    cues: int
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def changed(self) -> int:
        """How many cues read differently now."""
        return len({change.cue_id for change in self.changes if change.before != change.after})


def rewrite_document(document: SubtitleDocument, context: PassContext) -> tuple[SubtitleDocument, tuple[Finding, ...], tuple[Change, ...]]:
    """The document at `context.level`, the findings this made and each cue's changes.

    Raises Cancelled, and SetupError or StageError of the text model's own loading. A model that fails while working is a Finding.
    """
    done, changes = run_passes(document, PASSES, context)
    return done, done.findings[len(document.findings) :], changes


def rewrite_file(source: Path, out: Path | None, context: PassContext) -> Rewritten:
    """Rewrite an SRT file or a job folder into new files beside it, or in `out`; nothing that exists is written over.

    Raises InputError `passes.*`, `job.damaged` and `files.*` besides what `rewrite_document` raises.
    """
    source = source.expanduser().absolute()
    folder = out.expanduser().absolute() if out else source.parent
    make_folder(folder)
    stem = source.name.removesuffix(".job") if source.is_dir() else source.stem
    path = _free(folder, f"{stem}.{context.level}")
    rewritten = _job(source, path, context) if source.is_dir() else _srt(source, path, context)
    whole = {"schema": "diff/1", "source": source.name, "level": context.level, "changes": diff_json(rewritten.changes)}
    write_json(rewritten.diff, whole)
    return rewritten


def _free(folder: Path, stem: str) -> Path:
    """The first '<stem>.srt', '<stem> 2.srt' ... that is free together with its diff."""
    path = folder / f"{stem}.srt"
    while True:
        path = free_name(path)
        if not path.with_suffix(".diff.json").exists():
            return path
        path = folder / f"{path.stem} 2.srt"


def _srt(source: Path, path: Path, context: PassContext) -> Rewritten:
    srt = read_srt(source)
    document, findings, changes = rewrite_document(document_of(srt), context)
    write_text(path, with_texts(srt, {cue.id: cue.text for cue in document.cues}))
    language = context.language_ui
    split = tuple(
        Finding("passes.text_after_blank_line", text("passes.text_after_blank_line", language, file=source.name, line=srt.places[number].start))
        for number in srt.split_by_blank_row
    )
    return Rewritten(path, path.with_suffix(".diff.json"), len(srt.places), changes, (*split, *findings))


def _job(source: Path, path: Path, context: PassContext) -> Rewritten:
    """A job's document, written beside it as SRT and into the job as document.<level>.json."""
    from .formats.srt import to_srt

    if not (source / "document.json").is_file():
        raise InputError("passes.no_document", folder=source)
    spoken = read_document(source / "document.json")
    document, findings, changes = rewrite_document(replace(spoken, findings=()), context)
    write_document(document, source / f"document.{context.level}.json")
    write_text(path, to_srt(document))
    return Rewritten(path, path.with_suffix(".diff.json"), len(document.cues), changes, findings)
