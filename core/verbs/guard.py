"""What every command-line verb is wrapped in: errors become a message, a hint and an exit code; signals become a cancel.

A verb that works for long takes its CancelToken from `cancel_on_signals`; every verb is decorated with `handled`, last.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import click

from ..errors import Cancelled, EngineError
from ..messages import language_from_environment
from ..progress import CancelToken

P = ParamSpec("P")


def handled(verb: Callable[P, None]) -> Callable[P, None]:
    """Turn the engine's errors into a message, a hint and the exit code of their kind; with --json into one JSON object."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        language = language_from_environment()
        try:
            verb(*args, **kwargs)
        except EngineError as error:
            if kwargs.get("as_json"):
                click.echo(json.dumps({"error": error.to_wire(language)}, ensure_ascii=False))
            from ..console import show_error

            show_error(error, language)
            sys.exit(error.exit_code)
        except Cancelled:
            from ..messages import text

            if kwargs.get("as_json"):
                click.echo(json.dumps({"cancelled": True}))
            click.echo(text("console.cancelled", language), err=True)
            sys.exit(Cancelled.exit_code)

    return run


@contextmanager
def cancel_on_signals() -> Iterator[CancelToken]:
    """Ctrl-C or SIGTERM asks the run to stop at the next item; a second Ctrl-C interrupts at once."""
    token = CancelToken()

    def stop(number: int, frame: object) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield token
    except KeyboardInterrupt as error:
        raise Cancelled from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
