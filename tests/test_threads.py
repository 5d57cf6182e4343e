"""Waiting threads sleep, unless the user chose otherwise; and work side by side."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import torch
from click.testing import CliRunner

from core.cli import main
from core.threads import patient_threads, side_by_side

from .fakes.torch_threads import torch_threads


def test_the_command_line_and_its_children_wait_patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "")
    monkeypatch.delenv("OMP_WAIT_POLICY")
    assert CliRunner().invoke(main, ["models", "list", "--json"]).exit_code == 0
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_the_users_own_choice_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    patient_threads()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.fixture
def threads() -> Iterator[Callable[[], int]]:
    """Torch computes on four threads meanwhile; counts them."""
    with torch_threads(4):
        yield torch.get_num_threads


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_results_come_in_the_order_of_their_items(lanes: int, threads: Callable[[], int]) -> None:
    def work(item: int) -> int:
        time.sleep(0.03 if item == 0 else 0)
        return item * item

    assert list(side_by_side(work, range(6), lanes)) == [0, 1, 4, 9, 16, 25]
    assert list(side_by_side(work, (), lanes)) == []


def test_two_work_at_once_with_half_of_the_threads_each(threads: Callable[[], int]) -> None:
    both = threading.Barrier(2, timeout=10)

    def work(item: str) -> int:
        both.wait()
        return threads()

    assert list(side_by_side(work, "ab", 2)) == [2, 2]
    assert threads() == 4


def test_one_item_has_all_threads(threads: Callable[[], int]) -> None:
    assert list(side_by_side(lambda item: threads(), "a", 2)) == [4]


def test_nobody_runs_further_ahead_than_the_lanes(threads: Callable[[], int]) -> None:
    begun: list[int] = []
    results = side_by_side(begun.append, range(9), 2)
    next(results)
    results.close()
    assert sorted(begun) == [0, 1, 2]
    assert threads() == 4


def test_an_error_comes_in_its_turn_and_ends_the_work(threads: Callable[[], int]) -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 1:
            raise KeyError(item)
        return item

    results = side_by_side(work, range(9), 2)
    assert next(results) == 0
    with pytest.raises(KeyError, match="1"):
        next(results)
    assert sorted(begun) == [0, 1, 2]
    assert threads() == 4
