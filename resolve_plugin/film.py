"""The finished film: from verified subtitle tracks to a file, rendered by Resolve or burnt in by the engine after a clean render.

What is burnt in is what stands on our tracks now, corrections by hand included. Whatever happens here, the placed subtitles stay; a clean film
that could not be burnt in is kept and named, and the next start goes on from it. To add a way of rendering, add it to `_WAYS`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .engine import engine_command
from .engine_talk import Talk
from .errors import PluginError, Stopped
from .files import fresh_path, move_new, safe_name, write_json, write_text
from .film_render import FilmWish, can_burn_in, render_film
from .jobs import Job
from .messages import text
from .rates import timecode
from .resolve_api import ResolveHost
from .srt import Cue, srt_text
from .timeline_reader import TimelineFacts
from .track_writer import TRACK_NAMES
from .undo import WORK_FOLDER
from .view import View

_BITS_PER_PIXEL = {"master": 3.6, "h264": 0.4, "h265": 0.3}  # ProRes 422 HQ by Apple's table of data rates; the others are generous
_SPARE_BYTES = 500_000_000
_ENGINE_CODECS = {"h264": "h264", "h265": "hevc"}  # its own names


@dataclass(frozen=True)
class Film:
    """How the film ended. `status` is done, by_hand, cancelled or failed; `kept` is a clean film that waits for its subtitles."""

    how: str
    status: str
    path: str = ""
    kept: str = ""
    lines: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, str]:
        """Plain values for the session's result."""
        return {"how": self.how, "status": self.status, "path": self.path, "kept": self.kept}


def make_film(host: ResolveHost, job: Job, facts: TimelineFacts, settings: dict[str, Any], view: View) -> Film:
    """Make the film that `settings["render"]` asks for (resolve or burn). Every expected failure is a result."""
    maker = _Maker(host, job, facts, settings, view)
    try:
        return maker.make()
    except Stopped:
        return maker.ended("cancelled", text("film.cancelled", view.language))
    except PluginError as error:
        host.calls.log(f"{error.code}: {error.detail}")
        status = "by_hand" if error.code == "film.no_burn_in" else "failed"
        return maker.ended(status, error.message(view.language), error.hint(view.language))
    except OSError as error:
        failed = PluginError("files.failed", detail=str(error), path=error.filename or settings["film_folder"])
        host.calls.log(f"{failed.code}: {failed.detail}")
        return maker.ended("failed", failed.message(view.language), failed.hint(view.language))


@dataclass
class _Maker:
    host: ResolveHost
    job: Job
    facts: TimelineFacts
    settings: dict[str, Any]
    view: View

    def make(self) -> Film:
        """The film. Raises Stopped, PluginError, OSError."""
        how = self.settings["render"]
        if how == "resolve" and not can_burn_in(self.host):
            raise PluginError("film.no_burn_in")
        os.makedirs(self.settings["film_folder"], exist_ok=True)
        self.view.say("film.start", folder=self.settings["film_folder"])
        return _WAYS[how](self, self._tracks())

    def ended(self, status: str, *lines: str, path: str = "") -> Film:
        """A result, with the clean film if one is left."""
        kept = self._kept()
        more = (text("film.kept", self.view.language, path=kept),) if kept else ()
        return Film(self.settings["render"], status, path, kept, (*lines, *more))

    # -- the two ways

    def by_resolve(self, tracks: list[dict[str, Any]]) -> Film:
        """Resolve's own encoder and subtitle style. It shows one subtitle track at a time, so a second one is left out and named."""
        codec, say = self.settings["film_codec"], self.view.language
        self._check_space(codec)
        first = self._first_cue(tracks[0])  # asked before: nothing may stop the run between a finished film and its result
        path = self._render(codec, tracks[0]["index"], safe_name(self.facts.name))
        lines = [text("film.done", say, path=path), text("film.look", say, timecode=first)]
        if len(tracks) > 1:
            lines.append(text("film.one_track", say, name=tracks[0]["name"]))
        return self.ended("done", *lines, path=path)

    def burnt(self, tracks: list[dict[str, Any]]) -> Film:
        """A clean film by Resolve, then the engine's burn-in; the clean one goes when the other is there."""
        if self.settings["film_style"] == "bilingual" and len(tracks) < len(TRACK_NAMES):
            raise PluginError("film.needs_both", name=tracks[0]["name"])
        clean = self._kept()
        if not clean or self.view.choose("ask.clean", ("use", "again"), "use", path=clean) == "again":
            self._check_space("master", self.settings["film_codec"])
            clean = self._render("master", None, f"{safe_name(self.facts.name)} clean")
        path, notes = self._burn(clean, tracks)
        self.job.state["film"].pop("clean", None)
        self.job.save()
        with contextlib.suppress(OSError):
            os.remove(clean)
        return self.ended("done", text("film.done", self.view.language, path=path), *notes, path=path)

    # -- steps

    def _tracks(self) -> list[dict[str, Any]]:
        """Our tracks with their cues, as they are now. Raises PluginError `film.no_track`."""
        names = [one["track_name"] for one in self.job.state["placed"]]
        found = {one["name"]: one for one in self.host.tracks(self.facts.id, "subtitle") if one["count"]}
        tracks = [found[name] for name in names if name in found]
        if not tracks:
            raise PluginError("film.no_track", name=", ".join(names))
        return tracks

    @property
    def _span(self) -> tuple[int, int] | None:
        span = self.job.state["asked"].get("span")
        return (span[0], span[1]) if span else None

    def _render(self, codec: str, track: int | None, stem: str) -> str:
        """One render job into a folder of its own."""
        work = self._work_folder()

        def keep(path: str) -> str:
            kept = self._moved_out(path, stem)
            if track is None:
                self.job.state.setdefault("film", {})["clean"] = kept
                self.job.save()
            return kept

        facts, quality = self.facts, self.settings["film_quality"]
        wish = FilmWish(facts.id, facts.start_frame, self._span, work, codec, quality, track, keep)
        return render_film(self.host, self.job.journal, wish, self._news)

    def _work_folder(self) -> str:
        """A new folder for unfinished files, which the journal deletes whatever happens."""
        work = fresh_path(self.settings["film_folder"], WORK_FOLDER, "")
        os.makedirs(work)
        self.job.journal.will_restore("drop_folder", folder=work)
        return work

    def _moved_out(self, path: str, stem: str) -> str:
        """A finished file goes out of its work folder, under a name that nobody uses."""
        kept = fresh_path(self.settings["film_folder"], stem, os.path.splitext(path)[1])
        move_new(path, kept)
        return kept

    def _news(self, percent: float, left_s: float | None) -> None:
        self.view.progress("render_film", (0, 0), percent / 100, left_s)

    def _burn(self, clean: str, tracks: list[dict[str, Any]]) -> tuple[str, tuple[str, ...]]:
        """Have the engine burn in what is on the tracks: the film, and what the user should know. Raises PluginError `engine.*`."""
        folder, stem = self.job.path("film"), safe_name(self.facts.name)
        os.makedirs(folder, exist_ok=True)
        wish = {
            "schema": "request/1",
            "task": "render",
            "input": clean,
            "subtitles": [self._write_cues(folder, track) for track in sorted(tracks, key=_main_line_first)],
            "rate": self.facts.rate.text(),
            "drop_frame": self.facts.rate.drop_frame,
            "style": self.settings["film_style"] or None,
            "codec": _ENGINE_CODECS[self.settings["film_codec"]],
            "quality": self.settings["film_quality"],
            "out": os.path.join(self._work_folder(), f"{stem}.mp4"),
            "language_ui": self.settings["language_ui"],
        }
        try:
            write_json(os.path.join(folder, "request.json"), wish)
            result = Talk(self.host, self.job, self.facts, self.settings, self.view, folder).run(engine_command(self.settings))
            path = str(result.get("film", ""))
            if not os.path.isfile(path):
                raise PluginError("film.no_file", folder=self.settings["film_folder"])
            return self._moved_out(path, stem), tuple(str(note) for note in result.get("notes") or ())
        finally:
            self.job.journal.put_back(self.host)

    def _write_cues(self, folder: str, track: dict[str, Any]) -> str:
        """A subtitle file of a track, counted from the film's first frame."""
        first, end = self._span or (0, self.facts.frames)
        zero = self.facts.start_frame + first
        items = self.host.items(self.facts.id, "subtitle", track["index"])
        cues = [Cue(max(0, item["start"] - zero), min(end - first, item["end"] - zero), item["text"]) for item in items]
        path = fresh_path(folder, safe_name(track["name"]), ".srt")
        write_text(path, srt_text([cue for cue in cues if cue.end_frame > cue.start_frame], self.facts.rate))
        return path

    def _first_cue(self, track: dict[str, Any]) -> str:
        first, end = self._span or (0, self.facts.frames)
        zero = self.facts.start_frame
        frames = [item["start"] for item in self.host.items(self.facts.id, "subtitle", track["index"]) if first <= item["start"] - zero < end]
        return timecode(min(frames, default=zero + first), self.facts.rate)

    def _kept(self) -> str:
        path = str(self.job.state.get("film", {}).get("clean", ""))
        return path if os.path.isfile(path) else ""

    def _check_space(self, *codecs: str) -> None:
        """Raises PluginError `film.disk_full` when the folder's disk is too small for what will be written."""
        first, end = self._span or (0, self.facts.frames)
        width, height = self.host.resolution(self.facts.id)
        wanted = (end - first) * width * height * sum(_BITS_PER_PIXEL[one] for one in codecs) / 8 + _SPARE_BYTES
        free = shutil.disk_usage(self.settings["film_folder"]).free
        if free < wanted:
            sizes = {"wanted": f"{wanted / 1e9:.1f}", "free": f"{free / 1e9:.1f}"}
            raise PluginError("film.disk_full", folder=self.settings["film_folder"], **sizes)


def _main_line_first(track: dict[str, Any]) -> bool:
    """Sorts written Chinese before the spoken line that stands under it."""
    return not str(track["name"]).startswith(TRACK_NAMES["written"])


_WAYS: dict[str, Callable[[_Maker, list[dict[str, Any]]], Film]] = {"resolve": _Maker.by_resolve, "burn": _Maker.burnt}
