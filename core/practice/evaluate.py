"""Measure the practice model against its bars: `python -m core.practice.evaluate [--model DIR] [--json]`.

The 300 held-out utterances, spoken by espeak voices and joined into windows of 3 to 30 s, greedy decoding through transformers on the CPU; then
sounds without speech. To add a sound: a line in `empty_sounds`. Everything is seeded.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import vocabulary as v
from .corpus import characters_only, held_out
from .shards import SAMPLE_RATE, cast, speak_16k

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

MODEL = Path(__file__).with_name("model")
CER_BAR, EDGE_BAR, EDGE_TOLERANCE_S, SIZE_BAR = 0.12, 0.9, 0.25, 32_000_000
WINDOW_S = 30
_BATCH = 16
_SEED = 20
_SEGMENT = re.compile(r"<\|(\d+\.\d\d)\|>([^<]*)<\|(\d+\.\d\d)\|>")


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance: Chinese characters and where it sounds, in seconds of its window."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TestWindow:
    """Samples at 16 kHz and the truth about them."""

    samples: Samples
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The bars' numbers; `invented` maps each sound without speech to the text it wrongly gave (empty when all is well)."""

    characters: int
    windows: int
    cer_plain: float
    cer_timestamps: float
    segments: int
    edges_within: float
    invented: dict[str, str]
    bytes: int

    @property
    def passed(self) -> bool:
        """Whether every bar holds."""
        errors = max(self.cer_plain, self.cer_timestamps)
        return errors <= CER_BAR and self.edges_within >= EDGE_BAR and not self.invented and self.bytes <= SIZE_BAR


class Recogniser:
    """The model in `folder` through transformers; give it samples, get text."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration

        self._model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
        self._extractor = WhisperFeatureExtractor.from_pretrained(folder)
        self._tokenizer = v.load_tokenizer(folder)

    def texts(self, windows: Sequence[Samples], timestamps: bool) -> list[str]:
        """Greedy text of each window of at most 30 s, with <|1.23|> marks when `timestamps`; no rule is forced on the tokens."""
        found: list[str] = []
        for first in range(0, len(windows), _BATCH):
            batch = list(windows[first : first + _BATCH])
            features = self._extractor(batch, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
            found += [self._text(row) for row in self._greedy(features, timestamps)]
        return found

    def _greedy(self, features: torch.Tensor, timestamps: bool) -> list[list[int]]:
        """Tokens after the prefix, one list a window; what follows <|endoftext|> is left in."""
        import torch

        prefix = [v.START, v.YUE, v.TRANSCRIBE, *([] if timestamps else [v.NO_TIMESTAMPS])]
        shown, cache = torch.tensor([prefix] * len(features)), None
        steps: list[torch.Tensor] = []
        ended = torch.zeros(len(features), 1, dtype=torch.bool)
        with torch.inference_mode():
            audio = self._model.get_encoder()(features)
            while not ended.all() and len(prefix) + len(steps) < v.MAX_TOKENS:
                output = self._model(encoder_outputs=audio, decoder_input_ids=shown, past_key_values=cache, use_cache=True)
                shown, cache = output.logits[:, -1:].argmax(-1), output.past_key_values
                ended |= shown == v.END
                steps.append(shown)
        tokens: list[list[int]] = torch.cat(steps, 1).tolist()
        return tokens

    def _text(self, tokens: list[int]) -> str:
        ended = tokens.index(v.END) if v.END in tokens else len(tokens)
        return str(self._tokenizer.decode(tokens[:ended]))


def evaluate(folder: Path = MODEL, utterances: int = 300) -> Scores:
    """Measure the model in `folder`; fewer `utterances` for a quick look. Raises SetupError without espeak."""
    recogniser = Recogniser(folder)
    windows = tuple(test_windows(held_out()[:utterances]))
    truths = [said_text(window) for window in windows]
    samples = [window.samples for window in windows]
    plain = recogniser.texts(samples, timestamps=False)
    marked = recogniser.texts(samples, timestamps=True)
    hits = [hit for window, text in zip(windows, marked, strict=True) for hit in edge_hits(window.said, segments_of(text))]
    return Scores(
        characters=sum(map(len, truths)),
        windows=len(windows),
        cer_plain=character_error_rate(truths, plain),
        cer_timestamps=character_error_rate(truths, [_without_marks(text) for text in marked]),
        segments=len(hits),
        edges_within=sum(hits) / len(hits),
        invented=invented_text(recogniser),
        bytes=sum(file.stat().st_size for file in folder.iterdir()),
    )


def test_windows(texts: Sequence[str]) -> Iterator[TestWindow]:
    """`texts` in order, spoken and joined into windows of 3 to 30 s with gaps of 0.1 to 3.5 s, gains and white noise."""
    import numpy as np

    rng = np.random.default_rng(_SEED)
    remaining = [(text, speak_16k(text, cast(index, _SEED))) for index, text in enumerate(texts)]
    while remaining:
        end_s = rng.uniform(3.0, WINDOW_S)
        samples = np.zeros(0, np.float32)
        said: list[Said] = []
        while remaining:
            text, speech = remaining[0]
            gap = np.zeros(int(rng.uniform(0.1, 3.5) * SAMPLE_RATE), np.float32)
            start = len(samples) + len(gap)
            if said and start + len(speech) > end_s * SAMPLE_RATE:
                break
            samples = np.concatenate((samples, gap, speech * np.float32(10 ** rng.uniform(-1.0, 0.1))))
            said.append(Said(text, start / SAMPLE_RATE, len(samples) / SAMPLE_RATE))
            remaining.pop(0)
        padded = np.concatenate((samples, np.zeros(max(0, int(end_s * SAMPLE_RATE) - len(samples)), np.float32)))
        noise = rng.standard_normal(len(padded)) * 10 ** rng.uniform(-4.5, -2.2)
        yield TestWindow((padded + noise).astype(np.float32)[: WINDOW_S * SAMPLE_RATE], tuple(said))


def said_text(window: TestWindow) -> str:
    """The truth of a window as one string."""
    return "".join(said.text for said in window.said)


def character_error_rate(truths: Sequence[str], heard: Sequence[str]) -> float:
    """Edits over characters of the truth, Chinese characters only."""
    import jiwer

    return float(jiwer.cer(list(truths), [characters_only(text) for text in heard]))


def segments_of(marked: str) -> tuple[Said, ...]:
    """The segments of a text with timestamp marks."""
    return tuple(Said(characters_only(text), float(start), float(end)) for start, text, end in _SEGMENT.findall(marked))


def edge_hits(said: Sequence[Said], segments: Sequence[Said]) -> Iterator[bool]:
    """For each true utterance: whether the segment that overlaps it most starts and ends within 0.25 s of it."""
    for truth in said:
        best = max(segments, key=lambda segment: _overlap(truth, segment), default=None)
        yield best is not None and max(abs(best.start_s - truth.start_s), abs(best.end_s - truth.end_s)) <= EDGE_TOLERANCE_S


def invented_text(recogniser: Recogniser) -> dict[str, str]:
    """Name of each sound without speech that gave text, and the text; both with and without timestamps."""
    sounds = empty_sounds()
    wrong: dict[str, str] = {}
    for timestamps in (False, True):
        texts = recogniser.texts(list(sounds.values()), timestamps)
        for name, text in zip(sounds, texts, strict=True):
            if _without_marks(text).strip():
                wrong[f"{name} ({'with' if timestamps else 'no'} timestamps)"] = _without_marks(text)
    return wrong


def empty_sounds() -> dict[str, Samples]:
    """Sounds without speech by name, 30 s unless the name says otherwise."""
    import numpy as np

    length = WINDOW_S * SAMPLE_RATE
    time = np.arange(length) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * 440 * time)
    on: Callable[[float], Any] = lambda period: (time % period) < period / 2  # noqa: E731 - a name for one mask
    white = np.random.default_rng(_SEED).standard_normal(length)
    brown = np.cumsum(white - white.mean())
    brown -= np.linspace(brown[0], brown[-1], length)
    clicks = np.zeros(length)
    clicks[:: SAMPLE_RATE // 2] = 0.5
    sounds = {
        "digital silence": np.zeros(length),
        "digital silence, 0.1 s": np.zeros(SAMPLE_RATE // 10),
        "white noise -50 dBFS": white * 10 ** (-50 / 20),
        "white noise -30 dBFS": white * 10 ** (-30 / 20),
        "white noise -80 dBFS": white * 10 ** (-80 / 20),
        "white noise -50 dBFS, 5 s": white[: 5 * SAMPLE_RATE] * 10 ** (-50 / 20),
        "brown noise -30 dBFS": brown / brown.std() * 10 ** (-30 / 20),
        "noise bursts -40 dBFS": white * on(1.4) * 10 ** (-40 / 20),
        "tone 440 Hz": tone * 0.5,
        "tone 440 Hz -40 dBFS": tone * 0.01,
        "tone 440 Hz, 2 s": tone[: 2 * SAMPLE_RATE] * 0.5,
        "tone 440 Hz in gaps": tone * on(3.0) * 0.3,
        "tone 1 kHz": np.sin(2 * np.pi * 1000 * time) * 10 ** (-18 / 20),
        "hum 50 Hz": np.sin(2 * np.pi * 50 * time) * 0.1,
        "chord": sum(np.sin(2 * np.pi * hz * time) for hz in (262, 330, 392)) * 0.1,
        "clicks": clicks,
    }
    return {name: np.asarray(sound, np.float32) for name, sound in sounds.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m core.practice.evaluate", description="Measure the practice model.")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    scores = evaluate(options.model)
    as_json = json.dumps({**asdict(scores), "passed": scores.passed}, ensure_ascii=False)
    sys.stdout.write((as_json if options.json else _table(scores)) + "\n")
    return 0 if scores.passed else 1


def _table(scores: Scores) -> str:
    rows = (
        ("character error rate, no timestamps", f"{scores.cer_plain:.4f}", f"<= {CER_BAR}"),
        ("character error rate, timestamps", f"{scores.cer_timestamps:.4f}", f"<= {CER_BAR}"),
        (f"segment edges within {EDGE_TOLERANCE_S} s", f"{scores.edges_within:.3f}", f">= {EDGE_BAR}"),
        ("sounds without speech that gave text", str(len(scores.invented)), "0"),
        ("bytes", f"{scores.bytes:,}", f"<= {SIZE_BAR:,}"),
    )
    head = f"{scores.characters} characters, {scores.segments} utterances, {scores.windows} windows"
    wrong = [f"  {name}: {text}" for name, text in scores.invented.items()]
    return "\n".join([head, *(f"{name:<40}{value:>12}   bar {bar}" for name, value, bar in rows), *wrong])


def _overlap(truth: Said, segment: Said) -> float:
    return min(truth.end_s, segment.end_s) - max(truth.start_s, segment.start_s)


def _without_marks(text: str) -> str:
    return re.sub(r"<\|[^|]*\|>", "", text)


if __name__ == "__main__":
    raise SystemExit(main())
