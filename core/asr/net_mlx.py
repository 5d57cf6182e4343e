"""Whisper's layers run on MLX with fused attention and with keys and values in memory taken once.

The modules, quantised ones too, are mlx-whisper's. Its own forward pass multiplies attention out (90 MB a row and layer of large-v3) and
lets keys and values grow by copying at every step. Mirrors `net_torch.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .heads import Heads


def encode(encoder: Any, mel: Any) -> Any:
    """Features (rows, 1500, width) of pictures (rows, 3000, n_mels)."""
    from mlx import nn

    x = nn.gelu(encoder.conv2(nn.gelu(encoder.conv1(mel)))) + encoder._positional_embedding
    for block in encoder.blocks:
        normed = block.attn_ln(x)
        query, key, value = (_split(part(normed), block.attn.n_head) for part in (block.attn.query, block.attn.key, block.attn.value))
        x = x + block.attn.out(_join(_attend(query, key, value)))
        x = x + block.mlp2(nn.gelu(block.mlp1(block.mlp_ln(x))))
    return encoder.ln_post(x)


def _split(x: Any, heads: int) -> Any:
    return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)


def _join(x: Any) -> Any:
    return x.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[2], -1)


def _attend(query: Any, key: Any, value: Any, mask: str | None = None) -> Any:
    import mlx.core as mx

    return mx.fast.scaled_dot_product_attention(query, key, value, scale=query.shape[-1] ** -0.5, mask=mask)


class MlxDecoder:
    """mlx_whisper's TextDecoder. Arrays called x have the shape (rows, positions, width)."""

    def __init__(self, decoder: Any) -> None:
        self.blocks, self._decoder = decoder.blocks, decoder
        self._heads = decoder.blocks[0].attn.n_head

    def cross(self, features: Any) -> list[tuple[Any, Any]]:
        """Every block's keys and values (rows, heads, 1500, width of a head) of the encoder's output."""
        import mlx.core as mx

        return [
            (mx.contiguous(_split(block.cross_attn.key(features), self._heads)), mx.contiguous(_split(block.cross_attn.value(features), self._heads)))
            for block in self.blocks
        ]

    def embed(self, tokens: Any, position: int) -> Any:
        """Tokens (rows, positions) that begin at `position`, as x."""
        return self._decoder.token_embedding(tokens) + self._decoder.positional_embedding[position : position + tokens.shape[1]]

    def itself(self, block: Any, x: Any, kept: list[Any] | None, position: int) -> Any:
        """x after self-attention; the new keys and values are written into `kept` at `position`."""
        normed, attention, count = block.attn_ln(x), block.attn, x.shape[1]
        query, key, value = (_split(part(normed), self._heads) for part in (attention.query, attention.key, attention.value))
        if kept is not None:
            for number, new in enumerate((key, value)):
                kept[number][:, :, position : position + count] = new
            key, value = (store[:, :, : position + count] for store in kept)
        mixed = _attend(query, key, value, "causal" if count > 1 else None)
        return x + attention.out(_join(mixed))

    def across(self, block: Any, x: Any, heard: tuple[Any, Any]) -> Any:
        """x after attention to the sound, and after the block's own network."""
        from mlx import nn

        query = _split(block.cross_attn.query(block.cross_attn_ln(x)), self._heads)
        x = x + block.cross_attn.out(_join(_attend(query, *heard)))
        return x + block.mlp2(nn.gelu(block.mlp1(block.mlp_ln(x))))

    def logits(self, x: Any) -> Any:
        """Float32 logits (rows, positions, vocabulary)."""
        import mlx.core as mx

        return self._decoder.token_embedding.as_linear(self._decoder.ln(x)).astype(mx.float32)

    def looks(self, features: Any, tokens: Any, heads: Heads) -> Any:
        """Float32 scores (rows, heads, positions, 1500) of what each of `heads`, as (block, head), looks at while it reads `tokens`."""
        import mlx.core as mx

        x, found = self.embed(tokens, 0), {}
        for number, block in enumerate(self.blocks[: 1 + max(block for block, _ in heads)]):
            x = self.itself(block, x, None, 0)
            query = _split(block.cross_attn.query(block.cross_attn_ln(x)), self._heads)
            key, value = (_split(part(features), self._heads) for part in (block.cross_attn.key, block.cross_attn.value))
            for head in (head for place, head in heads if place == number):
                scores = query[:, head].astype(mx.float32) @ key[:, head].astype(mx.float32).swapaxes(-1, -2)
                found[number, head] = scores * query.shape[-1] ** -0.5
            x = self.across(block, x, (key, value))
        return mx.stack([found[place] for place in heads], axis=1)


class MlxBatch:
    """`writing.Batch`: the rows' keys and values, in memory for `room` positions."""

    def __init__(self, decoder: MlxDecoder, features: Any, prompt: Sequence[int], sizes: tuple[int, int, int]) -> None:
        """`sizes` are the room, the steps between two looks of the host, and the place of the start token in `prompt`."""
        import mlx.core as mx

        self.room, self.sync_steps, start = sizes
        self._decoder, self._position = decoder, 0
        self._cross = decoder.cross(features)
        key = self._cross[0][0]
        shape = (key.shape[0], key.shape[1], self.room, key.shape[3])
        self._kept = [[mx.zeros(shape, key.dtype), mx.zeros(shape, key.dtype)] for _ in self._cross]
        x = self._read(mx.array([list(prompt)] * shape[0]))
        self._silence: Any = mx.softmax(decoder.logits(x[:, start : start + 1])[:, 0], axis=-1)
        self.logits = decoder.logits(x[:, -1:])[:, 0]
        mx.eval(self._silence, self.logits, self._cross, self._kept)

    def no_speech_of(self, token: int) -> list[float]:
        """Each row's probability of `token` after the start token."""
        found: list[float] = self._silence[:, token].tolist()
        return found

    def feed(self, tokens: Any) -> Any:
        """See `writing.Batch`."""
        import mlx.core as mx

        logits = self._decoder.logits(self._read(tokens[:, None]))[:, 0]
        mx.async_eval(logits, self._kept)  # type: ignore[no-untyped-call]
        return logits

    def keep(self, numbers: Any) -> None:
        """See `writing.Batch`."""
        import mlx.core as mx

        self._cross = [(mx.take(key, numbers, axis=0), mx.take(value, numbers, axis=0)) for key, value in self._cross]
        self._kept = [[mx.take(store, numbers, axis=0) for store in kept] for kept in self._kept]
        mx.eval(self._cross, self._kept)

    def fetch(self, values: Sequence[Any]) -> list[list[Any]]:
        """See `writing.Batch`."""
        import mlx.core as mx

        mx.eval(*values)
        return [value.tolist() for value in values]

    def _read(self, tokens: Any) -> Any:
        x = self._decoder.embed(tokens, self._position)
        for block, kept, heard in zip(self._decoder.blocks, self._kept, self._cross, strict=True):
            x = self._decoder.across(block, self._decoder.itself(block, x, kept, self._position), heard)
        self._position += tokens.shape[1]
        return x
