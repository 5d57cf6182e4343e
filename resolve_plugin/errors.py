"""What can go wrong on the plugin's side. Every error has a key in `messages.json`: what happened, and what to do next.

To add one: raise PluginError with a new key and put the key into `messages.json` in both languages.
"""

from __future__ import annotations

from .messages import text


class PluginError(Exception):
    """A failure with a catalogue key; `params` fill its placeholders, `detail` is untranslated evidence for the log."""

    def __init__(self, code: str, *, detail: str = "", **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.params = params

    def message(self, language: str = "en") -> str:
        """What happened."""
        return text(self.code, language, **self.params)

    def hint(self, language: str = "en") -> str:
        """The next action."""
        return text(f"{self.code}.hint", language, **self.params)

    def __str__(self) -> str:
        return f"{self.message()} {self.detail}".strip()


class HostError(PluginError):
    """Resolve did not do what was asked, after retries."""


class HostBusyError(HostError):
    """Resolve answers nothing at all: a dialog is open or the connection is gone."""

    def __init__(self, operation: str) -> None:
        super().__init__("host.busy", detail=operation)


class EngineFailedError(PluginError):
    """The engine reported an error; message and hint come from the engine itself."""

    def __init__(self, code: str, message: str, hint: str, detail: str = "") -> None:
        super().__init__("engine.failed", detail=detail, message=message, hint=hint)
        self.engine_code = code


class Stopped(Exception):  # noqa: N818 - stopping is not an error
    """The user asked to stop."""
