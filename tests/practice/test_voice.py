"""The computer voice; every case speaks for real."""

from __future__ import annotations

import multiprocessing

import numpy as np
import pytest

from core.errors import StageError
from core.practice.voice import VARIANTS, Voice, sound_bounds, speak, speak_timed


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_speaks(variant: str) -> None:
    samples, rate = speak("今日天氣好好", Voice(variant))
    assert rate == 22050
    assert samples.dtype == np.int16 and samples.ndim == 1
    assert 1.0 < len(samples) / rate < 3.0
    assert np.abs(samples.astype(np.int32)).max() > 10_000


def test_a_faster_voice_is_shorter() -> None:
    slow = speak_timed("你食咗飯未呀", Voice("f1", 120, 50))
    fast = speak_timed("你食咗飯未呀", Voice("f1", 210, 50))
    assert len(fast.trimmed()) < 0.75 * len(slow.trimmed())


def test_bounds_enclose_the_sound_only() -> None:
    spoken = speak_timed("唔該", Voice("m3"))
    assert 0 <= spoken.onset < spoken.offset <= len(spoken.samples)
    assert np.abs(spoken.samples[: spoken.onset]).max(initial=0) <= 131
    assert sound_bounds(np.array([0, 5, 900, -900, 3, 0], np.int16)) == (2, 4)
    assert sound_bounds(np.zeros(10, np.int16)) == (0, 0)


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(StageError, match="yue\\+nobody"):
        speak("唔該", Voice("nobody"))


def test_silent_text_is_refused() -> None:
    with pytest.raises(StageError):
        speak_timed("。", Voice("f1"))


def test_what_was_said_before_changes_no_sample() -> None:
    first, _ = speak("你食咗飯未呀", Voice("f1"))
    for text in ("唔該", "今日天氣好好"):
        speak(text, Voice("m3"))
    again, _ = speak("你食咗飯未呀", Voice("f1"))
    assert np.array_equal(again, first)


def _length(text: str) -> int:
    return len(speak(text)[0])


def test_worker_processes_have_their_own_voice() -> None:
    speak("唔該")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        lengths = pool.map(_length, ["唔該", "唔該", "唔該晒你"])
    assert all(length > 5000 for length in lengths)
