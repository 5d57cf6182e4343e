"""Feed the training loop: plans from loader processes, speech onto the device, both growing while the voices still speak.

Which utterances may occur at a step follows from the step alone (`shards_at`): a run that has to wait for the voices and one that does not
see the same windows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from .compact import CompactVocabulary
from .compose import PlanTensors
from .shards import SHARD_SIZE, ShardFolder
from .windows import Plan, Planner, Pool, WindowShape

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

_FIRST_SHARDS, _STEPS_PER_SHARD = 8, 90
_ROOM = 1.05  # speech memory against what the first shards let expect


@dataclass(frozen=True, slots=True)
class TrainingText:
    """Every utterance's tokens (compact numbers, end to end, offsets one longer than the count), and where its speech lies."""

    tokens: NDArray[np.int64]
    offsets: NDArray[np.int64]
    vocabulary: CompactVocabulary
    shards: ShardFolder


def shards_at(step: int, count: int) -> int:
    """How many shards a step may draw from."""
    return min(count, _FIRST_SHARDS + step // _STEPS_PER_SHARD)


def wait_for(shards: ShardFolder, count: int) -> None:
    """Return when the first `count` shards are whole."""
    while not all(shards.ready(index) for index in range(count)):
        time.sleep(0.2)


class Plans:
    """The plan of every step, as a map that torch's DataLoader can share out."""

    def __init__(self, text: TrainingText, shape: WindowShape, seed: int) -> None:
        self._text = text
        self._shape = shape
        self._seed = seed
        self._lengths: list[NDArray[np.int64]] = []
        self._pool: Pool | None = None

    def __getitem__(self, step: int) -> Plan:
        import numpy as np

        planner = Planner(self._shape, self._text.vocabulary)
        return planner.plan(self._pool_at(step), np.random.default_rng((self._seed, step)))

    def _pool_at(self, step: int) -> Pool:
        import numpy as np

        shards = self._text.shards
        wanted = shards_at(step, shards.count)
        if self._pool is None or wanted != len(self._lengths):
            wait_for(shards, wanted)
            self._lengths = [np.load(shards.lengths_path(index)) for index in range(wanted)]
            lengths = np.concatenate(self._lengths)
            self._pool = Pool(np.cumsum(lengths) - lengths, lengths, self._text.tokens, self._text.offsets)
        return self._pool


class Speech:
    """All speech as one int16 tensor on the device, filled shard by shard."""

    def __init__(self, shards: ShardFolder, device: torch.device) -> None:
        import numpy as np
        import torch

        first = min(_FIRST_SHARDS, shards.count)
        wait_for(shards, first)
        spoken = sum(int(np.load(shards.lengths_path(index)).sum()) for index in range(first))
        expected = spoken / min(first * SHARD_SIZE, shards.utterances) * shards.utterances
        self._shards = shards
        self._loaded = 0
        self._used = 0
        # 2 more: interpolation reads one sample past an utterance's end
        self.samples = torch.zeros(int(expected * _ROOM) + 2, dtype=torch.int16, device=device)

    def load(self, count: int) -> torch.Tensor:
        """The tensor with at least the first `count` shards in it."""
        import numpy as np
        import torch

        wait_for(self._shards, count)
        for index in range(self._loaded, count):
            samples = torch.from_numpy(np.fromfile(self._shards.audio_path(index), np.int16))
            self.samples[self._used : self._used + len(samples)] = samples.to(self.samples.device)
            self._used += len(samples)
            self._loaded = index + 1
        return self.samples


def plans_from(plans: Plans, first_step: int, workers: int) -> Iterator[Plan]:
    """Plans from `first_step` on without end; `workers` 0 makes them in this process."""
    if workers == 0:
        step = first_step
        while True:
            yield plans[step]
            step += 1
    from torch.utils.data import DataLoader

    yield from DataLoader(
        plans,
        batch_size=None,
        sampler=range(first_step, 1 << 30),
        num_workers=workers,
        prefetch_factor=16,
        multiprocessing_context="spawn",
    )


def to_device(plan: Plan, device: torch.device) -> PlanTensors:
    """The same plan as tensors on the device."""
    import torch

    def move(array: NDArray[np.generic]) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        # from pinned memory the copy does not wait for the step before
        return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor

    arrays = {item.name: move(getattr(plan, item.name)) for item in fields(Plan) if item.name != "scene"}
    scene = {name: move(column) for name, column in plan.scene.items()}
    return PlanTensors(scene=scene, placed_samples=int(plan.length.sum()), **arrays)
