"""The few array functions of torch and MLX that have different names, so that rules, choice and alignment are written once for both.

`xp` is the library itself: where, softmax, logsumexp, logaddexp, cumsum, minimum, maximum and mean take the same positional arguments
in both. What differs is a field here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..hardware import device_state


@dataclass(frozen=True, slots=True)
class Weighed:
    """Of text and of timestamps in each row: the likeliest with its place, the timestamps together, and everything together.

    Logarithms on one scale, each (rows,); `total` may be 0.0 where that scale is the probability's own.
    """

    other_best: Any
    other_place: Any
    stamp_best: Any
    stamp_place: Any
    stamps: Any
    total: Any


@dataclass(frozen=True, slots=True)
class Arrays:
    """`new` makes an array on the device from nested lists or numpy; `largest` is the maximum along the last axis, `place` where it is
    (signed whole numbers); `at` picks one value a row; `rows` takes some rows of an array by their numbers. `weigh` compares logits of text and of
    timestamps, in the fewest steps that the library has. `fused` makes one kernel of a function that goes element by element, where the library can:
    on a graphics processor starting a kernel takes longer than its work. `quiet` is a context in which torch keeps no record for gradients.
    """

    xp: Any
    new: Callable[[Any], Any]
    largest: Callable[[Any], Any]
    place: Callable[[Any], Any]
    at: Callable[[Any, Any], Any]
    rows: Callable[[Any, Any], Any]
    weigh: Callable[[Any, Any], Weighed]
    fused: Callable[[Callable[..., Any]], Callable[..., Any]]
    quiet: Callable[[], AbstractContextManager[Any]]


def torch_arrays(device: Any) -> Arrays:
    """torch on `device`."""
    import torch

    return Arrays(
        xp=torch,
        new=lambda values: torch.as_tensor(values, device=device),
        largest=lambda values: values.amax(-1),
        place=lambda values: values.argmax(-1),
        at=lambda values, places: values.gather(-1, places.long()[:, None])[:, 0],
        rows=lambda values, numbers: values.index_select(0, numbers),
        weigh=_weigh_processor if torch.device(device).type == "cpu" else _weigh_torch,
        fused=lambda function: function,
        quiet=torch.inference_mode,
    )


def _weigh_torch(other: Any, stamp: Any) -> Weighed:
    """One kernel for all logarithms and one for a maximum with its place; torch's logsumexp is eight."""
    import torch

    logprobs = torch.cat([other, stamp], -1).log_softmax(-1)
    others, stamps = logprobs[:, : other.shape[1]], logprobs[:, other.shape[1] :]
    (other_best, other_place), (stamp_best, stamp_place) = others.max(-1), stamps.max(-1)
    return Weighed(other_best, other_place, stamp_best, stamp_place, stamps.exp().sum(-1).log(), 0.0)


def _weigh_processor(other: Any, stamp: Any) -> Weighed:
    """Two sums instead of every token's logarithm; numpy finds a maximum's place ten times as fast as torch."""
    import torch

    places = [torch.tensor([row.argmax() for row in values.numpy()]) for values in (other, stamp)]
    other_best, stamp_best = (values.gather(-1, place[:, None])[:, 0] for values, place in zip((other, stamp), places, strict=True))
    most = torch.maximum(other_best, stamp_best)
    others, stamps = ((values - most[:, None]).exp_().sum(-1) for values in (other, stamp))
    return Weighed(other_best, places[0], stamp_best, places[1], most + stamps.log(), most + (others + stamps).log())


def mlx_arrays() -> Arrays:
    """MLX on its default device."""
    import mlx.core as mx

    return Arrays(
        xp=mx,
        new=mx.array,
        largest=lambda values: values.max(axis=-1),
        place=lambda values: values.argmax(axis=-1).astype(mx.int32),
        at=lambda values, places: mx.take_along_axis(values, places[:, None], axis=-1)[:, 0],
        rows=lambda values, numbers: mx.take(values, numbers, axis=0),
        weigh=_weigh_mlx,
        # for a processor MLX would need a compiler on the user's machine
        fused=partial(mx.compile, shapeless=True) if device_state("mlx").gpu else lambda function: function,
        quiet=nullcontext,
    )


def _weigh_mlx(other: Any, stamp: Any) -> Weighed:
    """MLX has one kernel for logsumexp, and joining the two costs more than weighing them apart."""
    import mlx.core as mx

    stamps = mx.logsumexp(stamp, axis=-1)
    total = mx.logaddexp(mx.logsumexp(other, axis=-1), stamps)
    return Weighed(other.max(axis=-1), other.argmax(axis=-1), stamp.max(axis=-1), stamp.argmax(axis=-1), stamps, total)
