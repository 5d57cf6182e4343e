"""Make the practice model from nothing: `python -m core.practice.train --work DIR [--out DIR]`.

Stages, each skipped when its result is already in the work folder: prepare (text and tokenizer) -> voice (speech, goes on in the background
while training) -> train (checkpoints; a stopped run goes on) -> export (the Hugging Face folder). Everything is seeded: the same command gives
the same text, voices, windows and order; sums on another GPU round differently, so weights are not bit-equal.

Needs the extra `practice` and, to finish within the hour, a CUDA GPU with 40 GB. To add a stage: a function like `prepare` and a call in `main`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import vocabulary
from .compact import CompactVocabulary
from .corpus import write_texts
from .shards import ShardFolder, voices_speaking

if TYPE_CHECKING:
    import torch

    from .loader import TrainingText
    from .loop import Recipe

Report = Callable[[str], None]
_ALIGNMENT_TEXTS = 40
_OUT = Path(__file__).with_name("model")


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """Names inside the work folder."""

    path: Path

    @property
    def texts(self) -> Path:
        """One sentence a line."""
        return self.path / "texts.txt"

    @property
    def tokenizer(self) -> Path:
        """Folder of the tokenizer files."""
        return self.path / "tokenizer"

    @property
    def checkpoint(self) -> Path:
        """Where training stands."""
        return self.path / "checkpoint.pt"

    def read_texts(self) -> tuple[str, ...]:
        """The sentences."""
        return tuple(self.texts.read_text("utf-8").split())


def prepare(work: WorkFolder, utterances: int, seed: int) -> None:
    """Write the training text and the tokenizer."""
    work.path.mkdir(parents=True, exist_ok=True)
    if not (work.tokenizer / "tokenizer.json").exists():
        vocabulary.write_tokenizer(work.tokenizer)
    if not work.texts.exists():
        partial = work.texts.with_suffix(".partial")
        write_texts(partial, utterances, seed)
        os.replace(partial, work.texts)


def read_training_text(work: WorkFolder) -> TrainingText:
    """Tokenise the text and number the tokens."""
    import numpy as np

    from .loader import TrainingText

    texts = work.read_texts()
    encoded = [item.ids for item in vocabulary.load_tokenizer(work.tokenizer).encode_batch(list(texts))]
    tokens = np.array([token for ids in encoded for token in ids], np.int64)
    compact = CompactVocabulary.of_text(tokens)
    numbers = np.zeros(vocabulary.VOCAB_SIZE, np.int64)
    numbers[list(compact.full)] = np.arange(1, compact.size)
    offsets = np.concatenate(([0], np.cumsum([len(ids) for ids in encoded])))
    return TrainingText(numbers[tokens], offsets, compact, ShardFolder(work.path / "voice", len(texts)))


def train(work: WorkFolder, recipe: Recipe, device: torch.device, report: Report) -> None:
    """Speak and train at the same time."""
    from . import loop

    text = read_training_text(work)
    report(f"{text.shards.utterances} utterances, {text.vocabulary.size} tokens")
    speakers = max(1, (os.cpu_count() or 1) - recipe.loaders - 1)
    with voices_speaking(work.read_texts(), text.shards, recipe.seed, speakers):
        loop.train(loop.Trainer(recipe, text, device), work.checkpoint, report)


def export(work: WorkFolder, recipe: Recipe, out: Path) -> None:
    """Write the averaged weights with the full vocabulary, then choose the alignment heads on them."""
    import torch

    from .alignment import choose_heads
    from .export import export_model, write_generation_config

    text = read_training_text(work)
    saved = torch.load(work.checkpoint, map_location="cpu", weights_only=True)
    state = averaged_state(saved, recipe, text.vocabulary)
    export_model(state, recipe.network.hugging_face(), work.tokenizer, out)
    write_generation_config(choose_heads(out, work.read_texts()[:_ALIGNMENT_TEXTS]), out)


def averaged_state(saved: dict[str, Any], recipe: Recipe, compact: CompactVocabulary) -> dict[str, torch.Tensor]:
    """Hugging Face's names and rows for the weight average of a checkpoint."""
    from .network import AUDIO_POSITIONS, sinusoids

    state = {f"model.{name}": weight.float() for name, weight in zip(saved["weights"], saved["average"], strict=True)}
    embedding = "model.decoder.embed_tokens.weight"
    state[embedding] = compact.expand(state[embedding])
    state["model.encoder.embed_positions.weight"] = sinusoids(AUDIO_POSITIONS, recipe.network.width)
    return state


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    import torch

    options = _parser().parse_args(arguments)
    recipe = _recipe(options)
    work = WorkFolder(options.work)
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    with _reporting() as report:
        prepare(work, options.utterances, recipe.seed)
        report("prepared")
        if options.stop_after == "prepare":
            return 0
        train(work, recipe, device, report)
        if options.stop_after == "train":
            return 0
        export(work, recipe, options.out)
        report(f"exported to {options.out}")
    return 0


@contextmanager
def _reporting() -> Iterator[Report]:
    began = time.monotonic()

    def report(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:7.1f} s  {line}\n")

    yield report


def _recipe(options: argparse.Namespace) -> Recipe:
    from .loop import Recipe
    from .network import NetworkShape

    network = NetworkShape(options.width, options.encoder_layers, options.decoder_layers)
    named = ("steps", "short_steps", "minutes", "seed", "batch_divisor", "loaders")
    return Recipe(network=network, **{name: getattr(options, name) for name in named})


def _parser() -> argparse.ArgumentParser:
    from .loop import Recipe

    usual = Recipe()
    parser = argparse.ArgumentParser(prog="python -m core.practice.train", description="Make the practice model.")
    parser.add_argument("--work", type=Path, required=True, help="folder for text, speech and checkpoints (30 GB)")
    parser.add_argument("--out", type=Path, default=_OUT, help="folder for the model (default: the shipped one)")
    parser.add_argument("--utterances", type=int, default=320_000, help="sentences to speak")
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--short-steps", type=int, default=usual.short_steps, help="how many of them on windows of 10 s")
    parser.add_argument("--minutes", type=float, default=0.0, help="train this long instead of --steps")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--batch-divisor", type=int, default=usual.batch_divisor, help="smaller batches, to try the code")
    parser.add_argument("--loaders", type=int, default=usual.loaders, help="processes that plan windows")
    parser.add_argument("--width", type=int, default=usual.network.width)
    parser.add_argument("--encoder-layers", type=int, default=usual.network.encoder_layers)
    parser.add_argument("--decoder-layers", type=int, default=usual.network.decoder_layers)
    parser.add_argument("--device", default="", help="torch device (default: cuda where there is one)")
    parser.add_argument("--stop-after", choices=("prepare", "train"), help="do only the stages up to this one")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
