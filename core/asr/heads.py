"""Which cross-attention heads follow the speech: a model's own list, else OpenAI's for a network of its size.

Fine-tunes and converters often lose the list; what they leave is "every head of the decoder's last half", which is 320 heads of large-v3: worse
times for thirty times the work. The table is openai/whisper's `_ALIGNMENT_HEADS`; a new size is a new entry.
"""

from __future__ import annotations

from collections.abc import Sequence

Heads = tuple[tuple[int, int], ...]

# (decoder layers, heads a layer, entries of the vocabulary)
_OPENAI: dict[tuple[int, int, int], Heads] = {
    (4, 6, 51865): ((2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5)),
    (6, 8, 51865): ((3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)),
    (12, 12, 51865): ((5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5)),
    (24, 16, 51865): ((13, 15), (15, 4), (15, 15), (16, 1), (20, 0), (23, 4)),
    (32, 20, 51866): ((7, 0), (10, 17), (12, 18), (13, 12), (16, 1), (17, 14), (19, 11), (21, 4), (24, 1), (25, 6)),
    (4, 20, 51866): ((2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)),
}


def alignment_heads(named: Sequence[Sequence[int]], size: tuple[int, int, int]) -> Heads:
    """(layer, head) pairs for a model that names `named`; `size` is (decoder layers, heads a layer, entries of the vocabulary)."""
    layers, heads, _ = size
    last_half = tuple((layer, head) for layer in range(layers // 2, layers) for head in range(heads))
    own = tuple((int(layer), int(head)) for layer, head in named)
    return own if own and own != last_half else _OPENAI.get(size, last_half)
