"""What a pass tells the reviewer beside the text, in the language of the user. A new remark is an entry of `data/messages/passes.json`."""

from __future__ import annotations

from collections.abc import Sequence

from ..document import Finding
from ..messages import text
from .ask import Answers
from .base import PassContext
from .diff import Refusal

_SHOWN = 120


def finding(code: str, context: PassContext, cue_id: str | None = None, level: str = "warning", **params: object) -> Finding:
    """A Finding with the text of `code`."""
    return Finding(code, text(code, context.language_ui, **params), level, cue_id)  # type: ignore[arg-type]


def failures(answers: Answers, context: PassContext) -> list[Finding]:
    """One Finding for each of the model's own errors."""
    return [finding("passes.model_failed", context, reason=reason) for reason in answers.failures]


def refusals(cue_id: str, refused: Sequence[Refusal], context: PassContext) -> list[Finding]:
    """One Finding for each refused reply, with its first 120 characters; the diff has it whole."""
    language = context.language_ui
    return [
        finding("passes.refused", context, cue_id, reply=one.reply[:_SHOWN], reasons=", ".join(text(reason, language) for reason in one.reasons))
        for one in refused
    ]
