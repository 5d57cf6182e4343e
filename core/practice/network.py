"""Whisper's encoder and decoder in plain torch, with Hugging Face's names for every weight.

Written out rather than taken from transformers so that windows shorter than 30 s can be trained on and each layer compiles once. A test
holds it to transformers' output. Imports torch, so only training and its tests load it. To change the size: `NetworkShape`; the
feed-forward width stays 4 d, which MLX's Whisper code assumes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

# the classes below need their base class when this file is read
import torch  # noqa: TID253
from torch import nn  # noqa: TID253
from torch.nn import functional  # noqa: TID253

from . import vocabulary as v

if TYPE_CHECKING:
    from torch import Tensor

AUDIO_POSITIONS = 1500


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Width and depth; heads are `width` / 64."""

    width: int = 192
    encoder_layers: int = 5
    decoder_layers: int = 3

    @property
    def heads(self) -> int:
        """Attention heads of 64 numbers each."""
        return self.width // 64

    def hugging_face(self) -> dict[str, Any]:
        """config.json of the exported model."""
        return {
            "architectures": ["WhisperForConditionalGeneration"],
            "model_type": "whisper",
            "d_model": self.width,
            "encoder_layers": self.encoder_layers,
            "decoder_layers": self.decoder_layers,
            "encoder_attention_heads": self.heads,
            "decoder_attention_heads": self.heads,
            "encoder_ffn_dim": 4 * self.width,
            "decoder_ffn_dim": 4 * self.width,
            "num_mel_bins": 80,
            "vocab_size": v.VOCAB_SIZE,
            "max_source_positions": AUDIO_POSITIONS,
            "max_target_positions": v.MAX_TOKENS,
            "activation_function": "gelu",
            "scale_embedding": False,
            "tie_word_embeddings": True,
            "use_cache": True,
            "bos_token_id": v.END,
            "eos_token_id": v.END,
            "pad_token_id": v.END,
            "decoder_start_token_id": v.START,
            "dtype": "float16",
        }


class Attention(nn.Module):  # type: ignore[misc]
    """Multi-head attention over itself or over `source`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, source: Tensor | None = None, causal: bool = False) -> Tensor:
        other = x if source is None else source
        query, key, value = self._split(self.q_proj(x)), self._split(self.k_proj(other)), self._split(self.v_proj(other))
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class EncoderLayer(nn.Module):  # type: ignore[misc]
    """Self-attention and feed-forward, norm first."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.self_attn_layer_norm(x))
        return x + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))


class DecoderLayer(EncoderLayer):
    """An encoder layer that is causal and also looks at the audio."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.encoder_attn = Attention(width, heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, audio: Tensor | None = None) -> Tensor:
        x = x + self.self_attn(self.self_attn_layer_norm(x), causal=True)
        x = x + self.encoder_attn(self.encoder_attn_layer_norm(x), audio)
        return x + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))


class Encoder(nn.Module):  # type: ignore[misc]
    """(batch, 80, frames) -> (batch, frames / 2, width)."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(80, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(AUDIO_POSITIONS, shape.width)
        self.embed_positions.weight = nn.Parameter(sinusoids(AUDIO_POSITIONS, shape.width), requires_grad=False)
        self.layers = nn.ModuleList(EncoderLayer(shape.width, shape.heads) for _ in range(shape.encoder_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, features: Tensor) -> Tensor:
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(features)))).transpose(1, 2)
        x = x + self.embed_positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return self.layer_norm(x)


class Decoder(nn.Module):  # type: ignore[misc]
    """Tokens (batch, tokens) and audio -> states (batch, tokens, width)."""

    def __init__(self, shape: NetworkShape, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, shape.width)
        self.embed_positions = nn.Embedding(v.MAX_TOKENS, shape.width)
        self.layers = nn.ModuleList(DecoderLayer(shape.width, shape.heads) for _ in range(shape.decoder_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, tokens: Tensor, audio: Tensor) -> Tensor:
        x = self.embed_tokens(tokens) + self.embed_positions.weight[: tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, audio)
        return self.layer_norm(x)


class Network(nn.Module):  # type: ignore[misc]
    """Encoder and decoder; `forward` gives the decoder's states, whose product with the token embedding are the logits."""

    def __init__(self, shape: NetworkShape, vocabulary: int) -> None:
        super().__init__()
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape, vocabulary)
        self.apply(_initialise)

    def forward(self, features: Tensor, tokens: Tensor) -> Tensor:
        return self.decoder(tokens, self.encoder(features))


def weighted_loss(states: Tensor, output: tuple[Tensor, Tensor], labels: Tensor, weights: Tensor) -> Tensor:
    """Mean cross-entropy by weight; `output` is the token embedding and the bias of its rows (see `compact.py` for the latter)."""
    embedding, bias = output
    logits = functional.linear(states, embedding, bias).float()
    losses = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none", ignore_index=-100)
    return (losses * weights.flatten()).sum() / weights.sum()


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's fixed audio positions: sines, then cosines, of wavelengths up to 10,000."""
    rates = torch.exp(-math.log(10_000) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * rates[None]
    return torch.cat((angles.sin(), angles.cos()), 1)


def _initialise(module: nn.Module) -> None:
    """Normal weights of deviation 0.02 and no bias, as Whisper's configuration says; audio positions stay as they are."""
    if isinstance(module, nn.Linear | nn.Conv1d):
        nn.init.normal_(module.weight, std=0.02 if isinstance(module, nn.Linear) else 0.05)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding) and module.weight.requires_grad:
        nn.init.normal_(module.weight, std=0.02)
