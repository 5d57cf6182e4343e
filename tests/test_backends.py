"""The table of interchangeable parts: every line leads somewhere, and what is missing is said before anything is imported."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from core import backends
from core.backends import BACKENDS, Backend, available, create_speech_detector, create_transcriber, names
from core.errors import InputError, SetupError
from core.hardware import Reason


@pytest.mark.parametrize("key", BACKENDS)
def test_every_factory_exists(key: str) -> None:
    module, _, attribute = BACKENDS[key].factory.partition(":")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_names_of_a_kind() -> None:
    assert names("asr") == ("whisper_mlx", "whisper_hf", "qwen_mlx")
    assert names("speech") == ("silero", "energy")


def test_what_is_installed_has_nothing_against_it() -> None:
    assert available("speech", "energy") == ()


def test_a_missing_package_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backends.BACKENDS, "asr/whisper_hf", Backend("core.asr.whisper_hf:WhisperHf", ("no_such_package",)))
    (reason,) = available("asr", "whisper_hf")
    assert reason == Reason("hardware.not_installed", (("package", "no_such_package"),))
    assert (reason.text("en"), reason.text("zh")) == ("the package no_such_package is not installed", "未安裝套件 no_such_package")
    with pytest.raises(SetupError) as caught:
        create_transcriber("whisper_hf", Path("model"), "cpu")
    assert caught.value.code == "backends.unavailable"


@pytest.mark.parametrize("kind", ["asr", "speech"])
def test_an_unknown_name_lists_the_known_ones(kind: str) -> None:
    with pytest.raises(InputError) as caught:
        available(kind, "cloud")
    assert caught.value.params["names"] == {"asr": "whisper_mlx, whisper_hf, qwen_mlx", "speech": "silero, energy"}[kind]


def test_parts_are_made_without_loading_anything() -> None:
    assert create_speech_detector("energy").name == "energy"
    assert create_transcriber("whisper_hf", Path("no such model"), "cpu") is not None
