"""Puts cues on a subtitle track and proves it by reading them back.

Resolve's answers prove nothing, and which track an append goes to is not documented. So: the track exists before the append, every other
subtitle track is switched off, the file has never been imported before, and success is what the tracks hold afterwards. A mismatch is tried
once more, then everything is taken back. Before every change the journal knows how to undo it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import PluginError
from .files import fresh_path, safe_name, write_text
from .rates import Rate, timecode
from .resolve_api import ResolveHost
from .srt import Cue, same_text, srt_text
from .undo import DEFAULT_TRACK_NAME, Journal

BIN_NAME = "Canto-Beats"
TRACK_NAMES = {"spoken": "Canto-Beats 口語", "written": "Canto-Beats 書面語"}
_ROUNDING_FRAMES = 1  # an import may round a time to the neighbouring frame; more is a wrong place


@dataclass(frozen=True)
class Target:
    """Where to place: the timeline as it was read, its rate and first frame."""

    timeline_id: str
    rate: Rate
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Placement:
    """What was done for one register. `action` is 'placed' or 'skipped'; frames are absolute; `rounded` counts cues that are one frame off."""

    register: str
    action: str
    track_index: int
    track_name: str
    cues: int
    first_frame: int = 0
    end_frame: int = 0
    rounded: int = 0


class MisplacedError(PluginError):
    """What the tracks hold is not what was to be placed."""


def bring_to_front(host: ResolveHost, journal: Journal, timeline_id: str, page: str = "edit") -> None:
    """Open `page` with the timeline, noting page and timeline that were in front. Raises HostError."""
    journal.will_restore("page", page=host.page())
    current = host.timeline()
    if current and current["id"] != timeline_id:
        journal.will_restore("timeline", timeline=current["id"])
    host.open_page(page)
    host.make_current(timeline_id)


def ours(tracks: Sequence[dict[str, Any]], register: str) -> list[dict[str, Any]]:
    """Those of the subtitle tracks that carry our name for a register; the first one with cues is the one that is replaced."""
    wanted = TRACK_NAMES[register]
    return [track for track in tracks if track["name"] == wanted or track["name"].startswith(f"{wanted} ")]


def note_state(host: ResolveHost, journal: Journal, timeline_id: str) -> None:
    """Note folder, playhead and the switches of the subtitle tracks of the timeline in front. Raises HostError."""
    entries: list[tuple[str, dict[str, Any]]] = [
        ("bin", {"bin": host.current_bin()}),
        ("playhead", {"timeline": timeline_id, "timecode": host.playhead(timeline_id)}),
    ]
    for track in host.tracks(timeline_id, "subtitle"):
        state = {key: track[key] for key in ("index", "name", "enabled", "locked")}
        entries.append(("track", {"timeline": timeline_id, "kind": "subtitle", **state}))
    journal.will_restore_all(entries)


class TrackWriter:
    """Places documents one after the other. `folder` keeps the subtitle files: the bin refers to them for good."""

    def __init__(self, host: ResolveHost, journal: Journal, target: Target, folder: str) -> None:
        self.host, self.journal, self.target, self.folder = host, journal, target, folder
        self.id = target.timeline_id

    def prepare(self) -> None:
        """Note everything that placing touches, and put the playhead at the start. Raises HostError."""
        note_state(self.host, self.journal, self.id)
        self.host.set_playhead(self.id, timecode(self.target.start_frame, self.target.rate))

    def write_file(self, register: str, name: str, cues: Sequence[Cue]) -> str:
        """The subtitle file under a name that was never used; Resolve would show the old cues of a known path."""
        os.makedirs(self.folder, exist_ok=True)
        path = fresh_path(self.folder, f"{safe_name(name)} {register}", ".srt")
        write_text(path, srt_text(cues, self.target.rate))
        return path

    def place(self, register: str, cues: Sequence[Cue], path: str, conflict: str) -> Placement:
        """Put `cues`, already written to `path`, on the track of `register`.

        `conflict` says what happens when that track has cues: replace, new, skip. Raises HostError, or MisplacedError `place.mismatch` when
        reading back failed twice; the caller then takes back what the journal holds.
        """
        tracks = self.host.tracks(self.id, "subtitle")
        filled = [track for track in ours(tracks, register) if track["count"]]
        empty = [track for track in ours(tracks, register) if not track["count"]]
        if filled and conflict == "skip":
            return Placement(register, "skipped", filled[0]["index"], filled[0]["name"], filled[0]["count"])
        if filled and conflict == "replace":
            track = filled[0]
            self._clear(track)
        else:
            track = empty[0] if empty else self._new_track(TRACK_NAMES[register], tracks)
        return self._append(register, track, cues, path)

    def _new_track(self, wanted: str, tracks: list[dict[str, Any]]) -> dict[str, Any]:
        names, number, name = {track["name"] for track in tracks}, 1, wanted
        while name in names:
            number += 1
            name = f"{wanted} {number}"
        index = len(tracks) + 1
        self.journal.will_undo("new_track", timeline=self.id, index=index, name=name)
        self.host.add_subtitle_track(self.id, len(tracks))
        self.host.name_track(self.id, "subtitle", index, name)
        return {"index": index, "name": name, "count": 0}

    def _clear(self, track: dict[str, Any]) -> None:
        """Empty our own track but keep it, since its style is the user's work; the cues are saved first, hand edits included."""
        index, start = track["index"], self.target.start_frame
        items = self.host.items(self.id, "subtitle", index)
        cues = [Cue(item["start"] - start, item["end"] - start, item["text"]) for item in items]
        path = self.write_file("replaced", track["name"], cues)
        kept = [[item["start"], item["end"], item["text"]] for item in items]
        self.journal.will_undo("cleared", timeline=self.id, index=index, name=track["name"], path=path, cues=kept, bin_name=BIN_NAME)
        self.host.lock_track(self.id, "subtitle", index, False)
        self.host.delete_items(self.id, index, [item["id"] for item in items])

    def _append(self, register: str, track: dict[str, Any], cues: Sequence[Cue], path: str) -> Placement:
        host, index = self.host, track["index"]
        before = self._others(index)
        kept = [one for ids in before.values() for one in ids]
        bin_id = host.use_bin(BIN_NAME)
        item_id = host.import_subtitles(path)
        start = self.target.start_frame
        placed = [[start + cue.start_frame, start + cue.end_frame, cue.text] for cue in cues]
        self.journal.will_undo("new_items", timeline=self.id, cues=placed, keep=kept)
        host.lock_track(self.id, "subtitle", index, False)
        for other in sorted({*before, index}):
            host.enable_track(self.id, "subtitle", other, other == index)
        for attempt in (1, 2):
            host.append_subtitles(bin_id, item_id)
            try:
                return self._verified(register, track, cues, before)
            except MisplacedError:
                if attempt == 2:
                    raise
                host.calls.pause(host.calls.pauses.import_s)
                self._remove_new(before, index, {same_text(cue.text) for cue in cues})
        raise AssertionError("unreachable")

    def _others(self, index: int) -> dict[int, list[str]]:
        """Ids on every other subtitle track: what is not in here afterwards is new."""
        others = [one for one in self.host.tracks(self.id, "subtitle") if one["index"] != index]
        return {one["index"]: self.host.item_ids(self.id, "subtitle", one["index"]) if one["count"] else [] for one in others}

    def _remove_new(self, before: dict[int, list[str]], index: int, texts: set[str]) -> None:
        """Delete what the failed append left: everything on our track, and on others only new items."""
        for one in sorted({*before, index}):
            if self.host.item_count(self.id, "subtitle", one) != len(before.get(one, [])):
                items = self.host.items(self.id, "subtitle", one)
                ids = [item["id"] for item in items if item["id"] not in before.get(one, []) and (one == index or same_text(item["text"]) in texts)]
                self.host.delete_items(self.id, one, ids)

    def _verified(self, register: str, track: dict[str, Any], cues: Sequence[Cue], before: dict[int, list[str]]) -> Placement:
        """The placement as read back. Cues that came to rest on another track count only if that track was empty and nobody had named it."""
        landed = self._landing(track, before)
        items = self.host.items(self.id, "subtitle", landed["index"])
        rounded = self._compare(items, cues, track["name"])
        if landed["index"] != track["index"]:
            self._adopt(landed, track)
        name = track["name"]
        return Placement(register, "placed", landed["index"], name, len(items), items[0]["start"], items[-1]["end"], rounded)

    def _landing(self, track: dict[str, Any], before: dict[int, list[str]]) -> dict[str, Any]:
        grown = [one for one in self.host.tracks(self.id, "subtitle") if one["count"] > len(before.get(one["index"], []))]
        if len(grown) != 1:
            raise MisplacedError("place.mismatch", detail=f"{len(grown)} tracks changed", name=track["name"])
        landed = grown[0]
        foreign = landed["index"] != track["index"]
        if foreign and (before.get(landed["index"]) or not DEFAULT_TRACK_NAME.match(landed["name"])):
            raise MisplacedError("place.mismatch", detail=f"the cues went to track {landed['index']}", name=track["name"])
        return landed

    def _compare(self, items: list[dict[str, Any]], cues: Sequence[Cue], name: str) -> int:
        start = self.target.start_frame
        if len(items) != len(cues):
            raise MisplacedError("place.mismatch", detail=f"{len(items)} cues instead of {len(cues)}", name=name)
        rounded = 0
        for item, cue in zip(items, cues):
            off = max(abs(item["start"] - start - cue.start_frame), abs(item["end"] - start - cue.end_frame))
            if off > _ROUNDING_FRAMES or same_text(item["text"]) != same_text(cue.text):
                found = f"{item['start'] - start}-{item['end'] - start} {item['text']!r}"
                raise MisplacedError("place.mismatch", detail=f"{found} instead of {cue}", name=name)
            rounded += off > 0
        return rounded

    def _adopt(self, landed: dict[str, Any], track: dict[str, Any]) -> None:
        """Resolve chose an empty, unnamed track instead of ours: give it our name, and drop ours if we had just made it."""
        self.journal.will_undo("track_name", timeline=self.id, index=landed["index"], name=landed["name"], now=track["name"])
        self.host.delete_subtitle_track(self.id, track["index"])
        self.host.name_track(self.id, "subtitle", landed["index"], track["name"])
        self.host.enable_track(self.id, "subtitle", landed["index"], True)


def fit(cues: Sequence[Cue], frames: int) -> tuple[Cue, ...]:
    """Cues that a timeline of `frames` can hold: sorted, without overlap, none past the end (Resolve would lengthen the timeline)."""
    fitted: list[Cue] = []
    for cue in sorted(cues, key=lambda one: one.start_frame):
        start = max(cue.start_frame, fitted[-1].end_frame if fitted else 0)
        end = min(cue.end_frame, frames)
        if end > start and same_text(cue.text):
            fitted.append(Cue(start, end, cue.text))
    return tuple(fitted)
