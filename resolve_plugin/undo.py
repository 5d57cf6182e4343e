"""The journal: what to put back, written into the job folder before Resolve is changed.

Two lists. `restore` holds what is put back in any case (page, playhead, folder, switches); `undo` holds what is taken back only when the work
failed (items, tracks). Entries run in reverse order; one that fails stays, and the next start of the plugin runs it, even after a crash.
To add one: a function (host, params) that can be repeated without harm, in `_ACTIONS`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from .errors import HostError
from .resolve_api import ResolveHost
from .srt import same_text

WORK_FOLDER = "Canto-Beats in progress"  # what Resolve renders into; nothing in it is worth keeping
DEFAULT_TRACK_NAME = re.compile(r"^\D*\d+$")  # "Subtitle 1", in whatever language: a name that nobody chose


class Journal:
    """Entries as [name, params] in `state["restore"]` and `state["undo"]`; `save` writes the state to disk."""

    def __init__(self, state: dict[str, Any], save: Callable[[], None]) -> None:
        self.state = state
        self.save = save

    def will_restore_all(self, entries: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Several `will_restore` at once."""
        self.state.setdefault("restore", []).extend([action, params] for action, params in entries)
        self.save()

    def will_restore(self, action: str, **params: Any) -> None:
        """Remember something that is put back whatever happens. Call it before changing anything."""
        self._add("restore", action, params)

    def will_restore_last(self, action: str, **params: Any) -> None:
        """Like `will_restore`, for what must wait until everything else is back."""
        self.state.setdefault("restore", []).insert(0, [action, params])
        self.save()

    def will_undo(self, action: str, **params: Any) -> None:
        """Remember something that is taken back if the work fails. Call it before changing anything."""
        self._add("undo", action, params)

    def commit(self) -> None:
        """The work is good: forget what would take it back. The caller saves, together with the news that it is done."""
        self.state["undo"] = []

    @property
    def pending(self) -> bool:
        """True while anything is left to put back."""
        return bool(self.state.get("undo") or self.state.get("restore"))

    def take_back(self, host: ResolveHost) -> bool:
        """Run `undo`; True when nothing is left of it."""
        return self._run("undo", host)

    def put_back(self, host: ResolveHost) -> bool:
        """Run `restore`; True when nothing is left of it."""
        return self._run("restore", host)

    def _add(self, kind: str, action: str, params: dict[str, Any]) -> None:
        self.state.setdefault(kind, []).append([action, params])
        self.save()

    def _run(self, kind: str, host: ResolveHost) -> bool:
        left = []
        with host.calls.finishing():
            for action, params in reversed(self.state.get(kind, [])):
                try:
                    _ACTIONS[action](host, params)
                except HostError:
                    left.append([action, params])
        self.state[kind] = left[::-1]
        self.save()
        return not left


def _page(host: ResolveHost, params: dict[str, Any]) -> None:
    host.open_page(params["page"])


def _timeline(host: ResolveHost, params: dict[str, Any]) -> None:
    host.make_current(params["timeline"])


def _playhead(host: ResolveHost, params: dict[str, Any]) -> None:
    host.set_playhead(params["timeline"], params["timecode"])


def _bin(host: ResolveHost, params: dict[str, Any]) -> None:
    host.set_current_bin(params["bin"])


def _track(host: ResolveHost, params: dict[str, Any]) -> None:
    kind, index = params["kind"], params["index"]
    track = next((one for one in host.tracks(params["timeline"], kind) if one["index"] == index and one["name"] == params["name"]), None)
    if track is None:
        return
    if "locked" in params and track["locked"] != params["locked"]:
        host.lock_track(params["timeline"], kind, index, params["locked"])
    if track["enabled"] != params["enabled"]:
        host.enable_track(params["timeline"], kind, index, params["enabled"])


class _OurCues:
    """Tells whether an item has the text or, but for a frame of rounding, the place of one of our cues (start, end, text; absolute frames)."""

    def __init__(self, cues: Sequence[Sequence[Any]]) -> None:
        shifts = (-1, 0, 1)
        self._texts = {same_text(text) for _, _, text in cues}
        self._places = {(start + before, end + after) for start, end, _ in cues for before in shifts for after in shifts}

    def __contains__(self, item: dict[str, Any]) -> bool:
        return same_text(item["text"]) in self._texts or (item["start"], item["end"]) in self._places


def _new_items(host: ResolveHost, params: dict[str, Any]) -> None:
    """Delete items that were not there before and are ours, on whichever subtitle track they are."""
    kept, ours = set(params["keep"]), _OurCues(params["cues"])
    host.open_page("edit")
    host.make_current(params["timeline"])
    for track in host.tracks(params["timeline"], "subtitle"):
        items = host.items(params["timeline"], "subtitle", track["index"]) if track["count"] else []
        host.delete_items(params["timeline"], track["index"], [item["id"] for item in items if item["id"] not in kept and item in ours])


def _new_track(host: ResolveHost, params: dict[str, Any]) -> None:
    for track in host.tracks(params["timeline"], "subtitle"):
        if track["index"] == params["index"] and (track["name"] == params["name"] or DEFAULT_TRACK_NAME.match(track["name"])):
            host.delete_subtitle_track(params["timeline"], params["index"])


def _track_name(host: ResolveHost, params: dict[str, Any]) -> None:
    tracks = host.tracks(params["timeline"], "subtitle")
    if any(track["index"] == params["index"] and track["name"] == params["now"] for track in tracks):
        host.name_track(params["timeline"], "subtitle", params["index"], params["name"])


def _cleared(host: ResolveHost, params: dict[str, Any]) -> None:
    """Put the cues of a track that was cleared back from the copy saved before. What somebody else put there since is left alone."""
    timeline, index, cues = params["timeline"], params["index"], params["cues"]
    ours = _OurCues(cues)
    tracks = host.tracks(timeline, "subtitle")
    target = next((one for one in tracks if one["index"] == index and one["name"] == params["name"]), None)
    if target is None:
        return
    host.open_page("edit")
    host.make_current(timeline)
    for _ in range(3):
        items = host.items(timeline, "subtitle", index)
        if len(items) == len(cues) and all(_is_cue(item, cue) for item, cue in zip(items, cues)):
            return
        if any(item not in ours for item in items):
            break
        host.delete_items(timeline, index, [item["id"] for item in items])
        for track in tracks:
            host.enable_track(timeline, "subtitle", track["index"], track["index"] == index)
        host.append_subtitles(host.use_bin(params["bin_name"]), host.import_subtitles(params["path"]))
    raise HostError("place.not_put_back", name=params["name"], path=params["path"])


def _is_cue(item: dict[str, Any], cue: Sequence[Any]) -> bool:
    near = abs(item["start"] - cue[0]) <= 1 and abs(item["end"] - cue[1]) <= 1
    return near and same_text(item["text"]) == same_text(cue[2])


def _render_preset(host: ResolveHost, params: dict[str, Any]) -> None:
    if params["name"] in host.render_presets():
        host.load_render_preset(params["name"])


def _render_paths(host: ResolveHost, params: dict[str, Any]) -> None:
    host.set_render_settings({"TargetDir": "", "CustomName": ""})


def _drop_preset(host: ResolveHost, params: dict[str, Any]) -> None:
    host.delete_render_preset(params["name"])


def _render_format(host: ResolveHost, params: dict[str, Any]) -> None:
    host.set_render_format(params["format"], params["codec"])


def _render_mode(host: ResolveHost, params: dict[str, Any]) -> None:
    host.set_render_mode(params["mode"])


def _render_job(host: ResolveHost, params: dict[str, Any]) -> None:
    """Delete our own jobs: those that write into our folder and were not in the queue before."""
    for job in host.render_jobs():
        if job.get("TargetDir") == params["folder"] and job["JobId"] not in params["keep"]:
            if host.rendering() and 0 < host.render_status(job["JobId"])["percent"] < 100:
                host.stop_render()
            host.delete_render_job(job["JobId"])


def _marks(host: ResolveHost, params: dict[str, Any]) -> None:
    host.set_marks(params["timeline"], params["marks"])


def _drop_folder(host: ResolveHost, params: dict[str, Any]) -> None:
    """Delete the folder of a render with what an unfinished one left in it. The finished file has been moved out before."""
    folder = params["folder"]
    if os.path.basename(folder).startswith(WORK_FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.isdir(folder):
        raise HostError("film.not_removed", path=folder)


_ACTIONS: dict[str, Callable[[ResolveHost, dict[str, Any]], None]] = {
    "page": _page,
    "timeline": _timeline,
    "playhead": _playhead,
    "bin": _bin,
    "track": _track,
    "new_items": _new_items,
    "new_track": _new_track,
    "track_name": _track_name,
    "cleared": _cleared,
    "render_preset": _render_preset,
    "render_paths": _render_paths,
    "drop_preset": _drop_preset,
    "render_format": _render_format,
    "render_mode": _render_mode,
    "render_job": _render_job,
    "marks": _marks,
    "drop_folder": _drop_folder,
}
