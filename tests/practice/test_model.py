"""The shipped practice model: whole, small, loadable by others, and as good as its card says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.practice import evaluate as e
from core.practice import vocabulary as v

REQUIRED = {
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "preprocessor_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
}


@pytest.fixture(scope="module")
def recogniser() -> e.Recogniser:
    return e.Recogniser(e.MODEL)


def test_the_folder_is_complete_and_small() -> None:
    assert {file.name for file in e.MODEL.iterdir()} == REQUIRED
    assert sum(file.stat().st_size for file in e.MODEL.iterdir()) <= 32_000_000


def test_the_numbers_are_those_of_large_v3() -> None:
    config = json.loads((e.MODEL / "generation_config.json").read_text("utf-8"))
    assert config["lang_to_id"]["<|yue|>"] == 50358 and len(config["lang_to_id"]) == 100
    assert config["task_to_id"] == {"transcribe": 50360, "translate": 50359}
    assert config["no_timestamps_token_id"] == 50364
    assert config["alignment_heads"]
    assert v.END not in config["begin_suppress_tokens"]
    tokenizer = v.load_tokenizer(e.MODEL)
    assert tokenizer.get_vocab_size() == 51866
    assert [tokenizer.token_to_id(token) for token in ("<|endoftext|>", "<|yue|>", "<|0.00|>", "<|30.00|>")] == [50257, 50358, 50365, 51865]


def test_it_hears_held_out_utterances(recogniser: e.Recogniser) -> None:
    windows = list(e.test_windows(e.held_out()[:40]))
    texts = recogniser.texts([window.samples for window in windows], timestamps=True)
    assert e.character_error_rate([e.said_text(window) for window in windows], texts) <= 0.12
    hits = [hit for window, text in zip(windows, texts, strict=True) for hit in e.edge_hits(window.said, e.segments_of(text))]
    assert len(hits) == 40
    assert sum(hits) / len(hits) >= 0.9


@pytest.mark.parametrize("timestamps", [False, True])
def test_it_writes_nothing_where_nobody_speaks(recogniser: e.Recogniser, timestamps: bool) -> None:
    sounds = e.empty_sounds()
    chosen = ["digital silence", "digital silence, 0.1 s", "white noise -50 dBFS", "tone 440 Hz", "tone 440 Hz, 2 s"]
    texts = recogniser.texts([sounds[name] for name in chosen], timestamps)
    assert [e.characters_only(text) for text in texts] == [""] * len(chosen)


def test_the_transformers_pipeline_takes_the_folder(spoken: np.ndarray[Any, Any]) -> None:
    from transformers import pipeline

    asked = {"language": "yue", "task": "transcribe"}
    result = pipeline("automatic-speech-recognition", model=str(e.MODEL), device="cpu")(spoken, return_timestamps=True, generate_kwargs=asked)
    assert e.characters_only(result["text"]) == "今日天氣好好"
    assert len(result["chunks"]) == 1


def test_faster_whisper_takes_the_folder(spoken: np.ndarray[Any, Any], tmp_path: Path) -> None:
    converters = pytest.importorskip("ctranslate2.converters")
    faster_whisper = pytest.importorskip("faster_whisper")
    converter = converters.TransformersConverter(str(e.MODEL), copy_files=["tokenizer.json", "preprocessor_config.json"])
    folder = converter.convert(str(tmp_path / "ct2"))
    model = faster_whisper.WhisperModel(folder, device="cpu", compute_type="float32")
    segments, _ = model.transcribe(spoken, language="yue", beam_size=1, temperature=0.0, word_timestamps=True)
    found = list(segments)
    assert [e.characters_only(segment.text) for segment in found] == ["今日天氣好好"]
    assert [word.word for word in found[0].words]


@pytest.fixture(scope="module")
def spoken() -> np.ndarray[Any, Any]:
    from core.practice.shards import speak_16k
    from core.practice.voice import Voice

    return np.concatenate((np.zeros(4000, np.float32), speak_16k("今日天氣好好", Voice("f1")) * 0.3, np.zeros(8000, np.float32)))
