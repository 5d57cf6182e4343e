"""The few array functions of torch and MLX that have different names, so that rules, choice and alignment are written once for both.

`xp` is the library itself: where, softmax, logsumexp, logaddexp, cumsum, minimum, maximum and mean take the same positional arguments
in both. What differs is a field here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Arrays:
    """`new` makes an array on the device from nested lists or numpy; `largest` is the maximum along the last axis, `place` where it is
    (signed whole numbers), `best` both; `at` picks one value a row; `rows` takes some rows of an array by their numbers. `log_softmax` is along the
    last axis. `forbid` gives an array, which it may change, with minus infinity from a column on where a condition holds. `quiet` is a context in
    which torch keeps no record for gradients.
    """

    xp: Any
    new: Callable[[Any], Any]
    largest: Callable[[Any], Any]
    place: Callable[[Any], Any]
    at: Callable[[Any, Any], Any]
    rows: Callable[[Any, Any], Any]
    best: Callable[[Any], tuple[Any, Any]]
    log_softmax: Callable[[Any], Any]
    forbid: Callable[[Any, int, Any], Any]
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
        best=lambda values: values.max(-1),
        log_softmax=lambda values: values.log_softmax(-1),
        forbid=_forbid_torch,
        quiet=torch.inference_mode,
    )


def _forbid_torch(values: Any, first: int, condition: Any) -> Any:
    values[:, first:].masked_fill_(condition, -float("inf"))
    return values


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
        best=lambda values: (values.max(axis=-1), values.argmax(axis=-1).astype(mx.int32)),
        log_softmax=lambda values: values - mx.logsumexp(values, axis=-1, keepdims=True),
        forbid=lambda values, first, condition: mx.concatenate([values[:, :first], mx.where(condition, -float("inf"), values[:, first:])], axis=-1),
        quiet=nullcontext,
    )
