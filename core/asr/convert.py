"""Hugging Face Whisper weights, single or sharded, to mlx-whisper's layout: once, into a cache, without torch.

    model.encoder.layers.0.self_attn.q_proj.weight  ->  encoder.blocks.0.attn.query.weight

Numbers are stored as float16, as the published MLX models are. The folder's name is the fingerprint of what it was made from, so new weights
get a new folder and an old one is never wrong. To change what is written, raise `_VERSION`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, SetupError
from ..files import file_error, make_folder
from .layout import ModelFolder, Tensor, read_folder, read_header

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VERSION = 1
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 16

_RENAMES = (
    (r"^model\.", ""),
    (r"\.layers\.", ".blocks."),
    (r"self_attn_layer_norm", "attn_ln"),
    (r"encoder_attn_layer_norm", "cross_attn_ln"),
    (r"self_attn", "attn"),
    (r"encoder_attn", "cross_attn"),
    (r"q_proj", "query"),
    (r"k_proj", "key"),
    (r"v_proj", "value"),
    (r"out_proj", "out"),
    (r"final_layer_norm", "mlp_ln"),
    (r"fc([12])\.", r"mlp\1."),
    (r"^encoder\.layer_norm", "encoder.ln_post"),
    (r"^decoder\.layer_norm", "decoder.ln"),
    (r"embed_tokens", "token_embedding"),
    (r"^decoder\.embed_positions\.weight", "decoder.positional_embedding"),
)
# the encoder's positions are sinusoids that mlx-whisper computes; the output layer is the token embedding
_NOT_COPIED = ("model.encoder.embed_positions.weight", "proj_out.weight")

_DIMENSIONS = {
    "n_mels": "num_mel_bins",
    "n_audio_ctx": "max_source_positions",
    "n_audio_state": "d_model",
    "n_audio_head": "encoder_attention_heads",
    "n_audio_layer": "encoder_layers",
    "n_vocab": "vocab_size",
    "n_text_ctx": "max_target_positions",
    "n_text_state": "d_model",
    "n_text_head": "decoder_attention_heads",
    "n_text_layer": "decoder_layers",
}


def mlx_folder(folder: ModelFolder, cache: Path | None = None) -> ModelFolder:
    """`folder` itself when it is in MLX's layout, else its conversion in `cache`, made if need be.

    Raises SetupError `asr.bad_config`, `asr.broken_weights` or `asr.number_type`, and InputError `files.*` when the cache cannot be written.
    """
    if folder.layout == "mlx":
        return folder
    cache = cache or default_cache()
    target = cache / fingerprint(folder)
    if not target.is_dir():
        _convert_into(folder, cache, target)
    return read_folder(target)


def default_cache() -> Path:
    """Where converted weights are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("canto-beats", appauthor=False) / "mlx-models"


def fingerprint(folder: ModelFolder) -> str:
    """32 hex digits that differ when the weights or their configuration do.

    Of each file of weights: its size and 64 stretches of 64 KiB at even distances, which is all of a small file. A fine-tune changes every
    tensor, so this finds it without reading gigabytes at each start.
    """
    digest = hashlib.sha256(json.dumps([_VERSION, folder.config, folder.generation], sort_keys=True).encode())
    for file in folder.weights:
        size = file.stat().st_size
        digest.update(f"{file.name} {size}".encode())
        with file.open("rb") as stream:
            for place in range(_SAMPLES):
                stream.seek(max(place * _SAMPLE_BYTES, place * (size - _SAMPLE_BYTES) // (_SAMPLES - 1)))
                digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:32]


def mlx_name(name: str) -> str | None:
    """mlx-whisper's name of a Hugging Face tensor, or None for one that it does not keep."""
    if name in _NOT_COPIED:
        return None
    for pattern, new in _RENAMES:
        name = re.sub(pattern, new, name)
    return name


def _convert_into(folder: ModelFolder, cache: Path, target: Path) -> None:
    """Write beside `target`, then rename: a folder with that name is always whole."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    make_folder(cache)
    if shutil.disk_usage(cache).free < sum(file.stat().st_size for file in folder.weights):
        raise InputError("files.disk_full", file=target)
    with tempfile.TemporaryDirectory(prefix=".converting-", dir=cache, ignore_cleanup_errors=True) as name:
        part = Path(name) / target.name
        try:
            part.mkdir()
            save_file(_weights(folder), part / "weights.safetensors", metadata={"format": "mlx"})
            (part / "config.json").write_text(json.dumps(_config(folder), indent=1), "utf-8")
            (part / "generation_config.json").write_text(json.dumps(folder.generation, indent=1), "utf-8")
            os.replace(part, target)
        except SafetensorError as error:
            raise file_error(OSError(str(error)), target) from error
        except OSError as error:
            # another run may have put it there meanwhile
            if not target.is_dir():
                raise file_error(error, target) from error


def _config(folder: ModelFolder) -> dict[str, Any]:
    try:
        return {"model_type": "whisper", **{ours: folder.config[theirs] for ours, theirs in _DIMENSIONS.items()}}
    except KeyError as error:
        raise SetupError("asr.bad_config", file=folder.path / "config.json", detail=repr(error)) from error


def _weights(folder: ModelFolder) -> dict[str, NDArray[Any]]:
    import numpy as np

    weights: dict[str, NDArray[Any]] = {}
    for file in folder.weights:
        for name, tensor in read_header(file).items():
            new = mlx_name(name)
            if new is None:
                continue
            value = _read(file, tensor)
            # convolutions: (out, in, width) -> (out, width, in)
            value = value.swapaxes(1, 2) if "conv" in name and value.ndim == 3 else value
            weights[new] = np.ascontiguousarray(value, dtype=np.float16)
    if heads := folder.generation.get("alignment_heads"):
        weights["alignment_heads"] = np.array(heads, dtype=np.int32)
    return weights


def _read(file: Path, tensor: Tensor) -> NDArray[np.floating[Any]]:
    """A tensor of a safetensors file, mapped into memory. numpy has no bfloat16: its 16 bits are the upper half of a float32."""
    import numpy as np

    kinds = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
    if tensor.dtype not in kinds:
        raise SetupError("asr.number_type", file=file, kind=tensor.dtype)
    count = (tensor.stop - tensor.start) // np.dtype(kinds[tensor.dtype]).itemsize
    # an odd header length leaves tensors unaligned: memmap copes with any offset
    raw = np.memmap(file, dtype=kinds[tensor.dtype], mode="r", offset=tensor.start, shape=(count,)).reshape(tensor.shape)
    return (raw.astype(np.uint32) << 16).view(np.float32) if tensor.dtype == "BF16" else raw
