"""Other Pythons of this machine, for tests of what runs inside a host."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def interpreter(version: str) -> str:
    """A Python of this version, for example '3.9', from PATH or pyenv; skips the test where there is none."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    for python in (*map(str, kept), shutil.which(f"python{version}")):
        if python and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip(f"no Python {version} on PATH or in pyenv")
