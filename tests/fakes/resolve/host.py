# ruff: noqa: N802 - methods carry the names of the real API
"""The fake Resolve as one thing: build it with a profile, hand its globals to the plugin, compare its snapshots.

host = FakeHost(PROFILES["studio_21_1"]); host.add_timeline(...)
before = host.snapshot(); session.run(**host.menu_globals()); assert host.snapshot() == ...
"""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

from .api import Api
from .faults import Faults
from .media import FakeMediaPool
from .profiles import Profile
from .proxy import Desk, FakeObject
from .quirks import Quirks
from .render import RenderCalls, preset_of_file
from .state import ProjectState, TimelineState, snapshot
from .timeline import FakeTimeline
from .ui import FakeDispatcher, FakeUIManager


class FakeProject(RenderCalls, FakeObject):
    """A project."""

    class_name = "Project"
    _node: ProjectState

    def do_GetName(self) -> str:
        return self._node.name

    def do_GetUniqueId(self) -> str:
        return self._node.id

    def do_GetMediaPool(self) -> FakeMediaPool:
        return FakeMediaPool(self._host, self._node)

    def do_GetCurrentTimeline(self) -> FakeTimeline | None:
        timeline = self._node.timeline()
        return FakeTimeline(self._host, timeline) if timeline else None

    def do_SetCurrentTimeline(self, timeline: FakeTimeline) -> bool:
        self._node.current_timeline = timeline._node.id
        return True

    def do_GetTimelineCount(self) -> int:
        return len(self._node.timelines)

    def do_GetTimelineByIndex(self, index: int) -> FakeTimeline | None:
        found = self._node.timelines[index - 1 : index] if index > 0 else []
        return FakeTimeline(self._host, found[0]) if found else None

    def do_GetSetting(self, name: str = "") -> Any:
        settings = {"timelineFrameRate": 24.0, "timelineDropFrameTimecode": "0"}  # never the timeline's own
        return settings.get(name, "") if name else settings


class FakeProjectManager(FakeObject):
    """The project manager; the open project is the last of `host.projects`."""

    class_name = "ProjectManager"

    def do_GetCurrentProject(self) -> FakeProject | None:
        return FakeProject(self._host, self._host.project) if self._host.projects else None

    def do_SaveProject(self) -> bool:
        return self._host.project.name != "Untitled Project"

    def do_CreateProject(self, name: str, media_location: str | None = None) -> FakeProject | None:
        if any(one.name == name for one in self._host.projects):
            return None
        self._host.projects.append(ProjectState(name))
        return FakeProject(self._host, self._host.project)

    def do_LoadProject(self, name: str) -> FakeProject | None:
        found = next((one for one in self._host.projects if one.name == name), None)
        if found is None:
            return None
        self._host.projects.remove(found)
        self._host.projects.append(found)
        return FakeProject(self._host, found)

    def do_DeleteProject(self, name: str) -> bool:
        closed = [one for one in self._host.projects[:-1] if one.name == name]
        for one in closed:
            self._host.projects.remove(one)
        return bool(closed)

    def do_GetProjectListInCurrentFolder(self) -> list[str]:
        return sorted(one.name for one in self._host.projects)


class FakeFusion(FakeObject):
    """The Fusion object."""

    class_name = "Fusion"

    def do_UIManager(self) -> FakeUIManager | None:
        return FakeUIManager(self._host, None) if self._host.profile.windows else None

    def do_GetResolve(self) -> FakeResolve:
        return FakeResolve(self._host, None)

    def do_RequestFile(self, *args: Any) -> str | None:
        return self._host.picked_file


class FakeResolve(FakeObject):
    """The root object."""

    class_name = "Resolve"

    def do_GetProjectManager(self) -> FakeProjectManager:
        return FakeProjectManager(self._host, None)

    def do_GetCurrentProject(self) -> FakeProject | None:
        return self.do_GetProjectManager().do_GetCurrentProject()

    def do_Fusion(self) -> FakeFusion:
        return FakeFusion(self._host, None)

    def do_GetProductName(self) -> str:
        return self._host.profile.product

    def do_GetVersion(self) -> list[Any]:
        return [*self._host.profile.version, 7, ""]

    def do_GetVersionString(self) -> str:
        return ".".join(str(part) for part in self._host.profile.version)

    def do_IsStudio(self) -> bool:
        return self._host.profile.studio

    def do_GetCurrentPage(self) -> str | None:
        return self._host.page

    def do_OpenPage(self, page: str) -> bool:
        timeline = self._host.project.timeline()
        if self._host.project.render.running and page != self._host.page and timeline:
            timeline.marks = {}
        self._host.page = page
        self._host.edited_since_pause = ""
        return True

    def do_ExportRenderPreset(self, name: str, path: str) -> bool:
        if name not in self._host.project.render.presets or not self._host.may_write(path):
            return False
        Path(path).mkdir(parents=True, exist_ok=True)
        paths = "<RecordTargetDir/><RecordPrefix/>" if self._host.quirks.preset_covers_paths else ""
        (Path(path) / f"{name}.xml").write_text(f"<SyRecordInfo><RecordFormatType>mov</RecordFormatType>{paths}</SyRecordInfo>", "utf-8")
        return True

    def do_ImportRenderPreset(self, path: str) -> bool:
        preset = preset_of_file(Path(path)) if Path(path).is_file() else None
        if preset is None or self._host.quirks.import_preset_fails:
            return False
        self._host.project.render.presets[Path(path).stem] = preset
        FakeProject(self._host, self._host.project).load_preset(preset)
        return True


class FakeBmd(FakeObject):
    """The module-level glue."""

    class_name = "bmd"

    def do_UIDispatcher(self, ui: FakeUIManager) -> FakeDispatcher:
        return FakeDispatcher(self._host, ui)

    def do_scriptapp(self, name: str, *rest: Any) -> FakeResolve | None:
        return FakeResolve(self._host, None) if self._host.profile.external and name == "Resolve" else None


class FakeHost:
    """Resolve, running."""

    def __init__(self, profile: Profile, quirks: Quirks | None = None, faults: Faults | None = None) -> None:
        self.profile = profile
        self.api = Api(profile.version)
        self.quirks = quirks or Quirks()
        self.faults = faults or Faults()
        self.desk = Desk(self)
        self.projects = [ProjectState()]
        self.page = "color"
        self.closed = False
        self.crashed = False
        self.edited_since_pause = ""
        self.rendered: list[str] = []
        self.rendered_audio = _second_of_silence()
        self.films: list[dict[str, Any]] = []
        self.film_clip: Path | None = None  # what every film is a copy of; None: a clip of five frames
        self.burnt_clip: Path | None = None  # what a film with subtitles is a copy of, where that matters
        self.windows: dict[str, dict[str, Any]] = {}
        self.ui_events: list[Any] = []
        self.loop_exit = False
        self.picked_file: str | None = None
        self.pauses: list[float] = []

    @property
    def project(self) -> ProjectState:
        """The open project."""
        return self.projects[-1]

    def add_timeline(self, timeline: TimelineState) -> TimelineState:
        """Put a timeline into the project and in front."""
        self.project.timelines.append(timeline)
        self.project.current_timeline = timeline.id
        return timeline

    def menu_globals(self) -> dict[str, Any] | None:
        """What a menu script finds as globals; None where Python entries are not listed."""
        if not self.profile.menu_python:
            return None
        return {"resolve": FakeResolve(self, None), "fusion": FakeFusion(self, None), "bmd": FakeBmd(self, None)}

    def snapshot(self) -> dict[str, Any]:
        """All state as one comparable value."""
        return snapshot(self.project, self.page)

    def pause(self, seconds: float) -> None:
        """Stands in for waiting: what was edited before the pause has settled after it."""
        self.pauses.append(seconds)
        if seconds >= 1.0:
            self.edited_since_pause = ""

    def structural_edit(self, call: str) -> None:
        """Called by every change of tracks and items; two without a pause between bring a fragile Resolve down."""
        if self.edited_since_pause and self.quirks.crash_on_rapid_edits:
            self.crashed = self.closed = True
        self.edited_since_pause = call

    def may_write(self, path: str) -> bool:
        """Some builds cannot write below the system's temporary folders."""
        return not path.startswith(self.quirks.forbidden_folders)


def _second_of_silence() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48000)
        out.writeframes(b"\0\0" * 48000)
    return buffer.getvalue()
