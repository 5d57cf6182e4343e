"""What lies in a folder of Whisper weights: Hugging Face's layout or mlx-whisper's, whole or broken. Reads headers only.

    hf   config.json (d_model ...), model.safetensors or shards named by model.safetensors.index.json
    mlx  config.json (n_audio_state ...), weights.safetensors or weights.npz

A third layout gets a name in `Layout`, a test in `_sniff` and a list of files in `weight_files`.
"""

from __future__ import annotations

import json
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import SetupError
from ..hardware import NumberFormat

Layout = Literal["hf", "mlx"]

# the encoder is bound by arithmetic, not by memory: more rows at once would cost memory and save no time
ENCODER_ROWS = 4

_DIMENSIONS = {
    "hf": ("num_mel_bins", "vocab_size", "max_target_positions"),
    "mlx": ("n_mels", "n_vocab", "n_text_ctx"),
}
_FORMATS: dict[str, NumberFormat] = {"F16": "float16", "BF16": "bfloat16", "F32": "float32"}
# what a fine-tune may keep in config.json instead of generation_config.json
_GENERATION_KEYS = ("lang_to_id", "no_timestamps_token_id", "suppress_tokens", "alignment_heads")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder whose weights are whole. `config` and `generation` are its JSON files; `generation` is {} where an MLX folder has none."""

    path: Path
    layout: Layout
    weights: tuple[Path, ...]
    config: dict[str, Any]
    generation: dict[str, Any]
    n_mels: int
    n_vocab: int
    n_text_ctx: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """One entry of a safetensors file: its type ('F16'), shape, and where its bytes begin and end in the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def read_folder(path: Path) -> ModelFolder:
    """Look into `path`.

    Raises SetupError `asr.no_folder`, `asr.bad_config`, `asr.not_whisper`, `asr.no_weights` or `asr.broken_weights`.
    """
    if not path.is_dir():
        raise SetupError("asr.no_folder", folder=path)
    config = read_json(path / "config.json")
    layout = _sniff(config, path)
    weights = weight_files(path, layout)
    for file in weights:
        check_weights(file)
    try:
        n_mels, n_vocab, n_text_ctx = (int(config[name]) for name in _DIMENSIONS[layout])
    except (KeyError, TypeError, ValueError) as error:
        raise SetupError("asr.bad_config", file=path / "config.json", detail=repr(error)) from error
    return ModelFolder(path, layout, weights, config, _generation(path, layout, config), n_mels, n_vocab, n_text_ctx)


def read_header(file: Path) -> dict[str, Tensor]:
    """Names and places of the tensors in a safetensors file. Raises SetupError `asr.broken_weights` unless every tensor is whole.

    Format: 8 bytes little-endian length, that many bytes of JSON, then the tensors (huggingface/safetensors README).
    """
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            size = file.stat().st_size
            if length > size:
                raise ValueError(f"a header of {length} bytes in a file of {size}")
            header = json.loads(stream.read(length))
        tensors = {name: _tensor(entry, 8 + length) for name, entry in header.items() if name != "__metadata__"}
        needed = max(tensor.stop for tensor in tensors.values())
        if needed > size:
            raise ValueError(f"{size} of {needed} bytes")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise SetupError("asr.broken_weights", file=file, detail=repr(error)) from error
    return tensors


def stored_format(folder: ModelFolder) -> NumberFormat:
    """What the weights were made in, by the largest tensor of the first file that is no whole numbers; an npz is taken for float16."""
    if folder.weights[0].suffix != ".safetensors":
        return "float16"
    tensors = [tensor for tensor in read_header(folder.weights[0]).values() if tensor.dtype in _FORMATS]
    return _FORMATS[max(tensors, key=lambda tensor: tensor.stop - tensor.start).dtype] if tensors else "float16"


def check_weights(file: Path) -> None:
    """Raise SetupError `asr.broken_weights` when a safetensors or npz file is cut short or something else."""
    if file.suffix == ".safetensors":
        read_header(file)
    elif not zipfile.is_zipfile(file):
        raise SetupError("asr.broken_weights", file=file, detail="not a zip archive")


def _tensor(entry: dict[str, Any], base: int) -> Tensor:
    start, stop = entry["data_offsets"]
    return Tensor(entry["dtype"], tuple(entry["shape"]), base + start, base + stop)


def read_json(file: Path) -> dict[str, Any]:
    """A model's JSON object. Raises SetupError `asr.bad_config`."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError("asr.bad_config", file=file, detail=repr(error)) from error
    if not isinstance(content, dict):
        raise SetupError("asr.bad_config", file=file, detail="not a JSON object")
    return content


def _sniff(config: dict[str, Any], path: Path) -> Layout:
    if "n_audio_state" in config:
        return "mlx"
    if config.get("model_type") == "whisper":
        return "hf"
    raise SetupError("asr.not_whisper", folder=path, kind=config.get("model_type", "?"))


def weight_files(path: Path, layout: Layout) -> tuple[Path, ...]:
    """The files that hold a folder's weights in this layout. Raises SetupError `asr.no_weights`."""
    index = path / "model.safetensors.index.json"
    if layout == "hf" and index.exists() and not (path / "model.safetensors").exists():
        shards = set(read_json(index).get("weight_map", {}).values())
        files = [path / name for name in sorted(shards)]
        missing = [file.name for file in files if not file.exists()] or ([] if files else [index.name])
    else:
        names = ("model.safetensors",) if layout == "hf" else ("weights.safetensors", "weights.npz")
        files = [path / name for name in names if (path / name).exists()][:1]
        missing = [] if files else [names[0]]
    if missing:
        raise SetupError("asr.no_weights", folder=path, files=", ".join(missing))
    return tuple(files)


def _generation(path: Path, layout: Layout, config: dict[str, Any]) -> dict[str, Any]:
    file = path / "generation_config.json"
    own = read_json(file) if file.exists() else {}
    if layout == "mlx":
        return own
    return {"suppress_tokens": None, **{key: config[key] for key in _GENERATION_KEYS if key in config}, **own}
