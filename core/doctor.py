"""`canto-beats doctor`: what this machine can do and what is missing, as one report for people, scripts, install.py and the plugin.

To add a check, write a function that returns a Check and name it in `_CHECKS`.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from . import __version__
from .errors import EngineError
from .messages import Language, text
from .settings import Settings, output_root, settings_path

_PACKAGES = ("av", "imageio-ffmpeg", "mlx", "mlx-whisper", "numpy", "onnxruntime", "opentimelineio", "pysrt", "silero-vad", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `ok` is False when recognition cannot work until `hint` is done."""

    name: str
    ok: bool
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The machine, the packages by version (None: not installed), and the checks."""

    version: str
    machine: str
    python: str
    packages: dict[str, str | None]
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True when nothing is missing."""
        return all(check.ok for check in self.checks)


def machine_name() -> str:
    """System, processor, cores and memory in one line, for reports and benches."""
    import psutil

    system = f"macOS {platform.mac_ver()[0]}" if sys.platform == "darwin" else f"{platform.system()} {platform.release()}"
    memory_gib = psutil.virtual_memory().total / 2**30
    return f"{system}, {platform.machine()}, {psutil.cpu_count(logical=False) or psutil.cpu_count()} cores, {memory_gib:.0f} GiB"


def examine(settings: Settings) -> Report:
    """Look at everything once; imports torch and MLX to ask them for devices."""
    checks = tuple(check for look in _CHECKS for check in look(settings))
    return Report(__version__, machine_name(), platform.python_version(), {name: _version(name) for name in _PACKAGES}, checks)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _ffmpeg(settings: Settings) -> list[Check]:
    from .media.ffmpeg import find_ffmpeg

    try:
        return [Check("ffmpeg", True, str(find_ffmpeg()))]
    except EngineError as error:
        return [_failed("ffmpeg", error, settings)]


def _devices(settings: Settings) -> list[Check]:
    from .hardware import DEVICES, device_state

    states = [device_state(device) for device in DEVICES]
    lines = [
        Check(f"device {state.device}", True, f"{_yes_no(state.usable, settings.language_ui)}: {state.reason.text(settings.language_ui)}")
        for state in states
    ]
    return lines


def _recogniser(settings: Settings) -> list[Check]:
    from .asr.recogniser import choose_recogniser

    try:
        chosen = choose_recogniser(settings)
    except EngineError as error:
        return [_failed("recogniser", error, settings)]
    why = " ".join(reason.text(settings.language_ui) for reason in chosen.reasons)
    return [Check("recogniser", True, f"{chosen.model} · {chosen.backend} · {chosen.device} ({why})")]


def _models(settings: Settings) -> list[Check]:
    from .models_table import model_table
    from .weights import PRACTICE, is_installed, models_folder

    installed = [entry.id for entry in model_table() if entry.id != PRACTICE and is_installed(entry)]
    return [Check("models", True, ", ".join(installed) or "-"), Check("models folder", True, str(models_folder()))]


def _places(settings: Settings) -> list[Check]:
    root = output_root(settings)
    existing = next(folder for folder in (root, *root.parents) if folder.exists())
    free_gib = shutil.disk_usage(existing).free / 2**30
    return [
        Check("output", True, f"{root} ({free_gib:.0f} GiB)"),
        Check("settings", True, str(settings_path())),
    ]


def _failed(name: str, error: EngineError, settings: Settings) -> Check:
    return Check(name, False, error.message(settings.language_ui), error.hint(settings.language_ui))


def _yes_no(value: bool, language: Language) -> str:
    return text("doctor.yes" if value else "doctor.no", language)


_CHECKS: tuple[Callable[[Settings], list[Check]], ...] = (_ffmpeg, _devices, _models, _recogniser, _places)


def as_json(report: Report) -> str:
    """The report as one JSON object with `ok` added."""
    return json.dumps({**asdict(report), "ok": report.ok}, ensure_ascii=False)


def as_text(report: Report, language: Language) -> str:
    """The report as lines; what is missing is marked and followed by its fix."""
    lines = [f"Canto-Beats {report.version} · {report.machine} · Python {report.python}"]
    lines.append(" ".join(f"{name} {number or '-'}" for name, number in report.packages.items()))
    for check in report.checks:
        lines.append(f"{'✓' if check.ok else '✗'} {check.name}: {check.value}")
        if check.hint:
            lines.append(f"    {check.hint}")
    lines.append(text("doctor.fine" if report.ok else "doctor.missing", language))
    return "\n".join(lines)
