"""Whisper folders and audio for the recognition tests: random models of the smallest size, in Hugging Face's layout."""

from __future__ import annotations

import json
import shutil
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

import core.practice
from core.audio.wav import SAMPLE_RATE, Audio

PRACTICE = Path(core.practice.__file__).parent / "model"

CONFIG = {
    "model_type": "whisper",
    "architectures": ["WhisperForConditionalGeneration"],
    "vocab_size": 51866,
    "num_mel_bins": 80,
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_source_positions": 1500,
    "max_target_positions": 448,
    "bos_token_id": 50257,
    "eos_token_id": 50257,
    "pad_token_id": 50257,
    "decoder_start_token_id": 50258,
}


def random_weights(seed: int = 0) -> dict[str, NDArray[np.float16]]:
    """Tensors of a Whisper with CONFIG's sizes, large enough that the likeliest token is clear."""
    random, width = np.random.default_rng(seed), CONFIG["d_model"]
    shapes: dict[str, tuple[int, ...]] = {
        "model.encoder.conv1.weight": (width, 80, 3),
        "model.encoder.conv1.bias": (width,),
        "model.encoder.conv2.weight": (width, width, 3),
        "model.encoder.conv2.bias": (width,),
        "model.decoder.embed_tokens.weight": (51866, width),
        "model.decoder.embed_positions.weight": (448, width),
    }
    for side in ("encoder", "decoder"):
        for attention in ("self_attn", "encoder_attn")[: 1 if side == "encoder" else 2]:
            base = f"model.{side}.layers.0.{attention}"
            shapes |= {f"{base}.{part}_proj.weight": (width, width) for part in "qkv"} | {f"{base}.out_proj.weight": (width, width)}
            shapes |= {f"{base}.{part}_proj.bias": (width,) for part in "qv"} | {f"{base}.out_proj.bias": (width,)}
            shapes |= _norm(f"{base}_layer_norm")
        shapes |= {f"model.{side}.layers.0.fc1.weight": (64, width), f"model.{side}.layers.0.fc1.bias": (64,)}
        shapes |= {f"model.{side}.layers.0.fc2.weight": (width, 64), f"model.{side}.layers.0.fc2.bias": (width,)}
        shapes |= _norm(f"model.{side}.layers.0.final_layer_norm") | _norm(f"model.{side}.layer_norm")
    tensors = {name: (random.standard_normal(shape) * 0.5).astype(np.float16) for name, shape in shapes.items()}
    tensors["model.encoder.embed_positions.weight"] = _sinusoids(1500, 16)
    return tensors


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (16,), f"{name}.bias": (16,)}


def _sinusoids(length: int, width: int) -> NDArray[np.float16]:
    steps = np.exp(-np.log(10000) / (width // 2 - 1) * np.arange(width // 2))
    angles = np.arange(length)[:, None] * steps
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float16)


def write_model(folder: Path, tensors: dict[str, NDArray[Any]], **config: object) -> Path:
    """A complete folder in Hugging Face's layout, vocabulary included."""
    folder.mkdir(parents=True)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(CONFIG | config), "utf-8")
    (folder / "generation_config.json").write_text(json.dumps({"suppress_tokens": [1, 2], "alignment_heads": [[0, 1]]}), "utf-8")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(PRACTICE / name, folder / name)
    return folder


def write_wav(path: Path, samples: NDArray[np.floating[Any]]) -> Audio:
    """Samples in -1..1 as a job's audio."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return Audio(path, len(samples))
