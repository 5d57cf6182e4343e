"""The Resolves that the plugin meets: edition, version, language of the interface, and what each lets a script do.

To add one, put a line in `PROFILES`; every test that runs over all profiles picks it up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .api import Version


@dataclass(frozen=True)
class Profile:
    """One build of Resolve. `menu_python`: .py entries are listed; `external`: scriptapp answers; `windows`: UIManager works."""

    name: str
    version: Version
    studio: bool
    language: str = "en"
    menu_python: bool = True
    external: bool = True
    windows: bool = True
    app_store: bool = False

    @property
    def product(self) -> str:
        """What GetProductName says."""
        return "DaVinci Resolve Studio" if self.studio else "DaVinci Resolve"


_STUDIO_20 = Profile("studio_20_2", (20, 2, 0), studio=True)

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("studio_18_6", (18, 6, 6), studio=True),
        Profile("studio_19_1", (19, 1, 3), studio=True),
        _STUDIO_20,
        Profile("studio_21_1", (21, 1, 0), studio=True),
        Profile("free_19_0", (19, 0, 2), studio=False),
        Profile("free_20", (20, 0, 1), studio=False, external=False, windows=False),
        Profile("free_21_1", (21, 1, 0), studio=False, menu_python=False, external=False, windows=False),
        replace(_STUDIO_20, name="studio_20_2_zh", language="zh"),
        replace(_STUDIO_20, name="studio_20_2_pt", language="pt"),
        Profile("app_store_21_1", (21, 1, 0), studio=True, app_store=True),
    )
}

JOB_STATUS = {
    "en": {"ready": "Ready", "rendering": "Rendering", "complete": "Complete", "cancelled": "Cancelled", "failed": "Failed"},
    "zh": {"ready": "就緒", "rendering": "正在渲染", "complete": "已完成", "cancelled": "已取消", "failed": "失敗"},
    "pt": {"ready": "Pronto", "rendering": "Renderizando", "complete": "Concluído", "cancelled": "Cancelado", "failed": "Falhou"},
}
AUDIO_PRESET = {"en": "Audio Only", "zh": "僅音訊", "pt": "Somente áudio"}
SUBTITLE_WORD = {"en": "Subtitle", "zh": "字幕", "pt": "Legenda"}
