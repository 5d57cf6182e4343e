"""Whisper weights in Hugging Face's layout as the one file that whisper.cpp reads, for `bench asr`.

    magic, 11 sizes | mel filters | vocabulary | tensors: number of dimensions, length of the name, type, sizes from the last to the first, name, data

Matrices are float16 and the rest float32: whisper.cpp 1.8 stops at a convolution in float32 (`ggml_compute_forward_im2col`). Names are OpenAI's.
Source of the format: whisper.cpp `whisper_model_load`. Another tensor that has to be float32 there is another word of `_SINGLE`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..asr.convert import mlx_name
from ..asr.mel import mel_filters
from ..files import replacing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = 0x67676D6C
_SIZES = (
    "vocab_size",
    "max_source_positions",
    "d_model",
    "encoder_attention_heads",
    "encoder_layers",
    "max_target_positions",
    "d_model",
    "decoder_attention_heads",
    "decoder_layers",
    "num_mel_bins",
)
_SINGLE = "positional_embedding"
_TEXT_TOKENS = 50257


def write_ggml(folder: Path, target: Path) -> None:
    """Write the weights in `folder` (one model.safetensors, tokenizer.json) to `target`. Raises OSError, KeyError and ValueError."""
    import numpy as np

    config = json.loads((folder / "config.json").read_text("utf-8"))
    filters = mel_filters(config["num_mel_bins"]).T
    with replacing(target) as part, part.open("wb") as file:
        file.write(struct.pack("<12i", _MAGIC, *(config[name] for name in _SIZES), 1))
        file.write(struct.pack("<2i", *filters.shape) + np.ascontiguousarray(filters, "<f4").tobytes())
        _write_vocabulary(folder, file)
        for name, tensor in _tensors(folder):
            _write_tensor(name, tensor, file)


def _write_vocabulary(folder: Path, file: BinaryIO) -> None:
    """Every text token's bytes; the file of the tokenizer has a letter for each byte."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    bytes_of = {letter: byte for byte, letter in bytes_to_unicode().items()}
    numbers: dict[str, int] = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    tokens = sorted((number, token) for token, number in numbers.items() if number < _TEXT_TOKENS)
    file.write(struct.pack("<i", len(tokens)))
    for _, token in tokens:
        data = bytes(bytes_of[letter] for letter in token)
        file.write(struct.pack("<i", len(data)) + data)


def _tensors(folder: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    """OpenAI's names and the tensors; mlx-whisper's differ from them in the numbers of the two layers between the attentions."""
    from safetensors.numpy import load_file

    for name, tensor in load_file(folder / "model.safetensors").items():
        new = "encoder.positional_embedding" if name == "model.encoder.embed_positions.weight" else mlx_name(name)
        if new is not None:
            # a convolution's bias is a column
            column = tensor[:, None] if "conv" in new and tensor.ndim == 1 else tensor
            yield new.replace("mlp1", "mlp.0").replace("mlp2", "mlp.2"), column


def _write_tensor(name: str, tensor: NDArray[Any], file: BinaryIO) -> None:
    import numpy as np

    half = tensor.ndim > 1 and tensor.shape[-1] > 1 and _SINGLE not in name
    data: NDArray[np.floating[Any]] = np.ascontiguousarray(tensor, "<f2" if half else "<f4")
    file.write(struct.pack("<3i", data.ndim, len(name), half) + struct.pack(f"<{data.ndim}i", *reversed(data.shape)))
    file.write(name.encode() + data.tobytes())
