"""What a pass is, and the guard around it: a pass may change text, never which cues there are or when they show.

To add a pass: a function `(SubtitleDocument, PassContext) -> SubtitleDocument` in a module of this folder, and its place in the tuple that
`core/rewrite.py` runs. Anything it does beyond text is undone here and becomes a Finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..document import Cue, Finding, SubtitleDocument
from ..llm.base import TextModel
from ..messages import Language, text
from ..progress import CancelToken
from ..rules.pattern import Level
from .diff import Change, Note
from .glossary import Glossary


def no_progress(done: float, total: float | None, unit: str = "", note: str = "") -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class ScriptOptions:
    """`variants` 'common' writes 說 群 衛 裏 as Hong Kong screens do, 'standard' 説 羣 衞 裏 as its reference forms have it."""

    variants: str = "common"


@dataclass(frozen=True, slots=True)
class PunctuationOptions:
    """`commas`: a space in place of commas and full stops inside a line ('space') or as they are ('keep').

    `latin_spacing`: spaces between Chinese and Latin text are kept ('keep'), taken out ('none') or put in ('space').
    """

    commas: str = "space"
    latin_spacing: str = "keep"


@dataclass(frozen=True, slots=True)
class PassContext:
    """What every pass may use. `notes` collects, by cue id, what a pass wants the reviewer to know; `model` is open already, or None."""

    level: Level = "written"
    model: TextModel | None = None
    glossary: Glossary = field(default_factory=Glossary)
    script: ScriptOptions = field(default_factory=ScriptOptions)
    punctuation: PunctuationOptions = field(default_factory=PunctuationOptions)
    language_ui: Language = "en"
    cancel: CancelToken = field(default_factory=CancelToken)
    progress: Callable[..., None] = no_progress
    notes: dict[str, Note] = field(default_factory=dict)


Pass = Callable[[SubtitleDocument, PassContext], SubtitleDocument]


def run_passes(document: SubtitleDocument, passes: Sequence[Pass], context: PassContext) -> tuple[SubtitleDocument, tuple[Change, ...]]:
    """The document after all passes in order, and what each did to each cue.

    Raises what a pass raises, Cancelled included; `document` itself is never changed.
    """
    changes: list[Change] = []
    for one in passes:
        context.cancel.check()
        context.notes.clear()
        done = guarded(document, one, context)
        for before, after in zip(document.cues, done.cues, strict=True):
            note = context.notes.get(before.id)
            if before.text != after.text or (note and note.refused):
                changes.append(Change(before.id, one.__name__, before.text, after.text, note or Note("rules")))
        document = done
    return document, tuple(changes)


def guarded(document: SubtitleDocument, one: Pass, context: PassContext) -> SubtitleDocument:
    """Run one pass and keep of its result only text, register, history and findings."""
    try:
        done = one(document, context)
    except ValueError as error:
        return replace(document, findings=(*document.findings, _finding("passes.broken", context, one, None, reason=str(error))))
    broken: list[Finding] = []
    count = Counter(cue.id for cue in done.cues)
    by_id = {cue.id: cue for cue in done.cues}
    cues = tuple(_kept(cue, by_id.get(cue.id) if count[cue.id] == 1 else None, broken, (context, one)) for cue in document.cues)
    extra = set(by_id) - {cue.id for cue in document.cues}
    if extra or [cue.id for cue in done.cues] != [cue.id for cue in document.cues]:
        broken.append(_finding("passes.cues_changed", context, one, None))
    return replace(
        document,
        cues=cues,
        register=done.register,
        history=(*document.history, one.__name__),
        findings=(*done.findings, *broken),
    )


def _kept(before: Cue, after: Cue | None, broken: list[Finding], who: tuple[PassContext, Pass]) -> Cue:
    """`before` with the new text, or untouched where the pass lost it, emptied it or moved it."""
    context, one = who
    if after is None or not after.text.strip():
        broken.append(_finding("passes.cue_lost", context, one, before.id))
        return before
    if replace(after, text=before.text) != before:
        broken.append(_finding("passes.cue_moved", context, one, before.id))
        return before
    return after


def _finding(code: str, context: PassContext, one: Pass, cue_id: str | None, **params: object) -> Finding:
    return Finding(code, text(code, context.language_ui, name=one.__name__, **params), "error", cue_id)
