"""Chunks of speech to text by Qwen3-ASR: `rounds.py`'s work with its prompt, and with lines made from its sentences.

    chunks -features_of-> sound -write-> tokens -> characters -align-> words -> one segment a sentence

The model writes punctuation and no times. Times come from the aligner; without one the characters share the chunk's speech, and their segments
carry the flag SHARED_TIMES.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..cues.spread import spread, tokens_of
from ..document import Segment, Word
from ..errors import SetupError
from ..speech.clock import end_to_programme, heard_pieces, read_heard, start_to_programme
from .base import SHARED_TIMES, ChunkResult, TranscribeOptions
from .char_times import Letter, Spoken, TimedToken, is_spoken, letters_of, place_words, spoken_of
from .qwen_align import QwenAligner
from .qwen_net import Prompt, QwenModel, features_of
from .recut import parts_of
from .rounds import Hearing, hear_chunks, joined
from .writing import Manner, Row, write_chosen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..speech.chunks import Chunk

_LANGUAGES = {"yue": "Cantonese", "zh": "Chinese"}
# people report empty and collapsed spans of its aligner on long stretches (QwenLM/Qwen3-ASR#197, soniqo/speech-swift#237)
_LONGEST_MS = 22_000
_LEAST_MS = 20
_ENDS, _OPENERS = frozenset("。！？!?"), frozenset("「『《〈“（(")


def transcribe_chunks(
    model: QwenModel, aligner: QwenAligner | None, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions
) -> Iterator[ChunkResult]:
    """`Transcriber.transcribe` for Qwen3-ASR; `options.max_tokens` counts what is written, since sound and prompt take no place from it.

    A chunk of which more than 22 s are heard is heard in parts. Raises SetupError `asr.no_language`.
    """
    language = _LANGUAGES.get(options.language, "")
    if not language or (model.languages and language not in model.languages):
        raise SetupError("asr.no_language", language=options.language)
    parts = [parts_of(audio, chunk, _LONGEST_MS) for chunk in chunks]
    task = QwenTask(model, aligner, audio, options, model.prompt(options.prompt, language))
    results = hear_chunks(task, [part for several in parts for part in several])
    for index, several in enumerate(parts):
        yield replace(joined([next(results) for _ in several]), chunk_index=index)


@dataclass(frozen=True, slots=True)
class QwenTask:
    """`rounds.Writer` for Qwen3-ASR: what every chunk of a call has in common."""

    model: QwenModel
    aligner: QwenAligner | None
    audio: Audio
    options: TranscribeOptions
    prompt: Prompt

    @property
    def lanes(self) -> int:
        """See `rounds.Writer`."""
        return 1

    def features(self, chunks: Sequence[Chunk]) -> Any:
        """A list of (places, width), one for each chunk."""
        import mlx.core as mx

        # every batch leaves buffers of its own sizes behind
        mx.clear_cache()
        return [features_of(self.model.net, self.samples(chunk)) for chunk in chunks]

    def samples(self, chunk: Chunk) -> NDArray[np.float32]:
        """The sound of a chunk."""
        return read_heard(self.audio, chunk)

    def some(self, features: Any, numbers: Sequence[int]) -> Any:
        """See `rounds.Writer`."""
        return [features[number] for number in numbers]

    def write(self, features: Any, chunks: Sequence[Chunk], temperature: float) -> list[Hearing]:
        """See `rounds.Writer`."""
        batch = self.model.begin(features, self.prompt)
        rows = [Row() for _ in chunks]
        manner = Manner(self.options.max_tokens, temperature, tuple(chunk.start_ms for chunk in chunks))
        chooser = self.model.chooser(len(rows), temperature, manner.draws())
        write_chosen(batch, rows, chooser, (self.model.arrays, self.model.end), manner.cap)
        return [Hearing(chunk, row, value, temperature) for chunk, row, value in zip(chunks, rows, batch.no_speech(), strict=True)]

    def text(self, row: Row) -> str:
        """See `rounds.Writer`."""
        return self.model.vocabulary.text(row.tokens)

    def results(self, features: Any, hearings: Sequence[Hearing]) -> list[ChunkResult]:
        """See `rounds.Writer`."""
        return [self._result(hearing) for hearing in hearings]

    def _result(self, hearing: Hearing) -> ChunkResult:
        row, chunk = hearing.row, hearing.chunk
        timed = [TimedToken(token, 0.0, 0.0, logprob) for token, logprob in zip(row.tokens, row.logprobs, strict=False)]
        letters = letters_of(timed, self.model.vocabulary.text)
        spoken = spoken_of(letters)
        aligned = self.aligner if self.options.times else None
        spans = self._spans(letters, spoken, chunk, aligned)
        placed = [replace(part, start_ms=start, end_ms=end) for part, (start, end) in zip(spoken, spans, strict=True)]
        segments = _segments(letters, place_words(placed, chunk), chunk)
        flags = (SHARED_TIMES,) if self.options.times and aligned is None else ()
        return ChunkResult(
            chunk_index=0,
            segments=tuple(replace(one, no_speech=hearing.no_speech, flags=flags, words=one.words if self.options.times else ()) for one in segments),
            tokens=tuple(row.tokens),
            avg_logprob=row.avg_logprob,
            no_speech=hearing.no_speech,
            hit_cap=not row.ended,
            temperature=hearing.temperature,
        )

    def _spans(self, letters: Sequence[Letter], spoken: Sequence[Spoken], chunk: Chunk, aligner: QwenAligner | None) -> Sequence[tuple[float, float]]:
        """When each part was said, on the programme's clock: by the aligner, or shared out over the speech."""
        if not spoken:
            return ()
        if aligner:
            spans = aligner.spans(self.samples(chunk), [part.text for part in spoken])
            pieces = heard_pieces(chunk)
            return [(start_to_programme(pieces, round(start)), end_to_programme(pieces, round(end))) for start, end in spans]
        text = "".join(letter.text for letter in letters)
        words = spread(Segment(chunk.start_ms, chunk.end_ms, text), chunk.regions)
        return [(word.start_ms, word.end_ms) for word in words if is_spoken(word.text)]


def sentences_of(text: str) -> list[str]:
    """Text cut after 。！？; marks and blanks that follow stay with their sentence, an opening quote begins the next. Joined they are `text`."""
    sentences, complete = [""], False
    for part in tokens_of(text):
        if complete and (is_spoken(part) or part in _OPENERS):
            sentences.append("")
            complete = False
        sentences[-1] += part
        complete = complete or part in _ENDS
    return sentences


def _segments(letters: Sequence[Letter], words: Sequence[Word], chunk: Chunk) -> list[Segment]:
    """A segment for each sentence with something to say, in order, inside the chunk; one for which no time is left joins the one before it."""
    placed: list[Segment] = []
    letter, word = 0, 0
    for sentence in sentences_of("".join(one.text for one in letters)):
        own = letters[letter : letter + len(sentence)]
        count = sum(is_spoken(part) for part in tokens_of(sentence))
        said = tuple(words[word : word + count])
        letter, word = letter + len(sentence), word + count
        if not said:
            continue
        after_ms = placed[-1].end_ms if placed else chunk.start_ms
        if placed and after_ms >= chunk.end_ms:
            placed[-1] = replace(placed[-1], text=placed[-1].text + sentence.strip(), words=(*placed[-1].words, *said))
            continue
        start_ms = min(max(said[0].start_ms, after_ms), max(after_ms, chunk.end_ms - _LEAST_MS))
        end_ms = min(max(said[-1].end_ms, start_ms + _LEAST_MS), chunk.end_ms)
        logprob = sum(math.log(max(one.confidence, 1e-30)) for one in own) / len(own)
        placed.append(Segment(start_ms, end_ms, sentence.strip(), said, min(0.0, logprob)))
    return placed
