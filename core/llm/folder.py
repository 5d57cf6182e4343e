"""What a folder with a language model's weights says about itself, without loading it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import SetupError

_WORKING_BYTES = 10**9


def read_config(folder: Path) -> dict[str, Any]:
    """config.json. Raises SetupError `llm.bad_config`, also for a model that is no causal language model (a Whisper, say)."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        kinds = config.get("architectures") or ["ForCausalLM"]
        fine = "model_type" in config and any("ForCausalLM" in kind for kind in kinds)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SetupError("llm.bad_config", folder=folder, detail=repr(error)) from error
    if not fine:
        raise SetupError("llm.bad_config", folder=folder, detail=f"architectures: {kinds}")
    return config


def is_quantised(folder: Path) -> bool:
    """True for weights of MLX's or another library's quantisation. Raises SetupError `llm.bad_config`."""
    config = read_config(folder)
    return "quantization" in config or "quantization_config" in config


def is_half(folder: Path) -> bool:
    """True for weights of two bytes each. Raises SetupError `llm.bad_config`."""
    config = read_config(folder)
    return str(config.get("dtype") or config.get("torch_dtype")).removeprefix("torch.") in ("float16", "bfloat16")


def weight_bytes(folder: Path) -> int:
    """The size of the weights on disk."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def need_bytes(folder: Path, widened: float = 1.0) -> int:
    """An estimate of the memory that the model takes, `widened` times its size on disk plus 1 GB to work with."""
    return int(weight_bytes(folder) * widened) + _WORKING_BYTES
