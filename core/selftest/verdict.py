"""What a probe of the machine answers: passed, failed or not here, the reason as a catalogue key, and the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import EngineError
from ..hardware import Reason

VerdictName = Literal["pass", "fail", "not_here"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`name` judges, `reason` says why in the user's language, `data` is for whoever reads the report."""

    name: VerdictName
    reason: Reason
    data: dict[str, Any] = field(default_factory=dict)


def passed(code: str, data: dict[str, Any], **params: object) -> Verdict:
    """What was to be shown holds."""
    return Verdict("pass", reason(code, **params), data)


def failed(code: str, data: dict[str, Any], **params: object) -> Verdict:
    """It does not hold: something for a person to look at."""
    return Verdict("fail", reason(code, **params), data)


def not_here(code: str, data: dict[str, Any] | None = None, **params: object) -> Verdict:
    """This machine has no such thing, and nothing is wrong with that. `data` is what the portable twin did meanwhile."""
    return Verdict("not_here", reason(code, **params), data or {})


def reason(code: str, **params: object) -> Reason:
    """A catalogue key with what fills its placeholders."""
    return Reason(code, tuple((name, str(value)) for name, value in params.items()))


def both_languages(verdict_reason: Reason | EngineError) -> dict[str, str]:
    """{"en": ..., "zh": ...}"""
    if isinstance(verdict_reason, EngineError):
        return {"en": verdict_reason.message("en"), "zh": verdict_reason.message("zh")}
    return {"en": verdict_reason.text("en"), "zh": verdict_reason.text("zh")}
