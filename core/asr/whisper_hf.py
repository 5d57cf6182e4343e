"""Whisper through torch and transformers: on CUDA, on a Mac's GPU (mps), or on any processor.

The network and the vocabulary are transformers'; the decode loop is `decoding.py`. Needs a folder in Hugging Face's layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import SetupError
from ..hardware import Device, number_format, release_memory, sync_steps
from .arrays import torch_arrays
from .base import ChunkResult, TranscribeOptions
from .decoding import transcribe_chunks
from .faults import computing, loading
from .heads import Heads, alignment_heads
from .layout import ENCODER_ROWS, ModelFolder, read_folder
from .net_torch import TorchBatch, TorchDecoder
from .tokens import SpecialTokens, special_tokens

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
            self._model = load_model(folder, special, self._device)
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

    def __init__(self, net: Any, special: SpecialTokens, device: Device, words: Any, heads: Heads) -> None:
        """`net` is on the device already; `words` is a tokenizers.Tokenizer; `heads` are (layer, head) pairs that follow the speech."""
        import torch

        self.net, self.special, self._words, self._heads = net, special, words, heads
        self.n_mels, self.n_text_ctx = net.config.num_mel_bins, net.config.max_target_positions
        self.device, self.dtype = torch.device(device), net.dtype
        self.arrays = torch_arrays(self.device)
        self._decoder = TorchDecoder(net)
        self._sync_steps = sync_steps(device)

    def encode(self, mel: NDArray[np.float32]) -> Any:
        """See `decoding.Model`."""
        import torch

        with torch.inference_mode():
            # (rows, 3000, n_mels) -> (rows, n_mels, 3000)
            pictures = torch.from_numpy(mel).transpose(1, 2).to(self.device, self.dtype)
            return torch.cat([self.net.model.encoder(rows).last_hidden_state for rows in pictures.split(ENCODER_ROWS)])

    def begin(self, features: Any, prompt: Sequence[int], room: int) -> HfBatch:
        """See `decoding.Model`."""
        return HfBatch(self, features, prompt, room)

    def looks(self, features: Any, tokens: Sequence[Sequence[int]]) -> Any:
        """See `alignment.Looker`."""
        import torch

        with torch.inference_mode():
            return self._decoder.looks(features, torch.tensor(tokens, device=self.device), self._heads)

    def text(self, tokens: Sequence[int]) -> str:
        """See `decoding.Model`."""
        return str(self._words.decode(list(tokens), skip_special_tokens=False))

    def tokens(self, text: str) -> list[int]:
        """See `decoding.Model`."""
        return list(self._words.encode(text, add_special_tokens=False).ids)


def load_model(folder: ModelFolder, special: SpecialTokens, device: Device) -> HfModel:
    """The model in a folder of Hugging Face's layout, on the device. Raises SetupError `asr.*`."""
    import torch

    net = _load(folder.path, getattr(torch, number_format(device))).to(torch.device(device)).eval()
    size = (net.config.decoder_layers, net.config.decoder_attention_heads, folder.n_vocab)
    heads = alignment_heads(folder.generation.get("alignment_heads") or (), size)
    return HfModel(net, special, device, _tokenizer(folder.path), heads)


class HfBatch(TorchBatch):
    """`writing.Batch` of a loaded model."""

    def __init__(self, model: HfModel, features: Any, prompt: Sequence[int], room: int) -> None:
        super().__init__(model._decoder, features, prompt, (room, model._sync_steps, list(prompt).index(model.special.start)))
        self._no_speech = model.special.no_speech

    def no_speech(self) -> list[float]:
        """See `writing.Batch`."""
        return self.no_speech_of(self._no_speech)


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
