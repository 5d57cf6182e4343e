"""Whisper through torch and transformers: on CUDA, on a Mac's GPU (mps), or on any processor.

The network and the vocabulary are transformers'; the decode loop is `decoding.py`. Needs a folder in Hugging Face's layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import SetupError
from ..hardware import Device, number_format, release_memory
from .base import ChunkResult, TranscribeOptions
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


class WhisperHf:
    """The Transcriber; `device` is 'cuda', 'mps' or 'cpu'."""

    def __init__(self, folder: Path, device: Device) -> None:
        self._path, self._device = folder, device
        self._model: HfModel | None = None

    def __enter__(self) -> Self:
        folder = read_folder(self._path)
        if folder.layout != "hf":
            raise SetupError("asr.needs_hf", folder=self._path)
        special = special_tokens(folder)
        with loading(self._path, self._device):
            self._model = HfModel(folder, special, self._device)
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


class HfModel:
    """`decoding.Model` over WhisperForConditionalGeneration."""

    def __init__(self, folder: ModelFolder, special: SpecialTokens, device: Device) -> None:
        import torch

        self.special, self.n_mels, self.n_text_ctx = special, folder.n_mels, folder.n_text_ctx
        self.device = torch.device(device)
        self.dtype = getattr(torch, number_format(device))
        self.net = _load(folder.path, self.dtype).to(self.device).eval()
        self._words = _tokenizer(folder.path)
        self._forbidden = torch.zeros(special.end, device=self.device)
        self._forbidden[list(special.suppressed)] = -torch.inf
        self._steps = torch.arange(STAMPS, device=self.device)

    def begin(self, mel: NDArray[np.float32], prompt: Sequence[int]) -> HfBatch:
        """See `decoding.Model`."""
        import torch

        with torch.inference_mode():
            # (rows, 3000, n_mels) -> (rows, n_mels, 3000)
            pictures = torch.from_numpy(mel).transpose(1, 2).to(self.device, self.dtype)
            return HfBatch(self, self.net.model.encoder(pictures).last_hidden_state, prompt)

    def text(self, tokens: Sequence[int]) -> str:
        """See `decoding.Model`."""
        return str(self._words.decode(list(tokens), skip_special_tokens=False))

    def choose(self, logits: Any, allowed: Sequence[Allowed]) -> tuple[Any, Any]:
        """Token ids and log probabilities, each (rows,), from float32 logits (rows, vocabulary); the rule is `decoding.Batch.choose`'s."""
        import torch

        stamps, end = self.special.stamps, self.special.end
        rows = torch.tensor([(a.text, a.end, a.first_stamp, a.last_stamp) for a in allowed], device=self.device)
        text = logits[:, :end] + self._forbidden
        text_best, text_token = text.max(-1)
        no_text, no_end = rows[:, 0] == 0, rows[:, 1] == 0
        text_best, text_sum = text_best.masked_fill(no_text, -torch.inf), text.logsumexp(-1).masked_fill(no_text, -torch.inf)
        end_best = logits[:, end].masked_fill(no_end, -torch.inf)
        outside = (self._steps < rows[:, 2:3]) | (self._steps > rows[:, 3:4])
        stamp = logits[:, stamps : stamps + STAMPS].masked_fill(outside, -torch.inf)
        stamp_best, stamp_token = stamp.max(-1)
        stamp_sum, other_best = stamp.logsumexp(-1), torch.maximum(text_best, end_best)
        other = torch.where(end_best > text_best, end, text_token)
        total = torch.logaddexp(torch.logaddexp(text_sum, end_best), stamp_sum)
        stamped = stamp_sum > other_best
        return torch.where(stamped, stamps + stamp_token, other), torch.where(stamped, stamp_best - stamp_sum, other_best - total)


class HfBatch:
    """`decoding.Batch`; keys and values of earlier positions stay in transformers' cache."""

    def __init__(self, model: HfModel, features: Any, prompt: Sequence[int]) -> None:
        self._model, self._features = model, features
        self._cache: Any = None
        rows = features.shape[0]
        logits = self._forward([list(prompt)] * rows)
        self._no_speech: list[float] = logits[:, 0].softmax(-1)[:, model.special.no_speech].tolist()
        self._logits = logits[:, -1]

    def no_speech(self) -> list[float]:
        """See `decoding.Batch`."""
        return self._no_speech

    def choose(self, allowed: Sequence[Allowed]) -> list[tuple[int, float]]:
        """See `decoding.Batch`."""
        import torch

        with torch.inference_mode():
            tokens, logprobs = self._model.choose(self._logits, allowed)
        return list(zip(tokens.tolist(), logprobs.tolist(), strict=True))

    def feed(self, tokens: Sequence[int]) -> None:
        """See `decoding.Batch`."""
        self._logits = self._forward([[token] for token in tokens])[:, -1]

    def _forward(self, tokens: list[list[int]]) -> Any:
        """Logits (rows, positions, vocabulary) in float32 of the next positions."""
        import torch

        with torch.inference_mode():
            ids = torch.tensor(tokens, device=self._model.device)
            out = self._model.net.model.decoder(ids, encoder_hidden_states=self._features, past_key_values=self._cache, use_cache=True)
            self._cache = out.past_key_values
            return self._model.net.proj_out(out.last_hidden_state).float()


def _load(path: Path, dtype: Any) -> Any:
    """The network. Raises SetupError `asr.broken_weights` when tensors are missing, where transformers would go on with random ones."""
    from transformers import WhisperForConditionalGeneration
    from transformers.utils import logging

    # the library draws a progress bar and warnings on stderr, which belongs to us
    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        net, report = WhisperForConditionalGeneration.from_pretrained(
            path, dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
    missing = sorted(report["missing_keys"])
    if missing:
        raise SetupError("asr.broken_weights", file=path, detail=f"missing: {', '.join(missing[:8])}")
    return net


def _tokenizer(path: Path) -> Any:
    """The vocabulary from tokenizer.json, or from vocab.json and merges.txt. Raises SetupError `asr.no_vocabulary`."""
    if not (path / "tokenizer.json").exists() and not (path / "vocab.json").exists():
        raise SetupError("asr.no_vocabulary", folder=path)
    from transformers import WhisperTokenizer

    return WhisperTokenizer.from_pretrained(path, local_files_only=True).backend_tokenizer
