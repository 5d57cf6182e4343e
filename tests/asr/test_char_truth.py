"""Character times against what the computer voice says of its own words: where each of them begins, and where the last one ends."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import pytest

from core.asr.base import TranscribeOptions
from core.asr.whisper_hf import WhisperHf
from core.audio.resample import resample
from core.audio.wav import SAMPLE_RATE, Audio
from core.bench.spoken import SENTENCES, VOICES
from core.document import Word
from core.practice.voice import speak_marked
from core.speech.find import find_speech
from core.speech.silero import SileroDetector

from ..fakes.whisper_model import PRACTICE, write_wav

TEXTS = (*SENTENCES, "但係我覺得其實大家都冇郁", "呢個餐廳嘅奶茶真係好好飲", "如果聽日落雨，我哋就留喺屋企睇戲啦", "今次嘅結果同上次差唔多")

Mark = tuple[str, float]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audio, list[Mark]]:
    """Sentences with pauses, and (character, milliseconds where it begins) of each."""
    random, parts, marks, place = np.random.default_rng(3), [], [], 0
    for number, text in enumerate(TEXTS):
        spoken, words = speak_marked(text, VOICES[number % len(VOICES)])
        gap = int(random.integers(SAMPLE_RATE * 3 // 10, SAMPLE_RATE * 3 // 2))
        samples = resample(spoken.samples.astype(np.float32) / 32768, spoken.sample_rate, SAMPLE_RATE)
        place += gap
        marks += [(word, place / 16 + sample * 1000 / spoken.sample_rate) for word, sample in words]
        parts += [np.zeros(gap), samples]
        place += len(samples)
    whole = np.concatenate([*parts, np.zeros(SAMPLE_RATE)])
    noise = random.standard_normal(len(whole)) * 1e-3
    return write_wav(tmp_path_factory.mktemp("audio") / "marked.wav", whole * (0.5 / np.abs(whole).max()) + noise), marks


@pytest.fixture(scope="module")
def words(marked: tuple[Audio, list[Mark]]) -> list[Word]:
    audio, _ = marked
    with SileroDetector() as detector:
        speech = find_speech(audio, detector, lambda done, total: None)
    with WhisperHf(PRACTICE, "cpu") as transcriber:
        results = list(transcriber.transcribe(audio, speech.chunks, TranscribeOptions()))
    return [word for result in results for segment in result.segments for word in segment.words]


def test_every_character_has_a_time_in_order_and_a_confidence(words: list[Word]) -> None:
    assert all(0 < word.confidence <= 1 for word in words)
    assert all(word.start_ms <= word.end_ms for word in words)
    assert all(one.end_ms <= next_one.start_ms for one, next_one in pairwise(words))
    assert {len(word.text) for word in words} == {1}


def test_boundaries_are_within_a_few_frames_of_the_truth(words: list[Word], marked: tuple[Audio, list[Mark]]) -> None:
    _, marks = marked
    matcher = SequenceMatcher(None, [word.text for word in words], [text for text, _ in marks], autojunk=False)
    pairs = [(words[block.a + k], marks[block.b + k][1]) for block in matcher.get_matching_blocks() for k in range(block.size)]
    errors = np.abs([word.start_ms - truth for word, truth in pairs])
    assert len(errors) >= 0.95 * len(marks)
    assert np.median(errors) <= 60
    assert np.percentile(errors, 95) <= 200
