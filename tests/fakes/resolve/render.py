# ruff: noqa: N802 - methods carry the names of the real API
"""The Deliver page of the fake: settings without a getter, formats and codecs, presets, the queue, and a render that takes a few polls.

A film is a real small clip; what would be seen in it stands in `host.films`: {"path", "burnt" (name of the subtitle track or ""), "sidecar", "job"}.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .profiles import AUDIO_PRESET, JOB_STATUS
from .state import ProjectState, new_id

_PATHS = ("TargetDir", "CustomName")
_JOB_KEYS = ("TargetDir", "AudioBitDepth", "AudioSampleRate", "AudioCodec", "FormatWidth", "FormatHeight")
_POLLS = 3
_VIDEO_CODECS: dict[str, dict[str, dict[str, str]]] = {
    "mac": {"mov": {"Apple ProRes 422 HQ": "ProRes422HQ", "H.264": "H264"}, "mp4": {"H.264": "H264", "H.265": "H265"}},
    "windows": {"mov": {"DNxHR HQ": "DNxHRHQ", "H.264": "H264"}, "mp4": {"H.264 NVIDIA": "H264_NVIDIA", "H.265 NVIDIA": "H265_NVIDIA"}},
    "free_linux": {"mov": {"DNxHR HQ": "DNxHRHQ", "GoPro CineForm": "CineForm"}, "mp4": {}},
}
_CLIP = Path(__file__).with_name("clip.mp4")  # five frames, H.264


class RenderCalls:
    """Mixed into the fake project: every call of the Deliver page."""

    _host: Any
    _node: ProjectState

    def do_GetRenderFormats(self) -> dict[str, str]:
        return {"QuickTime": "mov", "MP4": "mp4", "Wave": "wav"}

    def do_GetRenderCodecs(self, extension: str) -> dict[str, str]:
        return dict(self._codecs(extension))

    def _codecs(self, extension: str) -> dict[str, str]:
        return _VIDEO_CODECS[self._host.quirks.codecs].get(extension, {})

    def do_GetAudioRenderFormats(self) -> dict[str, str]:
        return {"MP4": "mp4", "QuickTime": "mov", "Wave": "wav"}

    def do_GetAudioRenderCodecs(self, extension: str) -> dict[str, str]:
        return {"Linear PCM": "lpcm"} if extension == "wav" else {"AAC": "aac"}

    def do_GetCurrentRenderFormatAndCodec(self) -> dict[str, str]:
        return {"format": self._node.render.format, "codec": self._node.render.codec}

    def do_SetCurrentRenderFormatAndCodec(self, extension: str, codec: str) -> bool:
        known = codec in self._codecs(extension).values()
        if not known and not (extension == "wav" and codec == self._host.quirks.wav_codec):
            return False
        self._node.render.format, self._node.render.codec = extension, codec
        return True

    def do_GetCurrentRenderMode(self) -> int:
        return self._node.render.mode

    def do_SetCurrentRenderMode(self, mode: int) -> bool:
        self._node.render.mode = mode
        return True

    def do_SetRenderSettings(self, settings: dict[str, Any]) -> bool:
        render = self._node.render
        if any(key in settings for key in self._host.quirks.refused_settings):
            return False
        render.settings.update(settings)
        if settings.get("AudioFormat") and render.settings.get("ExportVideo") is False:
            render.format, render.codec = settings["AudioFormat"], settings.get("AudioCodec", "lpcm")
        timeline = self._node.timeline()
        if timeline and "MarkIn" in settings and "MarkOut" in settings and not render.settings.get("SelectAllFrames"):
            first, last = (settings[key] - timeline.start_frame for key in ("MarkIn", "MarkOut"))
            timeline.marks = {kind: {"in": first, "out": last} for kind in ("video", "audio")}
        return True

    def do_GetRenderPresetList(self) -> list[str]:
        return [*self._stock(), *self._node.render.presets]

    def _stock(self) -> dict[str, dict[str, Any]]:
        if self._host.quirks.audio_preset_missing:
            return {}
        settings = {"ExportVideo": False, "ExportAudio": True, "AudioCodec": "lpcm"}
        return {AUDIO_PRESET[self._host.profile.language]: {"settings": settings, "format": "mov", "codec": "lpcm", "mode": 1}}

    def do_SaveAsNewRenderPreset(self, name: str) -> bool:
        render = self._node.render
        if name in render.presets:
            return False
        covers = self._host.quirks.preset_covers_paths
        kept = {key: value for key, value in render.settings.items() if covers or key not in _PATHS}
        render.presets[name] = {"settings": kept, "format": render.format, "codec": render.codec, "mode": render.mode}
        return True

    def do_DeleteRenderPreset(self, name: str) -> bool:
        return self._node.render.presets.pop(name, None) is not None

    def do_LoadRenderPreset(self, name: str) -> bool:
        preset = {**self._stock(), **self._node.render.presets}.get(name)
        if preset is None:
            return False
        self.load_preset(preset)
        return True

    def load_preset(self, preset: dict[str, Any]) -> None:
        render, covers = self._node.render, self._host.quirks.preset_covers_paths
        kept = {} if covers else {key: render.settings[key] for key in _PATHS if key in render.settings}
        render.settings = {**preset["settings"], **kept}
        render.format, render.codec, render.mode = preset["format"], preset["codec"], preset["mode"]

    def do_AddRenderJob(self) -> str:
        render, timeline = self._node.render, self._node.timeline()
        if not render.settings.get("TargetDir") or timeline is None:
            return ""
        job = {"JobId": new_id("job"), "TimelineName": timeline.name, "OutputFilename": self._output_name(timeline.name)}
        job.update(
            {key: render.settings[key] for key in _JOB_KEYS if key in render.settings},
            IsExportVideo=render.settings.get("ExportVideo", True),
            IsExportAudio=render.settings.get("ExportAudio", True),
            RenderMode="Single clip" if render.mode else "Individual clips",
            VideoFormat=render.format,
            VideoCodec=render.codec,
        )
        job["MarkIn"], job["MarkOut"] = self._range(timeline)
        render.jobs.append(job)
        return job["JobId"]

    def _range(self, timeline: Any) -> tuple[int, int]:
        settings = self._node.render.settings
        if settings.get("SelectAllFrames", True) or "MarkIn" not in settings:
            return timeline.start_frame, timeline.end_frame - 1
        return settings["MarkIn"], settings["MarkOut"]

    def _output_name(self, timeline_name: str) -> str:
        quirks, render = self._host.quirks, self._node.render
        name = render.settings.get("CustomName") or timeline_name
        return f"{name}{quirks.output_suffix}{quirks.output_extension or '.' + render.format}"

    def do_GetRenderJobList(self) -> list[dict[str, Any]]:
        return [dict(job) for job in self._node.render.jobs]

    def do_DeleteRenderJob(self, job_id: str) -> bool:
        render = self._node.render
        if render.running == job_id:
            return False
        before = len(render.jobs)
        render.jobs = [job for job in render.jobs if job["JobId"] != job_id]
        return len(render.jobs) < before

    def do_StartRendering(self, *args: Any) -> bool:
        render = self._node.render
        ids = args[0] if args and isinstance(args[0], list) else [one for one in args if isinstance(one, str)]
        form = "list" if args and isinstance(args[0], list) else "positional"
        if render.running or form != self._host.quirks.start_form:
            return False
        ids = ids or [job["JobId"] for job in render.jobs]
        if not ids or any(all(job["JobId"] != one for job in render.jobs) for one in ids):
            return False
        self._host.rendered += ids
        if not self._host.quirks.job_stuck_at_ready:
            render.running, render.polls = ids[0], 0
            self._write(next(job for job in render.jobs if job["JobId"] == ids[0]), whole=False)
        return True

    def do_IsRenderingInProgress(self) -> bool:
        self._advance()
        return bool(self._node.render.running)

    def do_GetRenderJobStatus(self, job_id: str) -> dict[str, Any]:
        render = self._node.render
        words = JOB_STATUS[self._host.profile.language]
        if all(job["JobId"] != job_id for job in render.jobs):
            return {}
        if render.running == job_id:
            status = {"JobStatus": words["rendering"], "CompletionPercentage": 100 * render.polls // (_POLLS + 1), "EstimatedTimeRemainingInMs": 100}
        else:
            status = dict(render.status.get(job_id, {"JobStatus": words["ready"], "CompletionPercentage": 0}))
        if not self._host.quirks.status_without_error_key:
            status.setdefault("Error", "")
        return status

    def do_StopRendering(self) -> None:
        render = self._node.render
        if render.running and not self._host.quirks.stop_is_slow:
            render.status[render.running] = {"JobStatus": JOB_STATUS[self._host.profile.language]["cancelled"], "CompletionPercentage": 40}
            render.running = ""
        self._host.quirks.stop_is_slow = False

    def _advance(self) -> None:
        render = self._node.render
        if not render.running:
            return
        render.polls += 1
        if render.polls <= _POLLS:
            return
        job = next((one for one in render.jobs if one["JobId"] == render.running), None)
        words = JOB_STATUS[self._host.profile.language]
        if self._host.quirks.render_fails or job is None:
            render.status[render.running] = {"JobStatus": words["failed"], "CompletionPercentage": 60, "Error": "disk full"}
        else:
            render.status[render.running] = {"JobStatus": words["complete"], "CompletionPercentage": 100, "TimeTakenToRenderInMs": 1200}
            self._write(job)
        render.running = ""

    def _write(self, job: dict[str, Any], whole: bool = True) -> None:
        """The file of a job: while it renders a piece of it, at the end all of it."""
        target = Path(job["TargetDir"]) / job["OutputFilename"]
        if self._host.quirks.render_makes_no_file or not target.parent.is_dir() or not self._host.may_write(str(target)):
            return
        if not whole:
            target.write_bytes(b"only a piece")
        elif job["IsExportVideo"]:
            self._write_film(job, target)
        else:
            target.write_bytes(self._host.rendered_audio)

    def _write_film(self, job: dict[str, Any], target: Path) -> None:
        settings, timeline = self._node.render.settings, self._node.timeline()
        shown = next((track for track in timeline.tracks["subtitle"] if track.enabled and track.items), None) if timeline else None
        wanted = settings.get("ExportSubtitle", self._host.quirks.deliver_burns_in)
        kind = settings.get("SubtitleFormat", "BurnIn") if wanted and shown else ""
        film = {"path": str(target), "burnt": shown.name if shown and kind == "BurnIn" else "", "sidecar": kind == "SeparateFile", "job": dict(job)}
        self._host.films.append(film)
        clip = self._host.burnt_clip if film["burnt"] and self._host.burnt_clip else self._host.film_clip
        target.write_bytes((clip or _CLIP).read_bytes())
        if film["sidecar"] and shown:
            target.with_suffix(".srt").write_text("\n".join(item.name for item in shown.items), "utf-8")


def preset_of_file(path: Path) -> dict[str, Any] | None:
    """What importing a preset file sets, read from its XML; None when the file is no preset."""
    text = path.read_text("utf-8")
    values = dict(re.findall(r"<(\w+)>([^<]*)</\w+>", text))
    if "RecordFormatType" not in values:
        return None
    settings = {"ExportVideo": False, "ExportAudio": True, "AudioBitDepth": int(values["RecordAudioBitDepth"]), "TargetDir": "", "CustomName": ""}
    return {"settings": settings, "format": values["RecordFormatType"], "codec": "lpcm", "mode": 1}
