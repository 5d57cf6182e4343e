"""What a text model's libraries throw, as errors that name a fix, and the rule of one owner thread. Every backend uses these."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SetupError, StageError
from ..hardware import Device, is_out_of_memory


@contextmanager
def loading(folder: Path, device: Device) -> Iterator[None]:
    """Around loading. Raises StageError `llm.out_of_memory` or SetupError `llm.broken_weights`."""
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise StageError("llm.out_of_memory", model=folder.name, device=device, detail=repr(error)) from error
        raise SetupError("llm.broken_weights", folder=folder, detail=repr(error)) from error


@contextmanager
def computing(folder: Path, device: Device) -> Iterator[None]:
    """Around writing. Raises StageError `llm.out_of_memory` or `llm.failed`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        code = "llm.out_of_memory" if is_out_of_memory(error) else "llm.failed"
        raise StageError(code, model=folder.name, device=device, detail=repr(error)) from error


class Owner:
    """The thread that may use a model: two threads on a Mac's GPU can crash the process (pytorch/pytorch#197805)."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def check(self) -> None:
        """Raises ValueError from any other thread than the one that made this."""
        if threading.get_ident() != self._thread:
            raise ValueError("a text model is used by the thread that entered it")
