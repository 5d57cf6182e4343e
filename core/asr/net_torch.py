"""Whisper's layers run on torch with keys and values in memory taken once: what transformers' weights compute, step by step.

The modules are transformers'; the encoder is used as it is. The decoder is walked here, because its own cache grows by copying at every step
and its attention weights cannot be had without giving up the fast kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .heads import Heads

# the number of rows that the vocabulary's weight is laid out for
_ROWS = 8


class TorchDecoder:
    """The decoder of a WhisperForConditionalGeneration. Arrays called x have the shape (rows, positions, width)."""

    def __init__(self, net: Any) -> None:
        self.layers = net.model.decoder.layers
        self._decoder, self._vocabulary = net.model.decoder, product(net.proj_out)
        self._heads = net.config.decoder_attention_heads
        self._gelu = self.layers[0].activation_fn

    def cross(self, features: Any) -> list[tuple[Any, Any]]:
        """Every layer's keys and values (rows, heads, 1500, width of a head) of the encoder's output."""
        return [
            (self._split(layer.encoder_attn.k_proj(features)).contiguous(), self._split(layer.encoder_attn.v_proj(features)).contiguous())
            for layer in self.layers
        ]

    def embed(self, tokens: Any, position: int) -> Any:
        """Tokens (rows, positions) that begin at `position`, as x."""
        places = self._decoder.embed_positions.weight[position : position + tokens.shape[1]]
        return self._decoder.embed_tokens(tokens) + places

    def itself(self, layer: Any, x: Any, kept: tuple[Any, Any] | None, position: int) -> Any:
        """x after self-attention; the new keys and values are written into `kept` at `position`."""
        from torch.nn.functional import scaled_dot_product_attention

        normed, attention, count = layer.self_attn_layer_norm(x), layer.self_attn, x.shape[1]
        query, key, value = (self._split(part(normed)) for part in (attention.q_proj, attention.k_proj, attention.v_proj))
        if kept is not None:
            for store, new in zip(kept, (key, value), strict=True):
                store[:, :, position : position + count] = new
            key, value = (store[:, :, : position + count] for store in kept)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=count > 1)
        return x + attention.out_proj(self._join(mixed))

    def across(self, layer: Any, x: Any, heard: tuple[Any, Any]) -> Any:
        """x after attention to the sound, and after the layer's own network."""
        from torch.nn.functional import scaled_dot_product_attention

        query = self._split(layer.encoder_attn.q_proj(layer.encoder_attn_layer_norm(x)))
        x = x + layer.encoder_attn.out_proj(self._join(scaled_dot_product_attention(query, *heard)))
        return x + layer.fc2(self._gelu(layer.fc1(layer.final_layer_norm(x))))

    def logits(self, x: Any) -> Any:
        """Float32 logits (rows, positions, vocabulary)."""
        normed = self._decoder.layer_norm(x)
        return self._vocabulary(normed).float()

    def looks(self, features: Any, tokens: Any, heads: Heads) -> Any:
        """Float32 scores (rows, heads, positions, 1500) of what each of `heads`, as (layer, head), looks at while it reads `tokens`."""
        import torch

        x, found = self.embed(tokens, 0), {}
        for number, layer in enumerate(self.layers[: 1 + max(layer for layer, _ in heads)]):
            x = self.itself(layer, x, None, 0)
            query = self._split(layer.encoder_attn.q_proj(layer.encoder_attn_layer_norm(x)))
            key, value = (self._split(part(features)) for part in (layer.encoder_attn.k_proj, layer.encoder_attn.v_proj))
            for head in (head for place, head in heads if place == number):
                found[number, head] = (query[:, head].float() @ key[:, head].float().mT) * query.shape[-1] ** -0.5
            x = self.across(layer, x, (key, value))
        return torch.stack([found[place] for place in heads], 1)

    def _split(self, x: Any) -> Any:
        return x.view(x.shape[0], x.shape[1], self._heads, -1).transpose(1, 2)

    def _join(self, x: Any) -> Any:
        return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], -1)


class TorchBatch:
    """`writing.Batch`: the rows' keys and values, in memory for `room` positions."""

    def __init__(self, decoder: TorchDecoder, features: Any, prompt: Sequence[int], sizes: tuple[int, int, int]) -> None:
        """`sizes` are the room, the steps between two looks of the host, and the place of the start token in `prompt`."""
        import torch

        self.room, self.sync_steps, start = sizes
        self._decoder, self._position = decoder, 0
        with torch.inference_mode():
            self._cross = decoder.cross(features)
            key = self._cross[0][0]
            shape = (key.shape[0], key.shape[1], self.room, key.shape[3])
            self._kept = [(key.new_zeros(shape), key.new_zeros(shape)) for _ in self._cross]
            x = self._read(torch.tensor([list(prompt)] * shape[0], device=key.device))
            self._silence = decoder.logits(x[:, start : start + 1])[:, 0].softmax(-1)
            self.logits = decoder.logits(x[:, -1:])[:, 0]

    def no_speech_of(self, token: int) -> list[float]:
        """Each row's probability of `token` after the start token."""
        found: list[float] = self._silence[:, token].tolist()
        return found

    def feed(self, tokens: Any) -> Any:
        """See `writing.Batch`."""
        import torch

        with torch.inference_mode():
            return self._decoder.logits(self._read(tokens[:, None]))[:, 0]

    def keep(self, numbers: Any) -> None:
        """See `writing.Batch`."""
        # layer by layer, so that a second copy of all of them never exists
        for kept in (self._cross, self._kept):
            for layer, (key, value) in enumerate(kept):
                kept[layer] = key.index_select(0, numbers), value.index_select(0, numbers)

    def fetch(self, values: Sequence[Any]) -> list[list[Any]]:
        """See `writing.Batch`."""
        import torch

        # whole numbers and others apart: one copy each brings all of them
        found: list[list[Any]] = [[]] * len(values)
        for floating in (False, True):
            places = [place for place, value in enumerate(values) if value.is_floating_point() == floating]
            for place, row in zip(places, torch.stack([values[place] for place in places]).tolist() if places else (), strict=True):
                found[place] = row
        return found

    def _read(self, tokens: Any) -> Any:
        x = self._decoder.embed(tokens, self._position)
        for layer, kept, heard in zip(self._decoder.layers, self._kept, self._cross, strict=True):
            x = self._decoder.across(layer, self._decoder.itself(layer, x, kept, self._position), heard)
        self._position += tokens.shape[1]
        return x


def product(linear: Any) -> Callable[[Any], Any]:
    """`linear` without bias, for few rows and a weight that no cache holds, such as the vocabulary's.

    On a processor torch's own goes through such a weight once for every two rows; oneDNN's, which torch's compiler puts in its place, goes through it
    once when it is laid out beforehand: 5.7 instead of 13.5 ms for eight rows of Whisper's vocabulary at a width of 192.
    """
    import torch

    weight, one_dnn = linear.weight, torch.ops.mkldnn
    # these two are the compiler's own: another torch may not have them
    there = torch.backends.mkldnn.is_available() and all(hasattr(one_dnn, name) for name in ("_reorder_linear_weight", "_linear_pointwise"))
    if not there or weight.device.type != "cpu" or weight.dtype != torch.float32:
        return lambda x: linear(x)
    packed = one_dnn._reorder_linear_weight(weight, _ROWS)
    return lambda x: one_dnn._linear_pointwise(x, packed, None, "none", [], "")
