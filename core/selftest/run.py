"""The main path: connect, make the scratch project, run every probe, put everything back, write the report.

To add a probe: a function (desk) -> data in a topic file, a line in `PROBES`, its question in `data/messages/selftest.json`.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

from . import delivery, film, interchange, operations, placing, surroundings
from .desk import Desk, Options, open_desk, plain
from .scratch import scratch_project


class Probe(NamedTuple):
    """`name` is also the end of the catalogue key of its question."""

    name: str
    run: Callable[[Desk], dict[str, Any]]


PROBES = (
    Probe("build", surroundings.build),
    Probe("menu_entry", surroundings.menu_entry),
    Probe("pythons", surroundings.pythons),
    Probe("reading", operations.reading),
    Probe("tracks_and_cues", operations.tracks_and_cues),
    Probe("markers", operations.markers),
    Probe("append_target", placing.append_target),
    Probe("without_track", placing.without_track),
    Probe("text_read_back", placing.text_read_back),
    Probe("rounding", placing.rounding),
    Probe("rates", interchange.rates),
    Probe("captions_out", interchange.captions_out),
    Probe("captions_in", interchange.captions_in),
    Probe("rich_titles", interchange.rich_titles),
    Probe("switches", interchange.switches),
    Probe("nesting", interchange.nesting),
    Probe("channels", interchange.channels),
    Probe("marker_notes", interchange.marker_notes),
    Probe("audio_names", delivery.audio_names),
    Probe("deliver_page", operations.deliver_page),
    Probe("burn_in", delivery.burn_in),
    Probe("film", film.film),
    Probe("whole_run", operations.whole_run),
)


class Answer(NamedTuple):
    """What one probe brought: `data`, or `error` with its traceback; `calls` is everything that was asked of Resolve.

    Probes of the machine are judged: `verdict` is 'pass', 'fail' or 'not_here', and `reason` says why by language. What Resolve answers is not.
    """

    name: str
    seconds: float
    data: dict[str, Any]
    error: str
    calls: list[dict[str, Any]]
    verdict: str = ""
    reason: dict[str, str] | None = None


class Outcome(NamedTuple):
    """One run. `restored` says of project, timeline, playhead and page whether they read back; `operations` are those that ran; `asked` are the
    probes that were to run.
    """

    answers: tuple[Answer, ...]
    restored: dict[str, bool]
    operations: tuple[str, ...]
    stopped: bool
    asked: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Every probe came to its end, none failed and the user's project is as it was. Says nothing about what Resolve's answers mean."""
        bad = any(answer.error or answer.verdict == "fail" for answer in self.answers)
        return not self.stopped and all(self.restored.values()) and not bad


def run_selftest(options: Options, resolve: Any = None, news: Callable[[str], None] = lambda name: None) -> Outcome:
    """Run all probes on `resolve`, or on the running Resolve; `news` gets the name of each probe as it starts.

    Raises SetupError `selftest.*` before anything in Resolve was changed.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    desk = open_desk(options, resolve)
    answers: list[Answer] = []
    stopped, asked = False, tuple(probe.name for probe in PROBES)
    with scratch_project(desk) as facts:
        try:
            for probe in PROBES:
                news(probe.name)
                answers.append(_ask(desk, probe))
        except KeyboardInterrupt:
            stopped = True
    return Outcome(tuple(answers), facts["restored"], tuple(sorted(desk.host.seen)), stopped, asked)


def _ask(desk: Desk, probe: Probe) -> Answer:
    began = time.monotonic()
    desk.host.take()
    data, error = {}, ""
    try:
        data = plain(probe.run(desk))
    except Exception:
        error = traceback.format_exc()
    return Answer(probe.name, round(time.monotonic() - began, 1), data, error, desk.host.take())


def joined(first: Outcome, second: Outcome) -> Outcome:
    """Two runs as one, for one report."""
    return Outcome(
        first.answers + second.answers,
        {**first.restored, **second.restored},
        first.operations + second.operations,
        first.stopped or second.stopped,
        first.asked + second.asked,
    )
