"""When each word was said, by Qwen3-ForcedAligner: one pass over sound and text, which answers every <timestamp> with a step of 80 ms.

The text is our own words, so that what comes back is one pair of times for each; impossible ones are mended by mlx-audio's rule (the longest
rising run stays, others go between their neighbours).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .qwen_folder import QwenFolder, Vocabulary, load_net
from .qwen_net import features_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STAMP = "<timestamp>"
_MARKS = (_STAMP, "<|audio_start|>", "<|audio_end|>")


class QwenAligner:
    """A loaded aligner with its vocabulary."""

    def __init__(self, folder: QwenFolder) -> None:
        self._vocabulary = Vocabulary(folder.path, _MARKS)
        self.net = load_net(folder)

    def spans(self, samples: NDArray[np.float32], words: Sequence[str]) -> list[tuple[float, float]]:
        """Start and end of each word in milliseconds from the first sample, none before the one before it; `words` are not empty."""
        import mlx.core as mx
        import numpy as np

        model, ids = self.net.model, self._vocabulary.ids
        head, tail = ids("<|audio_start|>"), ids("<|audio_end|>")
        for word in words:
            tail += [*ids(self.net.aligner_processor.clean_token(word)), *ids(_STAMP + _STAMP)]
        heard = features_of(self.net, samples)
        before, after = (model.embed_tokens(mx.array(part)) for part in (head, tail))
        x = mx.concatenate([before, heard.astype(before.dtype), after])
        places = [x.shape[0] - len(tail) + place for place, token in enumerate(tail) if token == self._vocabulary.marks[_STAMP]]
        steps = self.net.lm_head(model(inputs_embeds=x[None])[0, mx.array(places)]).argmax(axis=-1)
        times_ms = self.net.aligner_processor.fix_timestamp(np.array(steps) * self.net.config.timestamp_segment_time)
        mx.clear_cache()
        return list(zip(times_ms[::2], times_ms[1::2], strict=True))


def installed_aligner() -> Path | None:
    """The folder of the aligner that `canto-beats models get` fetched, if it did."""
    from ..models.table import model_table
    from ..weights import folder_of, is_installed

    entries = (entry for entry in model_table() if entry.kind == "aligner" and is_installed(entry))
    return next((folder_of(entry) for entry in entries), None)


def aligner_id() -> str:
    """The aligner's name for `canto-beats models get`."""
    from ..models.table import model_table

    return next(entry.id for entry in model_table() if entry.kind == "aligner")
