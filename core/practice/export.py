"""Write a trained network as a complete Hugging Face Whisper folder.

transformers' pipeline, faster-whisper's converter and the MLX converter read it unchanged. To add a file: write it in `export_model`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import vocabulary as v

if TYPE_CHECKING:
    import torch

    State = dict[str, torch.Tensor]

AlignmentHeads = tuple[tuple[int, int], ...]


def export_model(state: State, config: dict[str, Any], tokenizer: Path, out: Path) -> None:
    """Write weights as fp16 and every side file into `out`; `state` has the full vocabulary, `tokenizer` is a folder of tokenizer files.

    All cross-attention heads count as alignment heads until `write_generation_config` is called with better ones.

    Raises ValueError when a weight does not fit into fp16.
    """
    out.mkdir(parents=True, exist_ok=True)
    _write_weights(state, out / "model.safetensors")
    _write_json(out / "config.json", config)
    _write_json(out / "preprocessor_config.json", preprocessor_config())
    for file in tokenizer.iterdir():
        shutil.copyfile(file, out / file.name)
    layers, heads = config["decoder_layers"], config["decoder_attention_heads"]
    write_generation_config(tuple((layer, head) for layer in range(layers) for head in range(heads)), out)


def write_generation_config(heads: AlignmentHeads, out: Path) -> None:
    """Write generation_config.json into `out`."""
    _write_json(out / "generation_config.json", generation_config(heads))


def generation_config(heads: AlignmentHeads) -> dict[str, Any]:
    """Whisper's decoding numbers.

    <|endoftext|> may come first (begin_suppress_tokens holds only the blank): for a window without speech that is the right answer.
    """
    return {
        "alignment_heads": [list(head) for head in heads],
        "begin_suppress_tokens": [220],
        "bos_token_id": v.END,
        "decoder_start_token_id": v.START,
        "eos_token_id": v.END,
        "is_multilingual": True,
        "lang_to_id": v.languages(),
        "max_length": v.MAX_TOKENS,
        "no_timestamps_token_id": v.NO_TIMESTAMPS,
        "pad_token_id": v.END,
        "prev_sot_token_id": v.START_OF_PREVIOUS,
        "return_timestamps": False,
        "suppress_tokens": [v.START, v.TRANSLATE, v.TRANSCRIBE, v.START_OF_LM, v.START_OF_PREVIOUS, v.NO_SPEECH],
        "task_to_id": {"transcribe": v.TRANSCRIBE, "translate": v.TRANSLATE},
    }


def preprocessor_config() -> dict[str, Any]:
    """Whisper's log-mel front end: 80 bands, 25 ms windows every 10 ms at 16 kHz, 30 s."""
    return {
        "chunk_length": 30,
        "dither": 0.0,
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": 80,
        "hop_length": 160,
        "n_fft": 400,
        "n_samples": 480000,
        "nb_max_frames": 3000,
        "padding_side": "right",
        "padding_value": 0.0,
        "processor_class": "WhisperProcessor",
        "return_attention_mask": False,
        "sampling_rate": 16000,
    }


def _write_weights(state: State, path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    half = {name: tensor.detach().cpu().to(torch.float16).contiguous() for name, tensor in state.items()}
    broken = [name for name, tensor in half.items() if not torch.isfinite(tensor).all()]
    if broken:
        raise ValueError(f"weights outside fp16: {', '.join(broken)}")
    partial = path.with_suffix(".partial")
    save_file(half, str(partial), metadata={"format": "pt"})
    # safetensors makes files that only their owner can read
    partial.chmod(0o644)
    os.replace(partial, path)


def _write_json(path: Path, value: Any) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    os.replace(partial, path)
