"""Folders of Qwen3-ASR and its aligner: random models of the smallest size, with the files, key names and config.json of the published ones.

Sizes are small and the vocabulary is 600 characters, so that what a random model writes can be read; marks follow the text as in Qwen's own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

Tensors = dict[str, NDArray[Any]]

WIDTH, HEARD, CHANNELS, MELS = 16, 8, 2, 128
STEPS = 60  # of 80 ms that the aligner knows; the real one 5,000
_LETTERS = [chr(0x4E00 + number) for number in range(600)]
MARKS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|audio_start|>",
    "<|audio_end|>",
    "<|audio_pad|>",
    "<asr_text>",
    "<timestamp>",
)


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte, which Qwen's vocabulary is written with."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(spare)) for byte in range(256)]


def _vocabulary() -> tuple[dict[str, int], list[str]]:
    letters = _byte_letters()
    words, merges = list(letters), []
    for character in _LETTERS:
        one, two, three = (letters[byte] for byte in character.encode())
        for left, right in ((one, two), (one + two, three)):
            if left + right not in words:
                words.append(left + right)
                merges.append(f"{left} {right}")
    return {word: number for number, word in enumerate(words)}, merges


_WORDS, _MERGES = _vocabulary()
TEXT_STOP = len(_WORDS)
VOCABULARY = TEXT_STOP + len(MARKS) + 8  # Qwen's matrices are larger than its vocabulary, too
MARK = {mark: TEXT_STOP + number for number, mark in enumerate(MARKS)}

_AUDIO = {
    "num_mel_bins": MELS,
    "encoder_layers": 1,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 16,
    "d_model": HEARD,
    "output_dim": WIDTH,
    "downsample_hidden_size": CHANNELS,
    "max_source_positions": 1500,
    "n_window": 50,
    "n_window_infer": 800,
    "conv_chunksize": 500,
    "scale_embedding": False,
    "activation_function": "gelu",
    "model_type": "qwen3_asr_audio_encoder",
}
_TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000,
    "rope_scaling": {"rope_type": "default", "mrope_section": [24, 20, 20], "mrope_interleaved": True},
    "tie_word_embeddings": True,
    "hidden_act": "silu",
}
_NUMBERS = {
    "audio_token_id": MARK["<|audio_pad|>"],
    "audio_start_token_id": MARK["<|audio_start|>"],
    "audio_end_token_id": MARK["<|audio_end|>"],
    "dtype": "bfloat16",
}
CONFIG: dict[str, Any] = {
    "architectures": ["Qwen3ASRForConditionalGeneration"],
    "model_type": "qwen3_asr",
    "support_languages": ["Chinese", "English", "Cantonese"],
    "thinker_config": {"model_type": "qwen3_asr", "audio_config": _AUDIO, "text_config": _TEXT, **_NUMBERS},
}
ALIGNER_CONFIG: dict[str, Any] = {
    "architectures": ["Qwen3ASRForConditionalGeneration"],
    "model_type": "qwen3_asr",
    "timestamp_token_id": MARK["<timestamp>"],
    "timestamp_segment_time": 80,
    "thinker_config": {
        "model_type": "qwen3_forced_aligner",
        "classify_num": STEPS,
        "audio_config": _AUDIO,
        "text_config": {**_TEXT, "tie_word_embeddings": False},
        **_NUMBERS,
    },
}


def random_weights(seed: int = 0, *, aligns: bool = False) -> Tensors:
    """Tensors in MLX's key names and order of axes, large enough that the likeliest token is clear."""
    shapes: dict[str, tuple[int, ...]] = {"audio_tower.conv_out.weight": (HEARD, CHANNELS * 16)}
    for number, inputs in ((1, 1), (2, CHANNELS), (3, CHANNELS)):
        shapes |= {f"audio_tower.conv2d{number}.weight": (CHANNELS, 3, 3, inputs), f"audio_tower.conv2d{number}.bias": (CHANNELS,)}
    for part in ("q", "k", "v", "out"):
        shapes |= _linear(f"audio_tower.layers.0.self_attn.{part}_proj", HEARD, HEARD)
    shapes |= _linear("audio_tower.layers.0.fc1", 16, HEARD) | _linear("audio_tower.layers.0.fc2", HEARD, 16)
    for norm in ("layers.0.self_attn_layer_norm", "layers.0.final_layer_norm", "ln_post"):
        shapes |= {f"audio_tower.{norm}.weight": (HEARD,), f"audio_tower.{norm}.bias": (HEARD,)}
    shapes |= _linear("audio_tower.proj1", HEARD, HEARD) | _linear("audio_tower.proj2", WIDTH, HEARD)
    shapes |= {"model.embed_tokens.weight": (VOCABULARY, WIDTH), "model.norm.weight": (WIDTH,)}
    base = "model.layers.0"
    for part, size in (("q", 16), ("k", 8), ("v", 8)):
        shapes[f"{base}.self_attn.{part}_proj.weight"] = (size, WIDTH)
    shapes |= {f"{base}.self_attn.o_proj.weight": (WIDTH, 16), f"{base}.self_attn.q_norm.weight": (8,), f"{base}.self_attn.k_norm.weight": (8,)}
    shapes |= {f"{base}.mlp.{part}_proj.weight": (32, WIDTH) for part in ("gate", "up")} | {f"{base}.mlp.down_proj.weight": (WIDTH, 32)}
    shapes |= {f"{base}.{norm}.weight": (WIDTH,) for norm in ("input_layernorm", "post_attention_layernorm")}
    if aligns:
        shapes["lm_head.weight"] = (STEPS, WIDTH)
    random = np.random.default_rng(seed)
    tensors: Tensors = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    # what is written changes from step to step and the aligner's times from word to word; parts of characters are hardly ever the likeliest
    tensors["model.layers.0.self_attn.o_proj.weight"] *= 3 if aligns else 0.3
    tensors["model.layers.0.self_attn.k_norm.weight"] *= 4 if aligns else 1
    tensors["model.embed_tokens.weight"][[number for word, number in _WORDS.items() if len(word) < 3]] *= 0.01
    return tensors


def _linear(name: str, outputs: int, inputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def as_published(tensors: Tensors) -> Tensors:
    """The same in Qwen's own layout: 'thinker.' before every name, and pictures' axes as torch has them."""
    return {
        f"thinker.{name}": np.ascontiguousarray(value.transpose(0, 3, 1, 2)) if "conv2d" in name and value.ndim == 4 else value
        for name, value in tensors.items()
    }


def write_qwen(folder: Path, tensors: Tensors, config: dict[str, Any] = CONFIG) -> Path:
    """A complete folder: config.json, model.safetensors, vocabulary and marks."""
    folder.mkdir(parents=True)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "mlx"})
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "vocab.json").write_text(json.dumps(_WORDS, ensure_ascii=False), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(_MERGES) + "\n", "utf-8")
    added = {
        str(number): {"content": mark, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": mark.startswith("<|")}
        for mark, number in MARK.items()
    }
    tokenizer = {"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": added, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), "utf-8")
    extractor = {"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": MELS, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(extractor), "utf-8")
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [MARK["<|endoftext|>"], MARK["<|im_end|>"]]}), "utf-8")
    return folder
