"""Every setting of the engine with its one default, read from the user's TOML file and overridden by the command line.

To add a setting: add a field with its default here; if it changes what a stage makes, name it in that stage's `settings` in `pipeline.py`.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

from .errors import InputError
from .messages import Language, language_from_environment
from .rules.pattern import Level


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user wants.

    `asr_model` is a model id, a folder or 'practice'; None takes the best installed model. `device` is auto, mlx, cuda, mps or cpu.
    `speech_detector` is silero or energy. `preset` names the layout rules, or a TOML file of them; `max_width` in full-width characters takes
    the place of its widest line unless 0; `pause_ms` is the silence that ends a cue. `scene_detection` auto looks for cuts in an uncut file.
    `register` is spoken (口語), written (書面語) or both; `level` is how far written goes: half or written; `llm` is none (rules only), a model id or
    a folder; `glossary` is a text file of names. `batch_size` 0 lets the device decide. `output_folder` None means the user's Movies folder.
    `mirror` is the server that models come from in place of huggingface.co.
    """

    asr_model: str | None = None
    device: str = "auto"
    speech_detector: str = "silero"
    register: str = "spoken"
    level: Level = "written"
    llm: str = "none"
    glossary: str | None = None
    preset: str = "hk_broadcast"
    max_width: int = 0
    pause_ms: int = 600
    scene_detection: str = "auto"
    batch_size: int = 0
    output_folder: str | None = None
    language_ui: Language = "en"
    mirror: str | None = None


_CHOICES = {
    "device": ("auto", "mlx", "cuda", "mps", "cpu"),
    "register": ("spoken", "written", "both"),
    "level": ("half", "written"),
    "speech_detector": ("silero", "energy"),
    "scene_detection": ("auto", "off"),
    "language_ui": ("en", "zh"),
}


def settings_path() -> Path:
    """Where the user's settings file is looked for: CANTO_BEATS_SETTINGS, else the system's place for configuration."""
    if named := os.environ.get("CANTO_BEATS_SETTINGS"):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("canto-beats", appauthor=False) / "settings.toml"


def load_settings(**overrides: object) -> Settings:
    """Defaults, then the user's file, then every override that is not None.

    Raises InputError `settings.*` for a file that is not TOML, an unknown name or a value of the wrong type.
    """
    path = settings_path()
    values: dict[str, object] = {"language_ui": language_from_environment()}
    if path.exists():
        try:
            values |= tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError("settings.unreadable", file=path, reason=error) from error
    values |= {name: value for name, value in overrides.items() if value is not None}
    return _checked(values, path)


def _checked(values: dict[str, object], path: Path) -> Settings:
    defaults = Settings()
    known = {field.name for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise InputError("settings.unknown", name=name, file=path, names=", ".join(sorted(known)))
        default = getattr(defaults, name)
        kind = str if default is None else type(default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError("settings.bad_value", name=name, value=value, wanted=kind.__name__)
        if name in _CHOICES and value not in _CHOICES[name]:
            raise InputError("settings.bad_value", name=name, value=value, wanted=", ".join(_CHOICES[name]))
    return replace(defaults, **values)  # type: ignore[arg-type]


def output_root(settings: Settings) -> Path:
    """The folder that results go to when the user names none: Movies/Canto-Beats (Videos on Linux)."""
    if settings.output_folder:
        return Path(settings.output_folder).expanduser()
    from platformdirs import user_videos_path

    return user_videos_path() / "Canto-Beats"
