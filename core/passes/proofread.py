"""What a recogniser mishears: known slips by table, and with a model one careful look at every sentence.

Conservative on purpose: a model's correction stands only when the sentence keeps its length and most of its characters; every other reply is a
Finding and stays in the diff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..document import Cue, Finding, SubtitleDocument
from ..rules.engine import repairs
from .ask import Task, ask
from .base import PassContext
from .diff import Note, Refusal
from .findings import failures, refusals
from .guards import likeness, visible_length
from .sentences import joined, sentences, share

_LIKE = 0.8
_LONGER = 1


def proofread(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
    """The pass. Raises Cancelled and what `engine` raises."""
    rules = repairs("slips.tsv", frozenset(context.glossary.names))
    groups = sentences(document)
    fixed = rules.rewrite(tuple(cue.text for cue in group) for group in groups)
    texts = {cue.id: part for group, parts in zip(groups, fixed, strict=True) for cue, part in zip(group, parts, strict=True)}
    context.notes.update({cue.id: Note("rules", ("passes.slip",)) for cue in document.cues if texts[cue.id] != cue.text})
    findings: list[Finding] = []
    if context.model:
        lines = tuple(joined(parts) for parts in fixed)
        answers = ask(context.model, Task("proofread", lines, lines, context.glossary.names, context.cancel, context.progress))
        findings = failures(answers, context)
        for number, group in enumerate(groups):
            refused, parts = tuple(answers.refused.get(number, ())), None
            if reply := answers.texts.get(number):
                careful = _careful(lines[number], reply)
                parts = share(reply, fixed[number], rules.word_ends) if careful else None
                why = "passes.guard_too_few_words" if careful else "passes.guard_too_much"
                refused += () if parts else (Refusal(reply, (why,)),)
            _take(group, parts, texts, context)
            if refused:
                note = context.notes.get(group[0].id, Note("kept", ("passes.spoken_kept",)))
                context.notes[group[0].id] = replace(note, refused=refused)
                findings += refusals(group[0].id, refused, context)
    cues = tuple(replace(cue, text=texts[cue.id]) for cue in document.cues)
    return replace(document, cues=cues, findings=(*document.findings, *findings))


def _take(group: Sequence[Cue], parts: Sequence[str] | None, texts: dict[str, str], context: PassContext) -> None:
    """Put a model's correction, where there is one, in place of the rules' text."""
    for cue, part in zip(group, parts or (), strict=False):
        if part != texts[cue.id]:
            texts[cue.id] = part
            context.notes[cue.id] = Note("model", ("passes.slip",))


def _careful(line: str, reply: str) -> bool:
    """True when a correction changes little."""
    return likeness(line, reply) >= _LIKE and abs(visible_length(line) - visible_length(reply)) <= _LONGER
