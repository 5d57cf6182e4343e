"""AVAssetImageGenerator as far as thumbnails need it: pictures whose grey says which time was asked for, or errors as AVFoundation gives them."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from . import quartz


class Generator:
    """`asked` are the times, `settings` every setter's value; from picture `fails_at` on it answers with an error."""

    fails_at = 10_000

    def __init__(self) -> None:
        self.asked: list[Fraction] = []
        self.settings: dict[str, object] = {}
        self.asset: object = None

    def initWithAsset_(self, asset: object) -> Generator:  # noqa: N802
        self.asset = asset
        return self

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("set") or not name.endswith("_"):
            raise AttributeError(name)
        return lambda value: self.settings.__setitem__(name[3:-1], value)

    def copyCGImageAtTime_actualTime_error_(self, time: Fraction, actual: None, error: None) -> tuple[Any, object]:  # noqa: N802
        assert (actual, error) == (None, None)
        if len(self.asked) >= self.fails_at:
            return None, "AVFoundationErrorDomain -11832"
        self.asked.append(time)
        return np.full((180, 320, 4), (int(time * 10), 0, 0, 255), np.uint8), None


def install(monkeypatch: pytest.MonkeyPatch) -> Generator:
    """Let this machine pass for a Mac with pyobjc; returns the generator that will be used."""
    quartz.install(monkeypatch)
    generator = Generator()
    av: Any = ModuleType("AVFoundation")
    av.AVURLAsset = SimpleNamespace(assetWithURL_=lambda url: ("asset", Path(url)))
    av.AVAssetImageGenerator = SimpleNamespace(alloc=lambda: generator)
    media: Any = ModuleType("CoreMedia")
    media.CMTimeMake = lambda value, scale: Fraction(value, scale)
    media.kCMTimeZero, media.kCMTimePositiveInfinity = "zero", "infinity"
    objc: Any = ModuleType("objc")
    objc.autorelease_pool = nullcontext
    for module in (av, media, objc):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return generator
