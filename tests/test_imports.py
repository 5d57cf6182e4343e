"""What a fresh interpreter loads: importing the package or asking for help must stay cheap."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "torch", "mlx", "transformers", "onnxruntime", "av", "opentimelineio", "scipy", "cattrs", "rich")


def loaded_by(code: str) -> set[str]:
    probe = f"{code}\nimport sys; print(chr(10).join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["core", "core.timing", "core.document", "core.timeline", "core.pipeline", "core.cli", "core.job", "core.asr.base", "core.backends"]
)
def test_a_module_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") & set(HEAVY) == set()


def test_help_loads_nothing_heavy() -> None:
    code = "import sys\nfrom core.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert loaded_by(code) & set(HEAVY) == set()
