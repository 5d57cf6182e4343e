"""Whisper through MLX: the fast way on Apple Silicon; MLX's CPU and CUDA builds run the same code elsewhere.

The network and the vocabulary are mlx-whisper's; the decode loop is `decoding.py`. A folder in Hugging Face's layout is converted once
(`convert.py`). MLX ties unevaluated arrays to the thread that made them, so everything is evaluated before a call returns.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from ..errors import SetupError
from ..hardware import Device, DeviceManager, lanes, sync_steps
from .arrays import mlx_arrays
from .convert import mlx_folder
from .heads import alignment_heads
from .layout import ENCODER_ROWS, ModelFolder, read_folder, stored_format
from .net_mlx import MlxBatch, MlxDecoder, encode
from .tokens import SpecialTokens, special_tokens
from .whisper import Whisper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class WhisperMlx(Whisper):
    """The Transcriber; `device` is 'mlx'. `cache` is where converted weights are kept (the system's place for caches by default)."""

    def __init__(self, folder: Path, device: Device = "mlx", cache: Path | None = None) -> None:
        super().__init__(folder, device)
        self._cache = cache

    def _load(self) -> MlxModel:
        folder = mlx_folder(read_folder(self._path), self._cache)
        return load_model(folder, special_tokens(folder))


class MlxModel:
    """`decoding.Model` over an mlx_whisper.whisper.Whisper whose parameters are evaluated."""

    def __init__(self, net: Any, special: SpecialTokens, words: Any) -> None:
        """`words` is mlx-whisper's tokenizer."""
        self.net, self.special, self._words = net, special, words
        self.n_mels, self.n_text_ctx = net.dims.n_mels, net.dims.n_text_ctx
        self.arrays, self.lanes = mlx_arrays(), lanes("mlx")
        self.dtype = net.encoder._positional_embedding.dtype
        self._decoder = MlxDecoder(self.net.decoder)
        self._heads = alignment_heads(net.alignment_heads.tolist(), (net.dims.n_text_layer, net.dims.n_text_head, net.dims.n_vocab))
        self._sync_steps = sync_steps("mlx")

    def encode(self, mel: NDArray[np.float32]) -> Any:
        """See `decoding.Model`."""
        import mlx.core as mx

        # every batch leaves buffers of its own sizes behind
        mx.clear_cache()
        parts = []
        for first in range(0, len(mel), ENCODER_ROWS):
            parts.append(encode(self.net.encoder, mx.array(mel[first : first + ENCODER_ROWS]).astype(self.dtype)))
            mx.eval(parts[-1])
        features = mx.concatenate(parts)
        mx.eval(features)
        return features

    def begin(self, features: Any, prompt: Sequence[int], room: int) -> WhisperBatch:
        """See `decoding.Model`."""
        return WhisperBatch(self, features, prompt, room)

    def looks(self, features: Any, tokens: Sequence[Sequence[int]]) -> Any:
        """See `alignment.Looker`."""
        import mlx.core as mx

        return self._decoder.looks(features, mx.array([list(row) for row in tokens]), self._heads)

    def text(self, tokens: Sequence[int]) -> str:
        """See `decoding.Model`."""
        return str(self._words.encoding.decode(list(tokens)))

    def tokens(self, text: str) -> list[int]:
        """See `decoding.Model`."""
        return list(self._words.encoding.encode(text))


def load_model(folder: ModelFolder, special: SpecialTokens) -> MlxModel:
    """The model in a folder of MLX's layout. Raises ValueError and what MLX raises for weights that do not fit."""
    import mlx.core as mx

    languages = special.transcribe - special.start - 2
    words = mlx_whisper_part("tokenizer").get_tokenizer(True, num_languages=languages)
    # an MLX folder names no forbidden tokens: OpenAI's own list holds
    known = special if "suppress_tokens" in folder.generation else replace(special, suppressed=words.non_speech_tokens)
    return MlxModel(_load(folder, getattr(mx, DeviceManager("mlx").format_for(stored_format(folder)))), known, words)


class WhisperBatch(MlxBatch):
    """`writing.Batch` of a loaded model."""

    def __init__(self, model: MlxModel, features: Any, prompt: Sequence[int], room: int) -> None:
        super().__init__(model._decoder, features, prompt, (room, model._sync_steps, list(prompt).index(model.special.start)))
        self._no_speech = model.special.no_speech

    def no_speech(self) -> list[float]:
        """See `writing.Batch`."""
        return self.no_speech_of(self._no_speech)


def _load(folder: ModelFolder, dtype: Any) -> Any:
    """The network with every parameter from the file (a missing or surplus one raises ValueError), evaluated."""
    import mlx.core as mx
    from mlx import nn

    whisper = mlx_whisper_part("whisper")
    names = whisper.ModelDimensions.__dataclass_fields__
    net = whisper.Whisper(whisper.ModelDimensions(**{name: folder.config[name] for name in names}), dtype)
    weights = cast("dict[str, Any]", mx.load(str(folder.weights[0])))
    if quantization := folder.config.get("quantization"):
        nn.quantize(net, **quantization, class_predicate=lambda path, _: f"{path}.scales" in weights)
    # their number is the model's own; the files of some converters leave them out
    net.alignment_heads = weights.setdefault("alignment_heads", net.alignment_heads)
    net.load_weights([(name, value.astype(dtype) if mx.issubdtype(value.dtype, mx.floating) else value) for name, value in weights.items()])
    mx.eval(net.parameters(), net.encoder._positional_embedding, net.decoder._mask)
    return net


def mlx_whisper_part(name: str) -> ModuleType:
    """A module of mlx-whisper without its package's own imports: those of `transcribe` (numba, scipy) take two seconds and are not used.

    Raises SetupError `asr.no_mlx_whisper`.
    """
    alias = "_mlx_whisper_parts"
    if alias not in sys.modules:
        spec = find_spec("mlx_whisper")
        if spec is None or spec.submodule_search_locations is None:
            raise SetupError("asr.no_mlx_whisper")
        package = ModuleType(alias)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[alias] = package
    return importlib.import_module(f"{alias}.{name}")
