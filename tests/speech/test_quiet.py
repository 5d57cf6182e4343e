"""The place to cut inside speech."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.audio.wav import Audio
from core.speech.quiet import quietest_ms

Writer = Callable[[np.ndarray], Audio]


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(5).uniform(-0.5, 0.5, int(seconds * 16000))


def test_a_dip_is_found_at_its_middle(write_audio: Writer) -> None:
    samples = noise(10)
    samples[int(6.0 * 16000) : int(6.12 * 16000)] *= 0.01
    assert quietest_ms(write_audio(samples), 2000, 9000) == 6060


def test_a_longer_pause_beats_a_click_of_silence(write_audio: Writer) -> None:
    samples = noise(10)
    samples[3 * 16000 : 3 * 16000 + 320] = 0
    samples[7 * 16000 : 7 * 16000 + 4000] *= 0.01
    assert 7060 <= quietest_ms(write_audio(samples), 1000, 9000) <= 7190


def test_what_lies_outside_is_not_looked_at(write_audio: Writer) -> None:
    samples = noise(10)
    samples[:16000] = 0
    samples[9 * 16000 :] = 0
    assert 2060 <= quietest_ms(write_audio(samples), 2000, 8000) <= 7940


def test_equal_places_give_the_middle(write_audio: Writer) -> None:
    assert quietest_ms(write_audio(np.zeros(160_000)), 2000, 8000) == 5000


def test_a_stretch_too_short_to_judge_gives_its_middle(write_audio: Writer) -> None:
    assert quietest_ms(write_audio(noise(1)), 300, 400) == 350
