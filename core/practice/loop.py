"""The training loop: AdamW with warm-up and cosine, an average of the weights, and checkpoints that a later run goes on from.

The first part of a run trains on windows of 10 s (where to look is found sooner there), the rest on Whisper's 30 s. To change the recipe:
`Recipe` and `SHAPES`.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch  # noqa: TID253 - only training loads this file

from .compose import LogMel, compose, mask_features
from .loader import Plans, Speech, TrainingText, plans_from, shards_at, to_device
from .network import Network, NetworkShape, weighted_loss
from .windows import Plan, WindowShape

SHORT, LONG = WindowShape(192, 10.0, 128), WindowShape(64, 30.0, 256)
_AVERAGE_DECAY = 0.9995
_CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast to train: `steps`, of which the first `short_steps` on short windows; or, when `minutes` is not 0,
    for that long, with short windows for the same share of the time."""

    steps: int = 21_300
    short_steps: int = 9_120
    minutes: float = 0.0
    learning_rate: float = 1.5e-3
    warm_up: int = 500
    seed: int = 1
    batch_divisor: int = 1  # smaller batches, for trying the code out
    loaders: int = 3
    network: NetworkShape = field(default_factory=NetworkShape)

    def progress(self, step: int, seconds: float) -> float:
        """Share of the run that lies behind, 0 to 1."""
        return min(1.0, seconds / (60 * self.minutes) if self.minutes else step / self.steps)

    def short(self, step: int, seconds: float) -> bool:
        """Whether the step takes short windows."""
        share = self.short_steps / self.steps
        return self.progress(step, seconds) < share

    def rate(self, step: int, seconds: float) -> float:
        """Learning rate: linear warm-up, then cosine to a fiftieth."""
        cosine = 0.51 + 0.49 * math.cos(math.pi * self.progress(step, seconds))
        return self.learning_rate * min(1.0, (step + 1) / self.warm_up) * cosine

    def shape(self, short: bool) -> WindowShape:
        """The window shape of a part of the run."""
        base = SHORT if short else LONG
        return WindowShape(max(4, base.batch // self.batch_divisor), base.seconds, base.tokens)


class Trainer:
    """Network, optimiser and weight average of one run; `state` and `restore` are what a checkpoint holds."""

    def __init__(self, recipe: Recipe, text: TrainingText, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.text, self.device = recipe, text, device
        self.network = Network(recipe.network, text.vocabulary.size).to(device)
        self.names = [name for name, weight in self.network.named_parameters() if weight.requires_grad]
        self.weights = [weight for weight in self.network.parameters() if weight.requires_grad]
        self.average = [weight.detach().clone() for weight in self.weights]
        self.bias = torch.zeros(text.vocabulary.size, device=device)
        self.bias[0] = text.vocabulary.shared_bias
        self.optimizer = _optimizer(self.network)
        self.log_mel = LogMel(device)
        self.generator = torch.Generator(device)
        self.step, self.seconds = 0, 0.0
        if device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
            # one compilation a layer kind and window shape; where that fails, the layer runs uncompiled
            torch._dynamo.config.recompile_limit = 32
            torch._dynamo.config.suppress_errors = True
            for layer in (*self.network.encoder.layers, *self.network.decoder.layers):
                layer.compile(dynamic=False)

    def train_step(self, plan: Plan, shape: WindowShape, speech: torch.Tensor) -> torch.Tensor:
        """One update; returns the loss, still on the device."""
        tensors = to_device(plan, self.device)
        self.generator.manual_seed(self.recipe.seed * 1_000_003 + self.step)
        with torch.no_grad():
            samples = compose(tensors, speech, shape, self.generator)
            features = mask_features(self.log_mel(samples, tensors.scene), self.generator)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            states = self.network(features, tensors.tokens)
            output = (self.network.decoder.embed_tokens.weight, self.bias)
            loss = weighted_loss(states, output, tensors.labels, tensors.weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0, foreach=True)
        rate = self.recipe.rate(self.step, self.seconds)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        with torch.no_grad():
            decay = min(_AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(self.average, self.weights, 1.0 - decay)
        return loss.detach()

    def state(self) -> dict[str, Any]:
        """Everything a later run needs; moments and average in half precision."""
        moments = [self.optimizer.state[weight] for weight in self.weights]
        half = torch.bfloat16
        return {
            "step": self.step,
            "seconds": self.seconds,
            "weights": dict(zip(self.names, (weight.detach() for weight in self.weights), strict=True)),
            "average": [weight.to(torch.float16) for weight in self.average],
            "first": [moment["exp_avg"].to(half) for moment in moments],
            "second": [moment["exp_avg_sq"].to(half) for moment in moments],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`."""
        self.network.load_state_dict(state["weights"], strict=False)
        self.step, self.seconds = state["step"], state["seconds"]
        for index, weight in enumerate(self.weights):
            self.average[index].copy_(state["average"][index])
            self.optimizer.state[weight] = {
                "step": torch.tensor(float(self.step), device=self.device),
                "exp_avg": state["first"][index].to(self.device, torch.float32),
                "exp_avg_sq": state["second"][index].to(self.device, torch.float32),
            }


def train(trainer: Trainer, checkpoint: Path, report: Callable[[str], None]) -> None:
    """Train to the end of the recipe, from `checkpoint` where it exists; leaves the last checkpoint there."""
    if checkpoint.exists():
        trainer.restore(torch.load(checkpoint, map_location=trainer.device, weights_only=True))
        report(f"going on from step {trainer.step}")
    speech = Speech(trainer.text.shards, trainer.device)
    clock = _Clock(trainer)
    for plan, shape in _batches(trainer, clock):
        loss = trainer.train_step(plan, shape, speech.load(shards_at(trainer.step, trainer.text.shards.count)))
        trainer.seconds = clock.seconds()
        if trainer.step % 200 == 0:
            report(f"step {trainer.step} loss {loss.item():.4f} seconds {trainer.seconds:.0f} window {shape.seconds:.0f}")
        if clock.checkpoint_due():
            save(trainer, checkpoint)
    save(trainer, checkpoint)


def save(trainer: Trainer, checkpoint: Path) -> None:
    """Write the checkpoint through a temporary name."""
    partial = checkpoint.with_suffix(".partial")
    torch.save(trainer.state(), partial)
    os.replace(partial, checkpoint)


class _Clock:
    """Seconds trained, earlier runs included, and when the next checkpoint is due."""

    def __init__(self, trainer: Trainer) -> None:
        self._before = trainer.seconds
        self._began = self._saved = time.monotonic()

    def seconds(self) -> float:
        return self._before + time.monotonic() - self._began

    def checkpoint_due(self) -> bool:
        if time.monotonic() - self._saved < _CHECKPOINT_SECONDS:
            return False
        self._saved = time.monotonic()
        return True


def _batches(trainer: Trainer, clock: _Clock) -> Iterator[tuple[Plan, WindowShape]]:
    """Plans until the recipe ends, with the loaders changed where the windows grow."""
    recipe = trainer.recipe
    for short in (True, False):
        if short and not recipe.short(trainer.step, clock.seconds()):
            continue
        shape = recipe.shape(short)
        for plan in plans_from(Plans(trainer.text, shape, recipe.seed), trainer.step, recipe.loaders):
            done = recipe.progress(trainer.step, clock.seconds()) >= 1.0
            if done or (short and not recipe.short(trainer.step, clock.seconds())):
                break
            yield plan, shape


def _optimizer(network: Network) -> torch.optim.AdamW:
    """Weight decay on matrices only, not on embeddings, norms and biases."""
    decayed: list[torch.Tensor] = []
    plain: list[torch.Tensor] = []
    for name, weight in network.named_parameters():
        if weight.requires_grad:
            (plain if weight.ndim < 2 or "embed" in name else decayed).append(weight)
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-8, fused=next(network.parameters()).is_cuda)
