"""How the libraries' threads behave beside other programs: Resolve, an upload, a second job.

Another library's switch is another entry of `_PATIENT`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

# OpenMP's threads wait for each other by spinning. When somebody else holds a core they spin for whole time slices: recognition of ten minutes
# on two busy cores took 100 to 160 s so, and 32 s with threads that sleep while they wait (`canto-beats bench asr`).
_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}


def patient_threads() -> None:
    """Let waiting threads sleep, in this process and its children, unless the user chose otherwise; call it before torch's first import."""
    for name, value in _PATIENT.items():
        os.environ.setdefault(name, value)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on the calling thread alone meanwhile: for work so small that waking a second thread costs more than it saves."""
    import torch

    count = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(count)
