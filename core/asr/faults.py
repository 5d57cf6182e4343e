"""What a recogniser's libraries throw, as errors that name a fix. Both Whisper backends use these two blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SetupError, StageError
from ..hardware import Device, is_out_of_memory


@contextmanager
def loading(folder: Path, device: Device) -> Iterator[None]:
    """Around loading. Raises StageError `asr.out_of_memory` or SetupError `asr.broken_weights`."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise StageError("asr.out_of_memory", model=folder.name, device=device, detail=repr(error)) from error
        raise SetupError("asr.broken_weights", file=folder, detail=repr(error)) from error


@contextmanager
def computing(folder: Path, device: Device) -> Iterator[None]:
    """Around recognising. Raises StageError `asr.out_of_memory` or `asr.failed`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        code = "asr.out_of_memory" if is_out_of_memory(error) else "asr.failed"
        raise StageError(code, model=folder.name, device=device, detail=repr(error)) from error
