from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import SetupError
from core.setup.lock import only_one


def test_a_second_installer_says_so_and_gives_up_in_the_end(tmp_path: Path) -> None:
    told: list[str] = []
    with only_one(tmp_path, list), pytest.raises(SetupError) as caught, only_one(tmp_path, lambda: told.append("waiting"), 0.0):
        pass
    assert (caught.value.code, told) == ("install.busy", ["waiting"])
    with only_one(tmp_path, lambda: told.append("again")):
        assert told == ["waiting"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from core.setup.children import run_logged
from core.setup.lock import only_one

folder = Path(sys.argv[1])
child = "import time; print('up', flush=True); time.sleep(1.5)"
with only_one(folder, list):
    run_logged([sys.executable, "-c", child], folder / "log", dict(os.environ), lambda line: line and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_child_that_outlives_its_killed_installer_still_holds_the_lock(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    told: list[str] = []
    with only_one(tmp_path, lambda: told.append("waiting")):
        assert told == ["waiting"]
