"""Who can do what: one table of the interchangeable parts, each known by 'kind/name', none imported before it is chosen.

To add a backend: write its module with a factory, then a line in BACKENDS.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .errors import InputError, SetupError
from .hardware import Device, Reason
from .messages import language_from_environment

if TYPE_CHECKING:
    from .asr.base import Transcriber
    from .llm.base import TextModel
    from .speech.base import SpeechDetector


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a backend's factory is ('package.module:name') and the packages it imports."""

    factory: str
    packages: tuple[str, ...]


BACKENDS = {
    "asr/whisper_mlx": Backend("core.asr.whisper_mlx:WhisperMlx", ("mlx", "mlx_whisper")),
    "asr/whisper_hf": Backend("core.asr.whisper_hf:WhisperHf", ("torch", "transformers")),
    "asr/qwen_mlx": Backend("core.asr.qwen_mlx:QwenMlx", ("mlx", "mlx_audio", "transformers")),
    "llm/lm_mlx": Backend("core.llm.lm_mlx:LmMlx", ("mlx", "mlx_lm", "transformers")),
    "llm/lm_hf": Backend("core.llm.lm_hf:LmHf", ("torch", "transformers")),
    "speech/silero": Backend("core.speech.silero:SileroDetector", ("onnxruntime", "silero_vad")),
    "speech/energy": Backend("core.speech.energy:EnergyDetector", ()),
}


def names(kind: str) -> tuple[str, ...]:
    """The backends of one kind, in the table's order."""
    return tuple(key.removeprefix(f"{kind}/") for key in BACKENDS if key.startswith(f"{kind}/"))


def available(kind: str, name: str) -> tuple[Reason, ...]:
    """Why a backend cannot run here; empty when nothing is in its way. Imports nothing. Raises InputError `backends.unknown`."""
    missing = (package for package in _backend(kind, name).packages if find_spec(package) is None)
    return tuple(Reason("hardware.not_installed", (("package", package),)) for package in missing)


def create_transcriber(name: str, folder: Path, device: Device, options: Mapping[str, Path] | None = None) -> Transcriber:
    """A recogniser for the weights in `folder`; nothing is loaded before it is entered. `options`: the folder of an `aligner`.

    Raises InputError `backends.unknown` and SetupError `backends.unavailable`.
    """
    return cast("Transcriber", _factory("asr", name)(folder, device, **(options or {})))


def create_text_model(name: str, folder: Path, device: Device, options: Mapping[str, int] | None = None) -> TextModel:
    """A language model for the weights in `folder`; nothing is loaded before it is entered. `options`: batch_size, and bits to quantise to.

    Raises InputError `backends.unknown` and SetupError `backends.unavailable`.
    """
    return cast("TextModel", _factory("llm", name)(folder, device, **(options or {})))


def create_speech_detector(name: str) -> SpeechDetector:
    """A detector of speech. Raises InputError `backends.unknown` and SetupError `backends.unavailable`."""
    return cast("SpeechDetector", _factory("speech", name)())


def _backend(kind: str, name: str) -> Backend:
    try:
        return BACKENDS[f"{kind}/{name}"]
    except KeyError:
        raise InputError("backends.unknown", kind=kind, name=name, names=", ".join(names(kind))) from None


def _factory(kind: str, name: str) -> Any:
    if reasons := available(kind, name):
        language = language_from_environment()
        raise SetupError("backends.unavailable", name=name, why="; ".join(reason.text(language) for reason in reasons))
    module, _, attribute = _backend(kind, name).factory.partition(":")
    return getattr(importlib.import_module(module), attribute)
