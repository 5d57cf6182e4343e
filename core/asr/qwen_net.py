"""Qwen3-ASR on MLX: sound and prompt into one row of the language model, many rows at once.

The networks are mlx-audio's; its own batches pad sound with silence up to the longest chunk, so a text would depend on its neighbours. Here
prompts of different lengths are padded on the left, where attention does not look, and every row keeps its own positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..audio.wav import SAMPLE_RATE
from ..hardware import sync_steps
from .arrays import Arrays, mlx_arrays
from .mel import log_mel_bare
from .qwen_folder import QwenFolder, Vocabulary, load_net, qwen_part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# mlx-audio's own least: a shorter sound would change the width of the encoder's windows
LEAST_SAMPLES = SAMPLE_RATE
# every row of a batch reads the context again, so a glossary of thousands must not fill the memory
_LONGEST_CONTEXT = 512
_TEXT_ENDS, _TURN_ENDS = "<|endoftext|>", "<|im_end|>"
_SAID = "<asr_text>"
_MARKS = (_TEXT_ENDS, _TURN_ENDS, _SAID, "<|im_start|>", "<|audio_start|>", "<|audio_end|>")


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids before the sound and after it; `asked` is the place in `tail`, from its end, where the model would name the language itself."""

    head: tuple[int, ...]
    tail: tuple[int, ...]
    asked: int


def features_of(net: Any, samples: NDArray[np.float32]) -> Any:
    """What the encoder hears in `samples` (n,) at 16 kHz: (places, width), 13 places a second, evaluated; under a second is made one."""
    import mlx.core as mx
    import numpy as np

    samples = np.pad(samples, (0, max(0, LEAST_SAMPLES - len(samples))))
    picture = mx.array(log_mel_bare(samples, net.audio_tower.num_mel_bins).T[None])
    features = net.audio_tower(picture.astype(net.audio_tower.conv2d1.weight.dtype))
    mx.eval(features)
    return features


class QwenModel:
    """A loaded recogniser with its vocabulary."""

    def __init__(self, folder: QwenFolder) -> None:
        self.vocabulary = Vocabulary(folder.path, _MARKS)
        self.net = load_net(folder)
        self.languages: frozenset[str] = frozenset(self.net.config.support_languages or ())
        self.arrays: Arrays = mlx_arrays()
        self.end = self.vocabulary.marks[_TURN_ENDS]
        # every mark has a higher number than all text (Qwen's vocabulary)
        self.text_stop = self.vocabulary.marks[_TEXT_ENDS]
        self._none = self.vocabulary.ids(" None")[0]

    def prompt(self, context: str, language: str) -> Prompt:
        """Qwen's conversation: what to know stands in the system's turn, the sound in the user's, and the answer has begun with the language.

        A long `context` is cut, and marks in it are no marks.
        """
        ids = self.vocabulary.ids
        known = [number for number in ids(context) if number < self.text_stop][:_LONGEST_CONTEXT]
        head = [*ids("<|im_start|>system\n"), *known, *ids("<|im_end|>\n<|im_start|>user\n<|audio_start|>")]
        named = ids(f" {language}") + ids(_SAID)
        tail = ids("<|audio_end|><|im_end|>\n<|im_start|>assistant\nlanguage") + named
        return Prompt(tuple(head), tuple(tail), len(named) + 1)

    def begin(self, features: Sequence[Any], prompt: Prompt) -> QwenBatch:
        """Read prompt and sound of every row and make ready to write."""
        return QwenBatch(self, features, prompt)

    def chooser(self, rows: int, temperature: float, draws: Any) -> TextChooser:
        """Who chooses for `rows` rows; see `TextChooser`."""
        import mlx.core as mx

        numbers = mx.arange(self.net.vocab_size)
        ends = [self.vocabulary.marks[mark] for mark in (_TEXT_ENDS, _TURN_ENDS)]
        allowed = (numbers < self.text_stop) | (numbers == ends[0]) | (numbers == ends[1])
        mask = mx.where(allowed, mx.array(0.0), mx.array(-float("inf")))
        return TextChooser(self, mask, rows, (temperature, draws))

    def logits(self, hidden: Any) -> Any:
        """Float32 (rows, vocabulary) of hidden states (rows, width)."""
        import mlx.core as mx

        net = self.net
        return (net.lm_head(hidden) if net.lm_head is not None else net.model.embed_tokens.as_linear(hidden)).astype(mx.float32)

    def none_spoken(self, logits: Any) -> Any:
        """The probability (rows,) that the model would name no language, as it does where nobody speaks ("language None")."""
        import mlx.core as mx

        return mx.softmax(logits, axis=-1)[:, self._none]


class QwenBatch:
    """`writing.Batch`: rows of different lengths, padded on the left."""

    def __init__(self, model: QwenModel, features: Sequence[Any], prompt: Prompt) -> None:
        import mlx.core as mx

        self.sync_steps, self._model = sync_steps("mlx"), model
        head, tail = (self._embed(mx.array([ids])) for ids in (prompt.head, prompt.tail))
        rows = [mx.concatenate([head[0], heard.astype(head.dtype), tail[0]]) for heard in features]
        longest = max(row.shape[0] for row in rows)
        pads = [longest - row.shape[0] for row in rows]
        kept = qwen_cache()
        self._kept = [kept(pads) for _ in model.net.layers]
        x = mx.stack([mx.pad(row, [(pad, 0), (0, 0)]) for row, pad in zip(rows, pads, strict=True)])
        hidden = model.net.model(inputs_embeds=x, cache=self._kept)
        self._silence = model.none_spoken(model.logits(hidden[:, -prompt.asked]))
        self.logits = model.logits(hidden[:, -1])
        mx.eval(self._silence, self.logits)

    def no_speech(self) -> list[float]:
        """See `writing.Batch`."""
        found: list[float] = self._silence.tolist()
        return found

    def feed(self, tokens: Any) -> Any:
        """See `writing.Batch`."""
        import mlx.core as mx

        hidden = self._model.net.model(inputs_embeds=self._embed(tokens[:, None]), cache=self._kept)
        logits = self._model.logits(hidden[:, 0])
        mx.async_eval(logits)  # type: ignore[no-untyped-call]
        return logits

    def keep(self, numbers: Any) -> None:
        """See `writing.Batch`."""
        for kept in self._kept:
            kept.filter(numbers)

    def fetch(self, values: Sequence[Any]) -> list[list[Any]]:
        """See `writing.Batch`."""
        import mlx.core as mx

        mx.eval(*values)
        return [value.tolist() for value in values]

    def _embed(self, tokens: Any) -> Any:
        return self._model.net.model.embed_tokens(tokens)


def qwen_cache() -> Any:
    """mlx-audio's keys and values for rows that are padded on the left."""
    qwen_part("config")
    from mlx_audio.lm.models.cache import BatchKVCache

    return BatchKVCache


class TextChooser:
    """`writing.Chooses` without a grammar: text or an end, the likeliest or, at a temperature, one drawn by the row's own number."""

    def __init__(self, model: QwenModel, mask: Any, rows: int, manner: tuple[float, Any]) -> None:
        """`mask` (vocabulary,) is added to the logits; `manner` is the temperature and numbers in [0, 1), (rows, steps), or None."""
        self._model, self._mask, self._temperature = model, mask, manner[0]
        self._draws = None if manner[1] is None else model.arrays.new(manner[1])
        self._ended, self._step = model.arrays.new([False] * rows), 0

    def choose(self, logits: Any) -> tuple[Any, Any]:
        """See `writing.Chooses`. Both of Qwen's end marks count as its turn's end."""
        arrays, xp, end = self._model.arrays, self._model.arrays.xp, self._model.end
        allowed = logits + self._mask
        if self._draws is None:
            tokens = arrays.place(allowed)
        else:
            cumulated = xp.cumsum(xp.softmax(allowed / self._temperature, -1), -1)
            wanted = self._draws[:, self._step : self._step + 1] * cumulated[:, -1:]
            tokens = ((cumulated <= wanted) * 1).sum(-1)
        logprobs = arrays.at(allowed, tokens) - xp.logsumexp(allowed, -1)
        tokens = xp.where(self._ended | (tokens >= self._model.text_stop), end, tokens)
        self._ended = self._ended | (tokens == end)
        self._step += 1
        return tokens, logprobs

    def keep(self, numbers: Any) -> None:
        """See `writing.Chooses`."""
        self._ended = self._model.arrays.rows(self._ended, numbers)
        if self._draws is not None:
            self._draws = self._model.arrays.rows(self._draws, numbers)
