"""A model that is in memory inside one `with`, and what its libraries throw, as errors that name a fix.

Every backend of recognition and of language models is a Resident. To add one: a subclass that says its `kind` and writes `_load`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Generic, Literal, Self, TypeVar

from .errors import SetupError, StageError
from .hardware import Device, DeviceManager, is_out_of_memory

Kind = Literal["asr", "llm"]
Model = TypeVar("Model")


class Resident(ABC, Generic[Model]):
    """A model folder on a device; entering loads it, leaving frees its memory. `kind` is where its errors stand in the catalogue."""

    kind: ClassVar[Kind]

    def __init__(self, folder: Path, device: Device) -> None:
        self._path, self._device = folder, device
        self._model: Model | None = None

    @abstractmethod
    def _load(self) -> Model:
        """The model, ready to work. May raise SetupError; what a library throws is mapped by the caller."""

    def __enter__(self) -> Self:
        with loading(self.kind, self._path, self._device):
            self._model = self._load()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._model = None
        DeviceManager(self._device).release()

    @contextmanager
    def _working(self) -> Iterator[Model]:
        """The model, while it computes. Raises ValueError outside the `with`, else see `computing`."""
        if self._model is None:
            raise ValueError("a model is used inside its with block")
        with computing(self.kind, self._path, self._device):
            yield self._model


@contextmanager
def loading(kind: Kind, folder: Path, device: Device) -> Iterator[None]:
    """Around loading. Raises StageError `<kind>.out_of_memory` or SetupError `<kind>.broken_weights`."""
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise StageError(f"{kind}.out_of_memory", model=folder.name, device=device, detail=repr(error)) from error
        raise SetupError(f"{kind}.broken_weights", file=folder, detail=repr(error)) from error


@contextmanager
def computing(kind: Kind, folder: Path, device: Device) -> Iterator[None]:
    """Around computing. Raises StageError `<kind>.out_of_memory` or `<kind>.failed`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        code = f"{kind}.out_of_memory" if is_out_of_memory(error) else f"{kind}.failed"
        raise StageError(code, model=folder.name, device=device, detail=repr(error)) from error
