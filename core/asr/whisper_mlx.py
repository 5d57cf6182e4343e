"""Whisper through MLX: the fast way on Apple Silicon; MLX's CPU and CUDA builds run the same code elsewhere.

The network and the vocabulary are mlx-whisper's; the decode loop is `decoding.py`. A folder in Hugging Face's layout is converted once
(`convert.py`). MLX ties unevaluated arrays to the thread that made them, so everything is evaluated before a call returns.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from ..errors import SetupError
from ..hardware import Device, number_format, release_memory
from .base import ChunkResult, TranscribeOptions
from .convert import mlx_folder
from .decoding import transcribe_chunks
from .faults import computing, loading
from .layout import ModelFolder, read_folder
from .rules import Allowed
from .tokens import STAMPS, SpecialTokens, special_tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..speech.chunks import Chunk


class WhisperMlx:
    """The Transcriber; `device` is 'mlx'. `cache` is where converted weights are kept (the system's place for caches by default)."""

    def __init__(self, folder: Path, device: Device = "mlx", cache: Path | None = None) -> None:
        self._path, self._device, self._cache = folder, device, cache
        self._model: MlxModel | None = None

    def __enter__(self) -> Self:
        folder = mlx_folder(read_folder(self._path), self._cache)
        special = special_tokens(folder)
        with loading(self._path, self._device):
            self._model = MlxModel(folder, special)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._model = None
        release_memory(self._device)

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        """See `base.Transcriber`."""
        if self._model is None:
            raise ValueError("a transcriber is used inside its with block")
        with computing(self._path, self._device):
            yield from transcribe_chunks(self._model, audio, chunks, options)


class MlxModel:
    """`decoding.Model` over mlx_whisper.whisper.Whisper."""

    def __init__(self, folder: ModelFolder, special: SpecialTokens) -> None:
        import mlx.core as mx

        self.n_mels, self.n_text_ctx = folder.n_mels, folder.n_text_ctx
        self.dtype = getattr(mx, number_format("mlx"))
        languages = special.transcribe - special.start - 2
        self._words = mlx_whisper_part("tokenizer").get_tokenizer(True, num_languages=languages)
        # an MLX folder names no forbidden tokens: OpenAI's own list holds
        self.special = special if "suppress_tokens" in folder.generation else replace(special, suppressed=self._words.non_speech_tokens)
        self.net = _load(folder, self.dtype)
        forbidden = mx.zeros(special.end)
        if self.special.suppressed:
            forbidden[mx.array(self.special.suppressed)] = -mx.inf
        self._forbidden, self._steps = forbidden, mx.arange(STAMPS)
        mx.eval(self._forbidden, self._steps)

    def begin(self, mel: NDArray[np.float32], prompt: Sequence[int]) -> MlxBatch:
        """See `decoding.Model`."""
        import mlx.core as mx

        # every batch leaves buffers of its own sizes behind
        mx.clear_cache()
        return MlxBatch(self, self.net.encoder(mx.array(mel).astype(self.dtype)), prompt)

    def text(self, tokens: Sequence[int]) -> str:
        """See `decoding.Model`."""
        return str(self._words.encoding.decode(list(tokens)))

    def choose(self, logits: Any, allowed: Sequence[Allowed]) -> tuple[Any, Any]:
        """Token ids and log probabilities, each (rows,), from float32 logits (rows, vocabulary); the rule is `decoding.Batch.choose`'s."""
        import mlx.core as mx

        stamps, end = self.special.stamps, self.special.end
        rows = mx.array([(int(a.text), int(a.end), a.first_stamp, a.last_stamp) for a in allowed])
        text = logits[:, :end] + self._forbidden
        has_text, has_end = rows[:, 0] == 1, rows[:, 1] == 1
        text_best, text_sum = (mx.where(has_text, value, -mx.inf) for value in (text.max(axis=-1), mx.logsumexp(text, axis=-1)))
        end_best = mx.where(has_end, logits[:, end], -mx.inf)
        inside = (rows[:, 2:3] <= self._steps) & (self._steps <= rows[:, 3:4])
        stamp = mx.where(inside, logits[:, stamps : stamps + STAMPS], -mx.inf)
        stamp_best, stamp_sum = stamp.max(axis=-1), mx.logsumexp(stamp, axis=-1)
        other_best = mx.maximum(text_best, end_best)
        other = mx.where(end_best > text_best, end, text.argmax(axis=-1))
        total = mx.logaddexp(mx.logaddexp(text_sum, end_best), stamp_sum)
        stamped = stamp_sum > other_best
        tokens = mx.where(stamped, stamps + stamp.argmax(axis=-1), other)
        return tokens, mx.where(stamped, stamp_best - stamp_sum, other_best - total)


class MlxBatch:
    """`decoding.Batch`; keys and values of earlier positions are kept here."""

    def __init__(self, model: MlxModel, features: Any, prompt: Sequence[int]) -> None:
        import mlx.core as mx

        self._model, self._features = model, features
        self._cache: Any = None
        logits = self._forward([list(prompt)] * features.shape[0])
        silence: Any = mx.softmax(logits[:, 0], axis=-1)[:, model.special.no_speech]
        self._logits = logits[:, -1]
        mx.eval(silence, self._logits, self._cache)
        self._no_speech: list[float] = silence.tolist()

    def no_speech(self) -> list[float]:
        """See `decoding.Batch`."""
        return self._no_speech

    def choose(self, allowed: Sequence[Allowed]) -> list[tuple[int, float]]:
        """See `decoding.Batch`."""
        tokens, logprobs = self._model.choose(self._logits, allowed)
        return list(zip(tokens.tolist(), logprobs.tolist(), strict=True))

    def feed(self, tokens: Sequence[int]) -> None:
        """See `decoding.Batch`."""
        import mlx.core as mx

        self._logits = self._forward([[token] for token in tokens])[:, -1]
        mx.eval(self._logits, self._cache)

    def _forward(self, tokens: list[list[int]]) -> Any:
        """Logits (rows, positions, vocabulary) in float32 of the next positions."""
        import mlx.core as mx

        logits, self._cache, _ = self._model.net.decoder(mx.array(tokens), self._features, kv_cache=self._cache)
        return logits.astype(mx.float32)


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
