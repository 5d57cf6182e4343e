"""Operations on the Deliver page. There is no getter for render settings, so restoring is the business of `render_job.py`."""

from __future__ import annotations

import os
from typing import Any

from .resolve_calls import HostObjects, NoAnswer, operation


class RenderOperations(HostObjects):
    """Formats, presets, settings and the queue. Only jobs named by id are ever started or deleted."""

    @operation
    def render_mode(self) -> int:
        """0 individual clips, 1 single clip."""
        return self.calls.ask(self._project(), "GetCurrentRenderMode", int)

    @operation
    def set_render_mode(self, mode: int) -> None:
        """Choose individual clips (0) or a single clip (1)."""
        project = self._project()
        if self.calls.ask(project, "GetCurrentRenderMode", int) == mode:
            return
        self.calls.raw(project, "SetCurrentRenderMode", mode)
        if self.calls.ask(project, "GetCurrentRenderMode", int) != mode:
            raise NoAnswer("SetCurrentRenderMode")

    @operation
    def render_format(self) -> dict[str, str]:
        """{"format", "codec"} of the Deliver page."""
        found = self.calls.ask(self._project(), "GetCurrentRenderFormatAndCodec", dict)
        return {"format": str(found.get("format", "")), "codec": str(found.get("codec", ""))}

    @operation
    def set_render_format(self, extension: str, codec: str) -> bool:
        """Choose format and codec by their ids; False when Resolve does not take the pair."""
        project = self._project()
        self.calls.raw(project, "SetCurrentRenderFormatAndCodec", extension, codec)
        found = self.calls.ask(project, "GetCurrentRenderFormatAndCodec", dict)
        return str(found.get("format")) == extension and str(found.get("codec")) == codec

    @operation
    def render_formats(self) -> dict[str, str]:
        """{description: extension} of what this edition and system can render to."""
        return {str(key): str(value) for key, value in self.calls.ask(self._project(), "GetRenderFormats", dict).items()}

    @operation
    def render_codecs(self, extension: str) -> dict[str, str]:
        """{description: id} of a format's picture codecs; the id is what `set_render_format` wants."""
        return {str(key): str(value) for key, value in self.calls.ask(self._project(), "GetRenderCodecs", dict, extension).items()}

    @operation
    def audio_formats(self) -> dict[str, str]:
        """{description: extension} of audio-only formats; {} before 21.1."""
        project = self._project()
        if not self.calls.has(project, "GetAudioRenderFormats"):
            return {}
        return {str(key): str(value) for key, value in self.calls.ask(project, "GetAudioRenderFormats", dict).items()}

    @operation
    def set_render_settings(self, settings: dict[str, Any]) -> None:
        """Merge settings into the Deliver page."""
        if self.calls.raw(self._project(), "SetRenderSettings", settings) is not True:
            raise NoAnswer("SetRenderSettings")

    @operation
    def offer_render_settings(self, settings: dict[str, Any]) -> list[str]:
        """Merge settings one by one and answer the names of those that this version, format or codec does not take."""
        project = self._project()
        refused = []
        for key, value in settings.items():
            if not any(self.calls.raw(project, "SetRenderSettings", {key: value}) is True for _ in range(2)):
                refused.append(key)
        if refused and not self.calls.alive():
            raise NoAnswer("SetRenderSettings")
        return refused

    @operation
    def render_presets(self) -> list[str]:
        """Names of all render presets."""
        return [str(name) for name in self.calls.ask(self._project(), "GetRenderPresetList", list)]

    @operation
    def save_render_preset(self, name: str) -> None:
        """Save the Deliver page as a new preset."""
        project = self._project()
        if name not in self.calls.ask(project, "GetRenderPresetList", list):
            self.calls.raw(project, "SaveAsNewRenderPreset", name)
        if name not in self.calls.ask(project, "GetRenderPresetList", list):
            raise NoAnswer("SaveAsNewRenderPreset")

    @operation
    def can_delete_presets(self) -> bool:
        """True from 19.1 on."""
        return self.calls.has(self._project(), "DeleteRenderPreset")

    @operation
    def preset_keeps_paths(self, name: str, path: str) -> bool:
        """Whether a preset also holds target folder and file name: exported to `path` (a file, or a folder with a file in it) it shows.

        Preset files that were seen in public do; so that is the answer, too, when Resolve exports nothing.
        """
        for _ in range(self.calls.pauses.tries):
            if self.calls.raw(self.calls.resolve, "ExportRenderPreset", name, path) is True:
                files = [os.path.join(path, entry) for entry in os.listdir(path)] if os.path.isdir(path) else [path]
                return any("<RecordTargetDir" in _start_of(file) for file in files)
        if not self.calls.alive():
            raise NoAnswer("ExportRenderPreset")
        return True

    @operation
    def load_render_preset(self, name: str) -> None:
        """Set the Deliver page from a preset."""
        if self.calls.raw(self._project(), "LoadRenderPreset", name) is not True:
            raise NoAnswer("LoadRenderPreset")

    @operation
    def delete_render_preset(self, name: str) -> None:
        """Delete a preset; one that does not exist is left out."""
        project = self._project()
        if name not in self.calls.ask(project, "GetRenderPresetList", list):
            return
        self.calls.raw(project, "DeleteRenderPreset", name)
        if name in self.calls.ask(project, "GetRenderPresetList", list):
            raise NoAnswer("DeleteRenderPreset")

    @operation
    def import_render_preset(self, path: str) -> bool:
        """Import a preset file and select it; False when Resolve does not take it."""
        return self.calls.raw(self.calls.resolve, "ImportRenderPreset", path) is True

    @operation
    def render_jobs(self) -> list[dict[str, Any]]:
        """The queue: plain values of every job."""
        jobs = self.calls.things(self._project(), "GetRenderJobList")
        return [{str(key): value for key, value in job.items() if isinstance(value, (str, int, float))} for job in jobs]

    @operation
    def add_render_job(self, known: list[str]) -> str:
        """Queue the Deliver page as it stands, `known` being the ids in the queue before; answers the new id, '' when Resolve refuses."""
        project = self._project()
        new = self._new_jobs(project, known)
        if not new:
            self.calls.raw(project, "AddRenderJob")
            new = self._new_jobs(project, known)
        return new[0] if new else ""

    def _new_jobs(self, project: Any, known: list[str]) -> list[str]:
        ids = [str(job.get("JobId", "")) for job in self.calls.things(project, "GetRenderJobList")]
        return [one for one in ids if one and one not in known]

    @operation
    def delete_render_job(self, job_id: str) -> None:
        """Delete one job; one that is gone is left out."""
        project = self._project()
        if not self._has_job(project, job_id):
            return
        self.calls.raw(project, "DeleteRenderJob", job_id)
        if self._has_job(project, job_id):
            raise NoAnswer("DeleteRenderJob")

    def _has_job(self, project: Any, job_id: str) -> bool:
        return any(job.get("JobId") == job_id for job in self.calls.things(project, "GetRenderJobList"))

    @operation
    def start_render(self, job_id: str) -> None:
        """Start one job. The call's form differs by version: the list form first, then the plain one. Whether it runs shows in its status."""
        project = self._project()
        if self.calls.ask(project, "IsRenderingInProgress", bool):
            return
        if self.calls.raw(project, "StartRendering", [job_id], False) is not True and not self.calls.ask(project, "IsRenderingInProgress", bool):
            self.calls.raw(project, "StartRendering", job_id)

    @operation
    def render_status(self, job_id: str) -> dict[str, Any]:
        """{"percent", "left_s" or None, "error"}; the status text is left out because it is written in the language of the interface."""
        found = self.calls.ask(self._project(), "GetRenderJobStatus", dict, job_id)
        percent, left_ms = found.get("CompletionPercentage", 0), found.get("EstimatedTimeRemainingInMs")
        return {
            "percent": float(percent) if isinstance(percent, (int, float)) else 0.0,
            "left_s": left_ms / 1000 if isinstance(left_ms, (int, float)) else None,
            "error": str(found.get("Error") or ""),
        }

    @operation
    def rendering(self) -> bool:
        """True while anything renders."""
        return self.calls.ask(self._project(), "IsRenderingInProgress", bool)

    @operation
    def stop_render(self) -> None:
        """Stop rendering and wait until it has."""
        project = self._project()
        if self.calls.ask(project, "IsRenderingInProgress", bool):
            self.calls.raw(project, "StopRendering")
            self.calls.pause(self.calls.pauses.page_s)
            if self.calls.ask(project, "IsRenderingInProgress", bool):
                raise NoAnswer("StopRendering")


def _start_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(200_000)
    except OSError:
        return ""
