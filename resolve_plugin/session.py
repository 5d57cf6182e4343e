"""The main path: read the timeline, let the engine recognise it, place the result, render the film if one is wanted, say how it went.

    run -> recover what an interrupted run left -> settle -> job -> engine -> place -> film -> result

Whatever happens, the result is one of: placed, skipped, rolled_back, resumable, cancelled, refused; and what was touched in Resolve is put back,
now or at the next start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .documents import read_document
from .engine import engine_command
from .engine_talk import Talk
from .errors import HostError, PluginError, Stopped
from .files import write_json
from .film import make_film
from .film_render import can_burn_in
from .jobs import Job, create_job, jobs_to_put_back, unfinished_job
from .lock import single_instance
from .messages import text
from .outside import whole_cues
from .placing import Placed, edit_now, place_documents, put_in_order, same_edit
from .rates import timecode
from .resolve_api import ResolveHost
from .resolve_calls import Caller, Pauses
from .settings import load_settings, remember
from .timeline_reader import TimelineFacts, chosen_range, export_timeline, fingerprint, read_timeline, request
from .view import View
from .window import open_view

_OLDEST = [18, 5]
_FILM_TRIES = 2  # failures after which a film is not offered again
_SANDBOX = "/Library/Containers/com.blackmagic-design."


@dataclass(frozen=True)
class SessionResult:
    """How a run ended. `placements` are {"register", "action", "track_index", "track_name", "cues", ...}; `files` the subtitle files.

    `film` is {"how", "status" (done, by_hand, cancelled, failed), "path", "kept"}, or {} when none was asked for; it never changes `status`.
    """

    status: str
    message: str = ""
    hint: str = ""
    job: str = ""
    placements: tuple[dict[str, Any], ...] = ()
    files: tuple[str, ...] = ()
    markers: int = 0
    notes: tuple[str, ...] = field(default=())
    film: dict[str, str] = field(default_factory=dict)


def run(resolve: Any, fusion: Any = None, bmd: Any = None, settings: Mapping[str, Any] | None = None) -> SessionResult:
    """Do everything once for the timeline in front. `settings` overrides the user's settings by key; raises no PluginError."""
    try:
        values = load_settings(settings)
    except PluginError as error:
        return SessionResult("refused", error.message(), error.hint())
    calls = Caller(resolve, values.get("pauses") or Pauses())
    host = ResolveHost(calls)
    view = open_view(host, fusion, bmd, values)
    try:
        result = Session(host, view, values).run()
        view.finish([line for line in (result.message, result.hint, *result.notes) if line], _show_me(host, result))
        return result
    finally:
        view.close()


class Session:
    """One run. `self.job` is set as soon as there is something to resume."""

    def __init__(self, host: ResolveHost, view: View, settings: dict[str, Any]) -> None:
        self.host, self.view, self.settings = host, view, settings
        self.language = view.language
        self.job: Job | None = None
        self.notes: list[str] = []
        self._log: list[str] = []
        host.calls.sleep = view.wait
        host.calls.check = self._check
        host.calls.busy = lambda: view.say("host.look")
        host.calls.log = self._log.append

    def run(self) -> SessionResult:
        """The whole run, with every expected failure as a result."""
        try:
            with single_instance(self.settings["job_root"]):
                return self._main()
        except Stopped:
            return self._stopped()
        except PluginError as error:
            return self._failed(error)
        except OSError as error:
            return self._failed(PluginError("files.failed", detail=str(error), path=error.filename or self.settings["job_root"]))
        finally:
            self._write_log()

    def _main(self) -> SessionResult:
        self._check_host()
        self._recover()
        facts = read_timeline(self.host)
        chosen = self.view.settle(facts, self.settings)
        if chosen is None:
            return self._ended("cancelled", text("session.cancelled", self.language))
        remember(chosen, chosen.get("settings_path"))
        self.settings = self._with_a_film_that_can_be(chosen)
        job = self.job = self._open_job(facts)
        if job.phase == "film":
            again = text("film.again", self.language, name=facts.name)
            return self._filmed(job, facts, self._ended("placed", again, placed=Placed(tuple(job.state["placed"]), (), 0, clean=True)))
        if job.phase == "engine":
            self._recognise(job, facts)
        documents = [read_document(path) for path in job.state["documents"]]
        result = self._placed(job, place_documents(self.host, job, documents, self.settings, self.view))
        return self._filmed(job, facts, result) if job.phase == "film" else result

    def _with_a_film_that_can_be(self, chosen: dict[str, Any]) -> dict[str, Any]:
        """Before 20.2 no script can have Resolve burn subtitles in: our own burning in is offered; else the result says how to do it by hand."""
        if chosen["render"] != "resolve" or can_burn_in(self.host):
            return chosen
        return {**chosen, "render": "burn" if self.view.choose("ask.no_burn_in", ("burn", "by_hand"), "by_hand") == "burn" else "resolve"}

    def _check_host(self) -> None:
        """Refuse what cannot work before anything is touched. Raises PluginError `host.*`."""
        if _SANDBOX in os.path.expanduser("~") + "/":
            raise PluginError("host.app_store")
        about = self.host.about()
        if about["version"][:2] < _OLDEST:
            raise PluginError("host.too_old", version=".".join(str(part) for part in about["version"]))

    def _recover(self) -> None:
        """Put back what an interrupted run left in this project. What cannot be put back twice in a row is given up and said."""
        project = self.host.project()
        for job in jobs_to_put_back(self.settings["job_root"], project.get("id", "")):
            done = put_in_order(self.host, job)
            self.view.say("session.recovered" if done else "session.not_recovered", job=job.folder)
            if not done:
                job.state["failed_recoveries"] = job.state.get("failed_recoveries", 0) + 1
                if job.state["failed_recoveries"] > 1:
                    job.state.update(undo=[], restore=[])
                job.save()

    def _open_job(self, facts: TimelineFacts) -> Job:
        """The unfinished job of this timeline if the user wants it and the same was asked, else a new one with the edit exported."""
        asked = self._asked(facts)
        found = unfinished_job(self.settings["job_root"], facts.id)
        if found and found.phase == "film" and self.settings["render"] == "none":
            found.set_phase("placed")
            found = unfinished_job(self.settings["job_root"], facts.id)
        if found:
            same = found.state.get("asked") == asked and same_edit(edit_now(self.host, found, facts), found.state["fingerprint"])
            default = self.settings["resume"] if same else "new"
            film = found.phase == "film"
            if self.view.choose("ask.film" if film else "ask.resume", ("continue", "new"), default, name=facts.name) == "continue":
                return found
            found.set_phase("placed" if film else "dropped")
        engine_command(self.settings)  # an engine that is missing is said before anything is written
        return self._new_job(facts, asked)

    def _asked(self, facts: TimelineFacts) -> dict[str, Any]:
        span = chosen_range(facts, self.settings["range"])
        if span and self.settings["conflict"] == "replace":
            both = self.settings["register"] == "both"
            span = whole_cues(self.host, facts, span, ("spoken", "written") if both else (self.settings["register"],))
        keys = ("asr_model", "register", "audio_route", "audio_file")
        return {**{key: self.settings[key] for key in keys}, "span": list(span) if span else None, "muted": self._muted(facts)}

    def _muted(self, facts: TimelineFacts) -> list[int]:
        wanted = self.settings["audio_tracks"]
        return [index for index, _, enabled in facts.audio_tracks if (index not in wanted if wanted else not enabled)]

    def _new_job(self, facts: TimelineFacts, asked: dict[str, Any]) -> Job:
        timeline = {"id": facts.id, "name": facts.name, "project_id": facts.project_id}
        job = create_job(self.settings["job_root"], timeline, asked)
        job.set_phase("dropped")  # nothing to resume until the request is complete
        otio = job.path("timeline.otio")
        try:
            export_timeline(self.host, facts, otio)
        except PluginError as error:
            if isinstance(error, HostError) or self.settings["audio_route"] != "file":
                raise
        span = asked["span"]
        wish = request(facts, otio, (span[0], span[1]) if span else None, self.settings, asked["muted"])
        if self.settings["audio_route"] == "file":
            wish["audio_file"] = os.path.abspath(os.path.expanduser(self.settings["audio_file"]))
        write_json(job.path("request.json"), wish)
        job.set_phase("engine", fingerprint=fingerprint(facts, otio).as_dict())
        return job

    def _recognise(self, job: Job, facts: TimelineFacts) -> None:
        self.view.say("session.start", job=job.folder)
        result = Talk(self.host, job, facts, self.settings, self.view).run(engine_command(self.settings))
        documents = _documents(job, result)
        if self.settings["register"] == "both" and len(documents) < 2:
            self.notes.append(text("session.no_written", self.language))
        job.set_phase("ready", documents=documents, deliverables=result.get("deliverables") or [])

    def _placed(self, job: Job, placed: Placed) -> SessionResult:
        if placed.error is not None:
            return self._not_placed(placed, placed.error)
        job.set_phase("placed" if self.settings["render"] == "none" else "film")
        if not placed.clean:
            self.notes.append(text("session.not_clean", self.language))
        done = [one for one in placed.placements if one["action"] == "placed"]
        for one in done:
            if one["rounded"]:
                self.notes.append(text("place.rounded", self.language, count=one["rounded"]))
        lines = self._lines(placed)
        if placed.markers:
            lines.append(text("place.markers", self.language, count=placed.markers))
        return self._ended("placed" if done else "skipped", "\n".join(lines), placed=placed)

    def _filmed(self, job: Job, facts: TimelineFacts, result: SessionResult) -> SessionResult:
        """The result with the film. A film that failed or was stopped is offered at the next start, while the tries last."""
        film = make_film(self.host, job, facts, self.settings, self.view)
        state = job.state.setdefault("film", {})
        state["failures"] = state.get("failures", 0) + (film.status == "failed")
        open_still = film.status == "cancelled" or (film.status == "failed" and state["failures"] < _FILM_TRIES)
        job.set_phase("film" if open_still else "placed")
        notes = [*film.lines]
        if job.journal.pending:
            notes.append(text("session.not_clean", self.language))
        if open_still:
            notes += [text("film.safe", self.language), text("session.resume_later", self.language)]
        return replace(result, film=film.as_dict(), notes=tuple(dict.fromkeys((*result.notes, *notes))))

    def _not_placed(self, placed: Placed, error: PluginError) -> SessionResult:
        """Everything taken back: rolled_back, with the way to do it by hand. Something left to put back: resumable."""
        self._log.append(f"{error.code}: {error.detail}")
        rolled_back = placed.clean and not isinstance(error, HostError) and error.code != "place.changed"
        if placed.files:
            self.notes.append(text("place.by_hand", self.language, path=placed.files[-1]))
        status = "rolled_back" if rolled_back else "resumable"
        message = "\n".join([error.message(self.language), *self._lines(placed)])
        return self._ended(status, message, error.hint(self.language), placed)

    def _stopped(self) -> SessionResult:
        """Cancelled: as it was, or with the tracks that were finished before."""
        placed = Placed(tuple(self.job.state["placed"]) if self.job else (), (), 0, clean=True)
        lines = [text("session.cancelled_between" if placed.placements else "session.cancelled", self.language), *self._lines(placed)]
        return self._ended("cancelled", "\n".join(lines), placed=placed)

    def _lines(self, placed: Placed) -> list[str]:
        return [text(f"place.{one['action']}", self.language, cues=one["cues"], name=one["track_name"]) for one in placed.placements]

    def _failed(self, error: PluginError) -> SessionResult:
        self._log.append(f"{error.code}: {error.detail}")
        resumable = isinstance(error, HostError) or (self.job is not None and self.job.phase in ("engine", "ready"))
        return self._ended("resumable" if resumable else "refused", error.message(self.language), error.hint(self.language))

    def _ended(self, status: str, message: str, hint: str = "", placed: Placed | None = None) -> SessionResult:
        if status in ("resumable", "cancelled") and self.job is not None and self.job.phase in ("engine", "ready"):
            self.notes.append(text("session.resume_later", self.language))
        return SessionResult(
            status=status,
            message=message,
            hint=hint,
            job=self.job.folder if self.job else "",
            placements=placed.placements if placed else (),
            files=placed.files if placed else (),
            markers=placed.markers if placed else 0,
            notes=tuple(self.notes),
        )

    def _check(self) -> None:
        if self.view.cancelled:
            raise Stopped

    def _write_log(self) -> None:
        folder = self.job.folder if self.job else self.settings["job_root"]
        try:
            with open(os.path.join(folder, "plugin.log"), "a", encoding="utf-8") as log:
                log.write("\n".join([*self._log, ""]))
        except OSError:
            return


def _documents(job: Job, result: dict[str, Any]) -> list[str]:
    """Paths of the documents: the one the engine named, and the written twin beside it when both registers were asked for."""
    path = str(result.get("document") or job.path("document.json"))
    twin = os.path.join(os.path.dirname(path), "document.written.json")
    return [path, twin] if job.state["asked"]["register"] == "both" and os.path.isfile(twin) and twin != path else [path]


def _show_me(host: ResolveHost, result: SessionResult) -> Callable[[], None] | None:
    """Jumps to the first subtitle that was placed."""
    first = next((one for one in result.placements if one["action"] == "placed"), None)
    if first is None:
        return None

    def jump() -> None:
        with host.calls.finishing():  # the window may be closed meanwhile
            facts = read_timeline(host)
            host.open_page("edit")
            host.set_playhead(facts.id, timecode(first["first_frame"], facts.rate))

    return jump
