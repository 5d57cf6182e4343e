from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.setup.children import clean_environment, hand_over, run_logged


def test_what_misleads_a_child_is_dropped_and_the_users_index_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "DYLD_LIBRARY_PATH", "PIP_TARGET", "PIP_NO_DEPS"):
        monkeypatch.setenv(name, "wrong")
    monkeypatch.setenv("PIP_INDEX_URL", "file:///an/index")
    monkeypatch.setenv("PIP_USER", "1")
    environment = clean_environment(EXTRA="yes")
    assert not {"PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__", "DYLD_LIBRARY_PATH", "PIP_TARGET", "PIP_NO_DEPS"} & set(environment)
    assert (environment["PIP_INDEX_URL"], environment["PIP_USER"], environment["EXTRA"]) == ("file:///an/index", "0", "yes")


def test_lines_are_told_and_kept_in_the_log(tmp_path: Path) -> None:
    told: list[str | None] = []
    code = "import sys; print('一'); print('two', file=sys.stderr); sys.exit(3)"
    ended = run_logged([sys.executable, "-X", "utf8", "-u", "-c", code], tmp_path / "log", clean_environment(), told.append)
    assert (ended.code, ended.lines) == (3, ("一", "two"))
    assert [line for line in told if line is not None] == ["一", "two"]
    assert (tmp_path / "log").read_text("utf-8").splitlines()[1:] == ["一", "two"]


def test_an_interrupt_ends_the_child(tmp_path: Path) -> None:
    def interrupt(line: str | None) -> None:
        if line:
            (tmp_path / "pid").write_text(line, "utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_logged(
            [sys.executable, "-u", "-c", "import os, time; print(os.getpid()); time.sleep(60)"], tmp_path / "log", clean_environment(), interrupt
        )
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text("utf-8")), 0)


def test_silence_is_told_so_that_the_clock_can_move(tmp_path: Path) -> None:
    told: list[str | None] = []
    run_logged([sys.executable, "-c", "import time; time.sleep(1.2)"], tmp_path / "log", clean_environment(), told.append)
    assert None in told


def test_the_exit_code_is_handed_back_and_a_signal_counts_as_the_shell_counts_it() -> None:
    assert hand_over([sys.executable, "-c", "raise SystemExit(5)"]) == 5
    assert hand_over([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]) == 143
