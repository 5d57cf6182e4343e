"""What a recogniser mishears: known slips by table, and with a model one careful look at every sentence.

Conservative on purpose: a model's correction stands only when the sentence keeps its length and most of its characters.
"""

from __future__ import annotations

from dataclasses import replace

from ..document import Finding, SubtitleDocument
from ..messages import text
from ..rules.engine import repairs
from .ask import Task, ask
from .base import PassContext
from .diff import Note
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
        language = context.language_ui
        findings = [Finding("passes.model_failed", text("passes.model_failed", language, reason=reason)) for reason in answers.failures]
        for number, reply in answers.texts.items():
            parts = share(reply, fixed[number], rules.word_ends) if _careful(lines[number], reply) else None
            for cue, part in zip(groups[number], parts or (), strict=False):
                if part != texts[cue.id]:
                    texts[cue.id] = part
                    context.notes[cue.id] = Note("model", ("passes.slip",))
        for number, refused in answers.refused.items():
            if number not in answers.texts:
                context.notes[groups[number][0].id] = Note("kept", ("passes.spoken_kept",), tuple(refused))
    cues = tuple(replace(cue, text=texts[cue.id]) for cue in document.cues)
    return replace(document, cues=cues, findings=(*document.findings, *findings))


def _careful(line: str, reply: str) -> bool:
    """True when a correction changes little."""
    return likeness(line, reply) >= _LIKE and abs(visible_length(line) - visible_length(reply)) <= _LONGER
