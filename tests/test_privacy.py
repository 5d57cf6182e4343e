"""No library makes an identity for the user or reports home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "code",
    [
        "from core.backends import create_speech_detector as make\nwith make('silero'): pass",
        "from core.cli import main\nmain(['models', 'list', '--json'], standalone_mode=False)\nimport onnxruntime",
    ],
)
def test_the_speech_detector_leaves_no_device_id(code: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")}
    subprocess.run([sys.executable, "-c", code], check=True, env={**environment, "HOME": str(tmp_path)}, cwd=Path(__file__).parent.parent)
    assert list(tmp_path.rglob("*onnxruntime*")) == []
