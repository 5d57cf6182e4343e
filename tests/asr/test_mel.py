"""The log-mel picture against the two implementations that Whisper models were trained and converted with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.asr.mel import log_mel, mel_filters
from core.asr.whisper_mlx import mlx_whisper_part


def noise(samples: int) -> NDArray[np.float32]:
    return (np.random.default_rng(3).standard_normal(samples) * 0.05).astype(np.float32)


@pytest.mark.parametrize("n_mels", [80, 128])
@pytest.mark.parametrize("samples", [1_600, 200_001, 480_000])
def test_same_picture_as_transformers_and_mlx_whisper(n_mels: int, samples: int) -> None:
    from transformers import WhisperFeatureExtractor

    sound = noise(samples)
    ours = log_mel(sound, n_mels)
    extractor: Any = WhisperFeatureExtractor(feature_size=n_mels)
    theirs = extractor(sound, sampling_rate=16_000, return_tensors="np").input_features[0].T
    mlx = np.array(mlx_whisper_part("audio").log_mel_spectrogram(sound, n_mels, padding=480_000 - samples))
    assert ours.shape == (3000, n_mels)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-5)
    np.testing.assert_allclose(ours, mlx, atol=2e-5)


@pytest.mark.parametrize("samples", [0, 16_000])
def test_silence_is_flat(samples: int) -> None:
    picture = log_mel(np.zeros(samples, dtype=np.float32), 80)
    # log10(1e-10) = -10, (-10 + 4) / 4
    assert picture.min() == picture.max() == pytest.approx(-1.5)


def test_a_quiet_chunk_keeps_its_detail() -> None:
    # 70 dB under full scale: beside a loud passage nearly all of it would lie under the floor
    quiet = log_mel(noise(160_000) * 0.006, 80)[:1000]
    assert np.mean(quiet == quiet.min()) < 0.01


def test_filters_have_slaneys_area() -> None:
    filters = mel_filters(80)
    assert filters.shape == (201, 80)
    # librosa.filters.mel(sr=16000, n_fft=400, n_mels=80).max()
    assert filters.max() == pytest.approx(0.025880685, rel=1e-5)


def test_more_than_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="30 s"):
        log_mel(np.zeros(480_001, dtype=np.float32), 80)
