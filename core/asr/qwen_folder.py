"""Folders of Qwen3-ASR and of its forced aligner, and mlx-audio's classes for what lies in them.

    config.json             model_type qwen3_asr; the sizes stand in thinker_config; MLX's conversions add their quantization
    model.safetensors       or shards; Qwen's own key names begin with 'thinker.', those of MLX's conversions do not: both load
    vocab.json, merges.txt  or tokenizer.json; the marks (<|audio_pad|>, <asr_text>, <timestamp>) in tokenizer_config.json

mlx-audio's packages import eighteen other recognisers, torch and transformers (six seconds); only the modules of this one are loaded here.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import SetupError
from ..hardware import number_format
from .layout import check_weights, read_json, weight_files

MODEL_TYPE = "qwen3_asr"
_ALIGNER_TYPE = "qwen3_forced_aligner"
_PACKAGES = ("mlx_audio.stt", "mlx_audio.stt.models")


@dataclass(frozen=True, slots=True)
class QwenFolder:
    """A folder whose weights are whole. `config` is its config.json; `aligns` says which of the two models it is."""

    path: Path
    config: dict[str, Any]
    weights: tuple[Path, ...]
    aligns: bool


def read_qwen(path: Path, *, aligns: bool = False) -> QwenFolder:
    """Look into `path`, where the recogniser or the aligner should be.

    Raises SetupError `asr.no_folder`, `asr.bad_config`, `asr.not_qwen`, `asr.no_weights` or `asr.broken_weights`.
    """
    if not path.is_dir():
        raise SetupError("asr.no_folder", folder=path)
    config = read_json(path / "config.json")
    outer = config.get("model_type", "?")
    found = config.get("thinker_config", {}).get("model_type", outer)
    if outer not in (MODEL_TYPE, _ALIGNER_TYPE) or (found == _ALIGNER_TYPE) != aligns:
        raise SetupError("asr.not_qwen", folder=path, kind=found, wanted=_ALIGNER_TYPE if aligns else MODEL_TYPE)
    weights = weight_files(path, "hf")
    for file in weights:
        check_weights(file)
    return QwenFolder(path, config, weights, aligns)


def load_net(folder: QwenFolder) -> Any:
    """mlx-audio's network with every parameter from the files, evaluated; in single precision where the processor computes.

    Elsewhere numbers stay what they were made in: Qwen's bfloat16 has a range that float16 lacks. Raises ValueError when a parameter is missing
    or of another size, and what MLX raises for weights that do not fit.
    """
    import mlx.core as mx
    from mlx.utils import tree_flatten

    net = _empty(folder)
    weights: dict[str, Any] = {}
    for file in folder.weights:
        weights |= mx.load(str(file))  # type: ignore[arg-type]
    weights = net.sanitize(weights)
    _quantise(net, folder.config, weights)
    wanted = [name for name, _ in tree_flatten(net.parameters())]
    if missing := [name for name in wanted if name not in weights]:
        raise ValueError(f"missing: {', '.join(missing[:8])}")
    net.load_weights([(name, weights[name]) for name in wanted])
    if number_format("mlx") == "float32":
        net.set_dtype(mx.float32)
    net.eval()
    mx.eval(net.parameters())
    return net


def _empty(folder: QwenFolder) -> Any:
    if folder.aligns:
        part = qwen_part("qwen3_forced_aligner")
        return part.ForcedAlignerModel(part.ForcedAlignerConfig.from_dict(folder.config))
    return qwen_part("qwen3_asr").Qwen3ASRModel(qwen_part("config").ModelConfig.from_dict(folder.config))


def _quantise(net: Any, config: dict[str, Any], weights: dict[str, Any]) -> None:
    """Make room for packed weights where the file has them; a layer may have bits of its own."""
    from mlx import nn

    if not (settings := config.get("quantization") or config.get("quantization_config")):
        return
    nn.quantize(
        net,
        group_size=settings.get("group_size", 64),
        bits=settings["bits"],
        mode=settings.get("mode", "affine"),
        class_predicate=lambda path, _: f"{path}.scales" in weights and settings.get(path, True),
    )


class Vocabulary:
    """Text as token ids and back. Raises SetupError `asr.no_vocabulary` where the folder's is missing or damaged or lacks one of the `marks`."""

    def __init__(self, path: Path, marks: Sequence[str]) -> None:
        if not (path / "tokenizer.json").exists() and not (path / "vocab.json").exists():
            raise SetupError("asr.no_vocabulary", folder=path)
        from transformers import Qwen2Tokenizer

        try:
            self._tokenizer = Qwen2Tokenizer.from_pretrained(path, local_files_only=True).backend_tokenizer
        except Exception as error:  # tokenizers has no exception of its own
            raise SetupError("asr.no_vocabulary", folder=path, detail=repr(error)) from error
        found = {mark: self._tokenizer.token_to_id(mark) for mark in marks}
        if absent := [mark for mark, number in found.items() if number is None]:
            raise SetupError("asr.no_vocabulary", folder=path, detail=f"missing: {', '.join(absent)}")
        self.marks: dict[str, int] = found

    def ids(self, text: str) -> list[int]:
        """Marks in the text become their own ids."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def text(self, ids: Sequence[int]) -> str:
        """What these ids say; bytes that are no UTF-8 become U+FFFD."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))


def qwen_part(name: str) -> ModuleType:
    """A module of mlx-audio's Qwen3-ASR. Raises SetupError `asr.no_mlx_audio`."""
    spec = find_spec("mlx_audio")
    if spec is None or spec.submodule_search_locations is None:
        raise SetupError("asr.no_mlx_audio")
    root = Path(next(iter(spec.submodule_search_locations))).parent
    for package in _PACKAGES:
        if package not in sys.modules:
            bare = ModuleType(package)
            bare.__path__ = [str(root.joinpath(*package.split(".")))]
            sys.modules[package] = bare
    return importlib.import_module(f"{_PACKAGES[-1]}.qwen3_asr.{name}")
