"""Spoken Cantonese to half-written or written Chinese, sentence by sentence: the model where there is one, else the rules, else what was said.

Whatever a sentence becomes has passed the guards; what did not is a Finding and stays in the diff with its reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..document import Cue, Finding, SubtitleDocument
from ..rules.engine import engine
from .ask import Answers, Task, ask
from .base import PassContext
from .diff import Note, Refusal
from .facts import changed
from .findings import failures, finding, refusals
from .guards import empty_text, outside, visible_length
from .sentences import joined, sentences, share


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence's cues, and what the rules make of each."""

    cues: tuple[Cue, ...]
    rules: tuple[str, ...]


def written(document: SubtitleDocument, context: PassContext) -> SubtitleDocument:
    """The pass. Raises Cancelled and what `engine` raises."""
    if context.level == "spoken":
        return document
    rules = engine(context.level, frozenset(context.glossary.names))
    groups = sentences(document)
    found = [_Sentence(cues, texts) for cues, texts in zip(groups, rules.rewrite(_texts(cues) for cues in groups), strict=True)]
    answers = Answers()
    if context.model:
        lines = tuple(joined(_texts(one.cues)) for one in found)
        task = Task(context.level, lines, tuple(joined(one.rules) for one in found), context.glossary.names, context.cancel, context.progress)
        answers = ask(context.model, task)
    findings = failures(answers, context)
    cues: list[Cue] = []
    for number, one in enumerate(found):
        context.cancel.check()
        refused = tuple(answers.refused.get(number, ()))
        reply = answers.texts.get(number)
        parts = share(reply, one.rules, rules.word_ends) if reply else None
        if reply and parts is None:
            refused = (*refused, Refusal(reply, ("passes.guard_too_few_words",)))
        new, more = _from_model(one, parts, refused, context) if parts else _from_rules(one, refused, context)
        cues += new
        findings += [*refusals(one.cues[0].id, refused, context), *more]
    return replace(document, cues=tuple(cues), register="written", findings=(*document.findings, *findings))


def _texts(cues: Sequence[Cue]) -> tuple[str, ...]:
    return tuple(cue.text for cue in cues)


def _from_model(one: _Sentence, parts: Sequence[str], refused: tuple[Refusal, ...], context: PassContext) -> tuple[list[Cue], list[Finding]]:
    for cue in one.cues:
        context.notes[cue.id] = Note("model", (f"passes.level_{context.level}",), refused)
    cues = [replace(cue, text=part) for cue, part in zip(one.cues, parts, strict=True)]
    return cues, _lengths(one.cues, cues, context)


def _from_rules(one: _Sentence, refused: tuple[Refusal, ...], context: PassContext) -> tuple[list[Cue], list[Finding]]:
    """The rules' text where its facts are those of the spoken one, cue by cue; a cue of particles alone keeps them."""
    cues: list[Cue] = []
    findings: list[Finding] = []
    if kinds := changed("".join(_texts(one.cues)), "".join(one.rules), context.glossary.names):
        refusal = Refusal(joined(one.rules), tuple(f"passes.guard_{kind}" for kind in kinds))
        findings += refusals(one.cues[0].id, (refusal,), context)
        refused = (*refused, refusal)
    for cue, rewritten in zip(one.cues, one.rules, strict=True):
        if kinds or empty_text(rewritten):
            context.notes[cue.id] = Note("spoken", ("passes.spoken_kept",), refused)
            cues.append(cue)
            if not kinds and not empty_text(cue.text):
                findings.append(finding("passes.particles_kept", context, cue.id, level="info", text=cue.text))
        else:
            context.notes[cue.id] = Note("rules", (f"passes.level_{context.level}",), refused)
            cues.append(replace(cue, text=rewritten))
    return cues, [*findings, *_lengths(one.cues, cues, context)]


def _lengths(before: Sequence[Cue], after: Sequence[Cue], context: PassContext) -> list[Finding]:
    """A note for every cue that came out much shorter or longer; the words are right, the reading time may not be."""
    pairs = [(cue, visible_length(cue.text), visible_length(new.text)) for cue, new in zip(before, after, strict=True)]
    return [finding("passes.length", context, cue.id, level="info", before=old, after=new) for cue, old, new in pairs if outside(old, new)]
