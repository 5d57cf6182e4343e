"""The pins of constraints.txt: every requirement has one, and for each platform there are files to install.

pip evaluates environment markers for the machine it runs on, so the resolution for a Mac is uv's.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SOURCE_ONLY = "pysrt"  # published as an sdist; pure Python


def _pins() -> dict[str, str]:
    pins: dict[str, str] = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        found = re.match(r"([A-Za-z0-9_.-]+)==(\S+)", line)
        if found:
            name = canonicalize_name(found[1])
            assert name not in pins, f"{name} is pinned twice"
            pins[name] = found[2]
    return pins


def _requirements() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra), *PROJECT["dependency-groups"]["install"]]
    return [requirement for line in lines if (requirement := Requirement(line)).name != PROJECT["project"]["name"]]


@pytest.mark.parametrize("requirement", _requirements(), ids=str)
def test_every_requirement_has_a_pin_that_satisfies_it(requirement: Requirement) -> None:
    assert requirement.specifier.contains(_pins()[canonicalize_name(requirement.name)])


def test_the_version_of_torch_that_was_measured_is_the_one_pinned() -> None:
    assert _pins()["torch"] == "2.13.0"


def _configured_index() -> dict[str, str]:
    """pip's index as uv's variables: uv does not read pip's configuration."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"^(:env:|install|global|user|site)\.index-url='(.+)'$", listed, re.MULTILINE))
    index = next((found[section] for section in (":env:", "install", "site", "user", "global") if section in found), "")
    return {"UV_DEFAULT_INDEX": index} if index else {}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        **os.environ,
        **_configured_index(),
        "UV_CACHE_DIR": str(tmp_path_factory.mktemp("uv")),
        "MACOSX_DEPLOYMENT_TARGET": "14.0",
    }


@pytest.mark.network
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("platform", "own"),
    [
        ("aarch64-apple-darwin", {"mlx-metal", "mlx-whisper", "mlx-lm", "pyobjc-framework-quartz"}),
        ("x86_64-manylinux_2_35", {"mlx-cpu", "mlx-whisper", "mlx-lm"}),
    ],
)
def test_the_pins_resolve_to_wheels(environment: dict[str, str], platform: str, own: set[str], version: str) -> None:
    # Without --python uv looks for an interpreter of that version all over the machine.
    where = [
        "--python",
        sys.executable,
        "--python-platform",
        platform,
        "--python-version",
        version,
        "--only-binary",
        ":all:",
        "--no-binary",
        SOURCE_ONLY,
    ]
    what = ["pyproject.toml", "--all-extras", "--group", "install", "-c", "constraints.txt"]
    command = [sys.executable, "-m", "uv", "pip", "compile", "-q", "--no-header", "--no-annotate", *what, *where]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    resolved = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", ended.stdout, re.MULTILINE))
    pins = _pins()
    assert {name: pins.get(name) for name in resolved} == resolved
    assert own | {"torch", "transformers", "pysrt", "onnxruntime"} <= set(resolved)
