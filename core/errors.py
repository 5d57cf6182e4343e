"""Every failure a user can meet, as one tree.

    EngineError
      InputError  exit 2   the user's file, timeline or option
      SetupError  exit 3   something must be installed, fetched or freed first
      StageError  exit 1   a stage broke while working
      WireError   exit 4   the talk between plugin and engine
    Cancelled     exit 130 not an EngineError: stopping is not failing

To add one: raise the fitting class with a new dotted code and add that code to a file in `data/messages/` with `en`, `zh`, `hint_en` and
`hint_zh`. The message says what happened to the user's thing, the hint names the next action.
"""

from __future__ import annotations

from typing import ClassVar

from .messages import Language, hint, text


class EngineError(Exception):
    """A failure with a stable code and a next step.

    `code` is the catalogue key; `params` fill its placeholders; `detail` is untranslated evidence (a tool's last lines) for the log.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, *, detail: str = "", **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.params = {name: str(value) for name, value in params.items()}

    def message(self, language: Language = "en") -> str:
        """What happened, in the language asked for."""
        return text(self.code, language, **self.params)

    def hint(self, language: Language = "en") -> str:
        """The next action, in the language asked for."""
        return hint(self.code, language, **self.params)

    def to_wire(self, language: Language = "en") -> dict[str, str]:
        """Plain strings for JSON: code, message, hint, detail."""
        return {
            "code": self.code,
            "message": self.message(language),
            "hint": self.hint(language),
            "detail": self.detail,
        }

    def __str__(self) -> str:
        return self.message()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.detail, self.params))


def _rebuild(kind: type[EngineError], code: str, detail: str, params: dict[str, str]) -> EngineError:
    return kind(code, detail=detail, **params)


class InputError(EngineError):
    """The user's file, timeline or option cannot be used."""

    exit_code = 2


class SetupError(EngineError):
    """Something must be installed, fetched or freed before this can run."""

    exit_code = 3


class StageError(EngineError):
    """A stage broke while working; the job folder can be resumed."""

    exit_code = 1


class WireError(EngineError):
    """The talk between the plugin and the engine broke."""

    exit_code = 4


class Cancelled(Exception):  # noqa: N818 - stopping is not an error
    """The user stopped the run; what was finished stays on disk and is resumed."""

    exit_code: ClassVar[int] = 130
