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
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from typing import TYPE_CHECKING

from . import __version__
from .errors import EngineError
from .messages import Language, text
from .settings import Settings, output_root, settings_path

if TYPE_CHECKING:
    from .engine_plan import EnginePlan
    from .media.encoders import EncoderState
    from .profile import HardwareProfile

_PACKAGES = (
    "av",
    "imageio-ffmpeg",
    "mlx",
    "mlx-audio",
    "mlx-lm",
    "mlx-whisper",
    "numpy",
    "onnxruntime",
    "opentimelineio",
    "pysrt",
    "silero-vad",
    "torch",
    "transformers",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `ok` is False when recognition cannot work until `hint` is done."""

    name: str
    ok: bool
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The machine, the packages by version (None: not installed), the checks, and the hardware profile and engine plan that two of them tell."""

    version: str
    machine: str
    python: str
    packages: dict[str, str | None]
    checks: tuple[Check, ...]
    profile: HardwareProfile
    plan: EnginePlan

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
    from .engine_plan import plan_engine

    _profile.cache_clear()
    _encoder_states.cache_clear()
    checks = tuple(check for look in _CHECKS for check in look(settings))
    packages = {name: _version(name) for name in _PACKAGES}
    return Report(__version__, machine_name(), platform.python_version(), packages, checks, _profile(), plan_engine(_profile(), settings))


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


def _hardware(settings: Settings) -> list[Check]:
    """The chip and its memory, what each device could give a model now, and the plan with its reasons."""
    from .engine_plan import plan_engine

    profile, language = _profile(), settings.language_ui
    cores = text("doctor.cores", language, performance=profile.performance_cores, gpu=profile.gpu_cores or "-")
    usable = [state.device for state in profile.devices if state.usable]
    rooms = ", ".join(f"{device} {profile.effective_bytes(device) / 1e9:.1f} GB" for device in usable)
    memory = text("doctor.memory", language, kind=profile.memory, total=_gb(profile.total_bytes), free=_gb(profile.available_bytes), rooms=rooms)
    plan = plan_engine(profile, settings)
    lines = [Check("chip", True, f"{profile.chip} ({cores})"), Check("memory", True, memory)]
    return [*lines, Check("plan", True, " ".join(reason.text(language) for reason in plan.reasons))]


def _gb(amount: int) -> str:
    return f"{amount / 1e9:.1f}"


@cache
def _profile() -> HardwareProfile:
    from .profile import HardwareProfile

    return HardwareProfile.probe(videotoolbox=any(state.works and state.family == "videotoolbox" for state in _encoder_states()))


@cache
def _encoder_states() -> tuple[EncoderState, ...]:
    """What encodes pictures here, each encoder tried; none where ffmpeg is missing, which `_ffmpeg` tells."""
    from .media.encoders import probe_encoders
    from .media.ffmpeg import find_ffmpeg

    try:
        return probe_encoders(find_ffmpeg())
    except EngineError:
        return ()


def _encoders(settings: Settings) -> list[Check]:
    """Of every codec the encoder that a render takes, after those that are there but refused, in their own words."""
    lines = []
    for codec, states in groupby(_encoder_states(), key=lambda state: state.codec):
        tried = list(states)
        first = next((number for number, state in enumerate(tried) if state.works), len(tried))
        told = [state.reason for state in tried[: first + 1] if state.reason.code != "encoders.absent"]
        lines.append(Check(f"video {codec}", True, " ".join(reason.text(settings.language_ui) for reason in told) or "-"))
    return lines


def _devices(settings: Settings) -> list[Check]:
    states = _profile().devices
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
    # a device's reason is a clause, a plan's is a sentence
    why = [reason.text(settings.language_ui).rstrip(".。") for reason in chosen.reasons]
    semicolon = "；" if settings.language_ui == "zh" else "; "
    return [Check("recogniser", True, f"{chosen.model} · {chosen.backend} · {chosen.device} ({semicolon.join(why)})")]


def _models(settings: Settings) -> list[Check]:
    from .models.table import model_table
    from .weights import PRACTICE, is_installed, models_folder, recommended_asr

    installed = [entry.id for entry in model_table() if entry.id != PRACTICE and is_installed(entry)]
    return [
        Check("models", True, ", ".join(installed) or "-"),
        Check("recommended model", True, recommended_asr().id),
        Check("models folder", True, str(models_folder())),
    ]


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


_CHECKS: tuple[Callable[[Settings], list[Check]], ...] = (_ffmpeg, _encoders, _hardware, _devices, _models, _recogniser, _places)


def as_json(report: Report) -> str:
    """The report as one JSON object with `ok` added, and `effective_bytes` by device, what a model may take there now."""
    usable = [state.device for state in report.profile.devices if state.usable]
    rooms = {device: report.profile.effective_bytes(device) for device in usable}
    return json.dumps({**asdict(report), "effective_bytes": rooms, "ok": report.ok}, ensure_ascii=False)


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
