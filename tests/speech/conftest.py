"""Audio that the speech tests listen to."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.wav import SAMPLE_RATE, Audio
from core.bench.spoken import Background, write_spoken

Truth = tuple[tuple[int, int], ...]
Writer = Callable[[NDArray[np.floating]], Audio]


@pytest.fixture
def write_audio(tmp_path: Path) -> Writer:
    """Write samples in -1..1 as a job's audio."""

    def write(samples: NDArray[np.floating]) -> Audio:
        path = tmp_path / "audio.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
        return Audio(path, len(samples))

    return write


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audio, Truth]:
    """About 40 s of sentences over noise at -60 dBFS, with their true times."""
    return write_spoken(tmp_path_factory.mktemp("spoken") / "audio.wav", 40, Background(noise_dbfs=-60))


@pytest.fixture(scope="session")
def spoken_clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audio, Truth]:
    """About 40 s of sentences in digital silence, with their true times."""
    return write_spoken(tmp_path_factory.mktemp("spoken_clean") / "audio.wav", 40)
