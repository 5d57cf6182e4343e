"""Whisper through torch and transformers: on CUDA, on a Mac's GPU (mps), or on any processor.

The network and the vocabulary are transformers'; the decode loop is `decoding.py`. Needs a folder in Hugging Face's layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from ..hardware import Device, DeviceManager, lanes, sync_steps
from ..pretrained import pretrained
from .arrays import torch_arrays
from .heads import Heads, alignment_heads
from .layout import ENCODER_ROWS, ModelFolder, read_folder, stored_format
from .net_torch import TorchBatch, TorchDecoder
from .tokens import SpecialTokens, special_tokens
from .whisper import Whisper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class WhisperHf(Whisper):
    """The Transcriber; `device` is 'cuda', 'mps' or 'cpu'."""

    def _load(self) -> HfModel:
        folder = read_folder(self._path)
        if folder.layout != "hf":
            raise SetupError("asr.needs_hf", folder=self._path)
        return load_model(folder, special_tokens(folder), self._device)


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
        self.lanes = min(lanes(device), torch.get_num_threads())

    def encode(self, mel: NDArray[np.float32]) -> Any:
        """See `decoding.Model`."""
        import torch

        with torch.inference_mode():
            # (rows, 3000, n_mels) -> (rows, n_mels, 3000)
            pictures = torch.from_numpy(mel).transpose(1, 2).to(self.device, self.dtype)
            # a processor is busy with one picture, and holds its layers in the cache
            rows = 1 if self.lanes > 1 else ENCODER_ROWS
            return torch.cat([self.net.model.encoder(some).last_hidden_state for some in pictures.split(rows)])

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
    from transformers import WhisperForConditionalGeneration

    dtype = getattr(torch, DeviceManager(device).format_for(stored_format(folder)))
    net = pretrained("asr", WhisperForConditionalGeneration, folder.path, dtype=dtype).to(torch.device(device)).eval()
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


def _tokenizer(path: Path) -> Any:
    """The vocabulary from tokenizer.json, or from vocab.json and merges.txt. Raises SetupError `asr.no_vocabulary`."""
    if not (path / "tokenizer.json").exists() and not (path / "vocab.json").exists():
        raise SetupError("asr.no_vocabulary", folder=path)
    from transformers import WhisperTokenizer

    return WhisperTokenizer.from_pretrained(path, local_files_only=True).backend_tokenizer
