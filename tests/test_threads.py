"""Waiting threads sleep, unless the user chose otherwise."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from core.cli import main
from core.threads import one_thread, patient_threads


def test_the_command_line_and_its_children_wait_patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "")
    monkeypatch.delenv("OMP_WAIT_POLICY")
    assert CliRunner().invoke(main, ["models", "list", "--json"]).exit_code == 0
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_the_users_own_choice_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    patient_threads()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_one_thread_works_and_the_others_come_back() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(KeyError), one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
