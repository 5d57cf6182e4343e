"""Speech with a known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.audio.wav import open_audio, read_samples
from core.bench.spoken import Background, write_spoken


def test_sound_is_where_the_truth_says(tmp_path: Path) -> None:
    audio, truth = write_spoken(tmp_path / "audio.wav", 10)
    assert open_audio(audio.path) == audio and len(truth) >= 3
    samples = np.abs(read_samples(audio, 0, audio.samples))
    previous_end = 0
    for start, end in truth:
        assert 600 <= start - previous_end < 2501
        assert samples[(previous_end + 1) * 16 : start * 16].max() < 1e-4
        assert samples[start * 16 : (end + 1) * 16].max() > 0.49
        previous_end = end
    assert samples[(previous_end + 1) * 16 :].max() < 1e-4


def test_noise_lies_under_everything(tmp_path: Path) -> None:
    audio, truth = write_spoken(tmp_path / "audio.wav", 5, Background(noise_dbfs=-40))
    pause = read_samples(audio, 0, truth[0][0] * 16)
    assert abs(20 * np.log10(np.sqrt(np.mean(np.square(pause)))) + 40) < 0.5


def test_other_sounds_come_between_the_sentences(tmp_path: Path) -> None:
    audio, truth = write_spoken(tmp_path / "audio.wav", 15, Background(sound_every=2))
    gap = read_samples(audio, (truth[0][1] + 1) * 16, truth[1][0] * 16)
    loud = np.flatnonzero(np.abs(gap) > 0.001)
    assert 23_900 <= loud[-1] - loud[0] <= 24_000
    assert abs(20 * np.log10(np.sqrt(np.mean(np.square(gap[loud[0] : loud[-1]])))) + 35) < 0.5
