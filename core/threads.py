"""How the libraries' threads behave beside other programs: Resolve, an upload, a second job.

Another library's switch is another entry of `_PATIENT`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# OpenMP's threads wait for each other by spinning. When somebody else holds a core they spin for whole time slices: recognition of ten minutes
# on two busy cores took 100 to 160 s so, and 32 s with threads that sleep while they wait (`canto-beats bench asr`).
_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}


def patient_threads() -> None:
    """Let waiting threads sleep, in this process and its children, unless the user chose otherwise; call it before torch's first import."""
    for name, value in _PATIENT.items():
        os.environ.setdefault(name, value)


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item], lanes: int) -> Iterator[Result]:
    """`work` of every item, in their order, `lanes` of them at a time, each with its share of torch's threads.

    Nothing is begun more than `lanes` items ahead of what was taken. An error comes where its result would have; what has begun by then, or when
    the iterator is closed, is waited for, and the rest is never begun.
    """
    if lanes == 1 or len(items) == 1:
        yield from map(work, items)
        return
    import torch

    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(lanes, "side-by-side")
    # for torch the number belongs to the process: threads that are new here read it when they compute first
    torch.set_num_threads(max(1, threads // lanes))
    try:
        begun = deque(pool.submit(work, item) for item in items[:lanes])
        for number in range(lanes, len(items) + lanes):
            result = begun.popleft().result()
            if number < len(items):
                begun.append(pool.submit(work, items[number]))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)
