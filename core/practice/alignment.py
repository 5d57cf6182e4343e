"""Choose the cross-attention heads that follow the speech: word timestamps are read off them.

Truth is synthetic: espeak speaks Cantonese syllables at an even pace, so character i of n stands at (i + 1/2) / n of the utterance.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import vocabulary as v
from .export import AlignmentHeads
from .shards import SAMPLE_RATE, cast, speak_16k

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FRAMES_PER_SECOND = 50
_AS_GOOD = 1.6  # heads within this factor of the best are taken
_MOST = 4


def choose_heads(folder: Path, texts: Sequence[str]) -> AlignmentHeads:
    """(layer, head) pairs of the model in `folder`, best first, measured on `texts` spoken one a window."""
    errors = head_errors(folder, texts)
    ranked = sorted((error, index) for index, error in _items(errors))
    limit = ranked[0][0] * _AS_GOOD
    return tuple(index for error, index in ranked[:_MOST] if error <= limit)


def head_errors(folder: Path, texts: Sequence[str]) -> NDArray[np.float64]:
    """Mean distance in seconds between where a head looks and where the character is: shape (layers, heads)."""
    import numpy as np
    import torch
    from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration

    model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    extractor = WhisperFeatureExtractor.from_pretrained(folder)
    tokenizer = v.load_tokenizer(folder)
    distances = []
    for index, text in enumerate(texts):
        lead = np.zeros(SAMPLE_RATE // 2, np.float32)
        speech = speak_16k(text, cast(index, 0))
        features = extractor(np.concatenate((lead, speech)), sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
        encoded = tokenizer.encode(text, add_special_tokens=False)
        prefix = [v.START, v.YUE, v.TRANSCRIBE, v.NO_TIMESTAMPS]
        with torch.no_grad():
            output = model(features, decoder_input_ids=torch.tensor([prefix + encoded.ids]), output_attentions=True)
        # the row before a token is the one that chose it
        rows = torch.stack(output.cross_attentions)[:, 0, :, len(prefix) - 1 : -1]
        looks = rows.argmax(-1).double().numpy() / _FRAMES_PER_SECOND
        middles = np.array([(begin + end) / 2 for begin, end in encoded.offsets])
        truth = 0.5 + middles / (len(text) - 1) * len(speech) / SAMPLE_RATE
        # the final mark has no sound
        distances.append(np.abs(looks - truth)[..., :-1])
    return np.asarray(np.concatenate(distances, -1).mean(-1))


def _items(errors: NDArray[np.float64]) -> list[tuple[tuple[int, int], float]]:
    return [((layer, head), float(errors[layer, head])) for layer in range(errors.shape[0]) for head in range(errors.shape[1])]
