"""Placing: which track, what reading back decides, what a failure leaves, how many calls it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.bench import connect, placed_cues, small_edit
from fakes.resolve import FakeHost, Item, Quirks, TimelineState, Track
from resolve_plugin.errors import HostError, PluginError
from resolve_plugin.rates import rate_of
from resolve_plugin.srt import Cue
from resolve_plugin.track_writer import MisplacedError, Placement, Target, TrackWriter, bring_to_front, fit
from resolve_plugin.undo import Journal

Hosts = Callable[..., FakeHost]
CUES = (Cue(10, 40, "你好"), Cue(45, 90, "今日天氣幾好\n係咪"), Cue(100, 130, "多謝晒"))
PLACED = [(cue.start_frame, cue.end_frame, cue.text) for cue in CUES]


class Run:
    """One placement, with the journal in memory."""

    def __init__(self, host: FakeHost, folder: Path) -> None:
        self.fake, self.host = host, connect(host)
        self.journal = Journal({}, lambda: None)
        timeline = host.project.timelines[0]
        target = Target(timeline.id, rate_of(timeline.rate), timeline.start_frame, timeline.end_frame)
        self.writer = TrackWriter(self.host, self.journal, target, str(folder))

    def place(self, cues: tuple[Cue, ...] = CUES, conflict: str = "replace") -> Placement:
        bring_to_front(self.host, self.journal, self.writer.id)
        self.writer.prepare()
        try:
            placement = self.writer.place("spoken", cues, self.writer.write_file("spoken", "T", cues), conflict)
            self.journal.commit()
            return placement
        finally:
            self.journal.take_back(self.host)
            self.journal.put_back(self.host)

    @property
    def tracks(self) -> list[Track]:
        return self.fake.project.timelines[0].tracks["subtitle"]


def edit_with(*tracks: Track) -> TimelineState:
    edit = small_edit()
    edit.tracks["subtitle"] = list(tracks)
    return edit


def ours(enabled: bool = True) -> Track:
    return Track("Canto-Beats 口語", enabled=enabled, items=[Item(90000, 90020, "舊"), Item(90030, 90050, "手改")], style="theirs")


@pytest.mark.parametrize("answer", ["items", "none", "none_list", "empty"])
def test_the_answer_of_the_append_decides_nothing(hosts: Hosts, tmp_path: Path, answer: str) -> None:
    run = Run(hosts("studio_20_2", None, Quirks(append_return=answer)), tmp_path)
    assert run.place() == Placement("spoken", "placed", 1, "Canto-Beats 口語", 3, 90010, 90130, 0)


@pytest.mark.parametrize("target", ["first_empty", "enabled", "last"])
def test_other_tracks_are_switched_off_meanwhile_and_on_again(hosts: Hosts, tmp_path: Path, target: str) -> None:
    english = Track("English", items=[Item(90010, 90050, "Hello")])
    run = Run(hosts("studio_20_2", edit_with(english, Track("Notes", enabled=False)), Quirks(append_target=target)), tmp_path)
    assert run.place().track_index == 3
    assert placed_cues(run.fake, 3) == PLACED
    assert [(track.name, track.enabled, len(track.items)) for track in run.tracks] == [
        ("English", True, 1), ("Notes", False, 0), ("Canto-Beats 口語", True, 3),
    ]  # fmt: skip


def test_replacing_keeps_the_track_and_saves_the_old_cues(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", edit_with(ours())), tmp_path)
    run.place()
    assert placed_cues(run.fake) == PLACED
    assert [track.style for track in run.tracks] == ["theirs"]
    (saved,) = tmp_path.glob("*replaced*.srt")
    assert "手改" in saved.read_text("utf-8")


def test_a_new_track_stands_beside_the_old_one(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", edit_with(ours())), tmp_path)
    assert run.place(conflict="new").track_name == "Canto-Beats 口語 2"
    assert [len(track.items) for track in run.tracks] == [2, 3]


def test_skipping_changes_nothing(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", edit_with(ours())), tmp_path)
    before = run.fake.snapshot()
    assert run.place(conflict="skip").action == "skipped"
    assert run.fake.snapshot() == before


def test_our_empty_styled_track_is_used(hosts: Hosts, tmp_path: Path) -> None:
    track = Track("Canto-Beats 口語", style="theirs", enabled=False, locked=True)
    run = Run(hosts("studio_20_2", edit_with(track)), tmp_path)
    run.place()
    assert (track.style, track.enabled, track.locked, len(track.items)) == ("theirs", False, True, 3)


@pytest.mark.parametrize("fault", ["append_nothing_times", "append_partial_times", "append_garbled_times"])
def test_one_retry_then_everything_is_taken_back(hosts: Hosts, tmp_path: Path, fault: str) -> None:
    once = Run(hosts("studio_20_2", edit_with(ours()), Quirks(**{fault: 1})), tmp_path)
    once.place()
    assert placed_cues(once.fake) == PLACED
    twice = Run(hosts("studio_20_2", edit_with(ours()), Quirks(**{fault: 2})), tmp_path)
    with pytest.raises(MisplacedError) as caught:
        twice.place()
    assert caught.value.code == "place.mismatch"
    assert placed_cues(twice.fake) == [(0, 20, "舊"), (30, 50, "手改")]
    assert twice.tracks[0].style == "theirs"
    assert not twice.journal.pending


def test_a_failure_takes_a_new_track_away_again(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", None, Quirks(append_nothing_times=2)), tmp_path)
    with pytest.raises(MisplacedError):
        run.place()
    assert run.tracks == []


def test_cues_on_the_users_track_are_taken_off_again_and_only_those(hosts: Hosts, tmp_path: Path) -> None:
    english = Track("Subtitle 1", items=[Item(90010, 90050, "Hello"), Item(90060, 90070, "你好")])
    run = Run(hosts("studio_20_2", edit_with(english), Quirks(append_target="first")), tmp_path)
    with pytest.raises(MisplacedError) as caught:
        run.place()
    assert "went to track 1" in caught.value.detail
    assert [item.name for item in english.items] == ["Hello", "你好"]
    assert len(run.tracks) == 1


def test_an_empty_unnamed_track_that_resolve_prefers_becomes_ours(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2_zh", edit_with(Track("字幕 1", style="theirs")), Quirks(append_target="first")), tmp_path)
    assert run.place().track_index == 1
    assert [(track.name, track.style, len(track.items)) for track in run.tracks] == [("Canto-Beats 口語", "theirs", 3)]


def test_an_empty_track_that_somebody_named_does_not(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", edit_with(Track("Client notes")), Quirks(append_target="first")), tmp_path)
    with pytest.raises(MisplacedError):
        run.place()
    assert [(track.name, track.items) for track in run.tracks] == [("Client notes", [])]


def test_a_locked_project_places_nothing(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", None, Quirks(collaboration_locked=True)), tmp_path)
    with pytest.raises(MisplacedError):
        run.place()
    assert run.tracks == []


def test_a_frame_beside_is_rounding_and_two_are_not(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts("studio_20_2", None, Quirks(srt_rounding="late")), tmp_path)
    assert run.place().rounded == 3


@pytest.mark.parametrize("separator", ["\r\n", "\u2028", "\n"])
def test_a_line_break_compares_however_it_comes_back(hosts: Hosts, tmp_path: Path, separator: str) -> None:
    run = Run(hosts("studio_20_2", None, Quirks(text_separator=separator, frame_type="float")), tmp_path)
    assert run.place().cues == 3


def test_a_fragile_resolve_is_given_time(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", edit_with(ours()), Quirks(crash_on_rapid_edits=True, append_partial_times=1))
    run = Run(host, tmp_path)
    run.host.calls.pauses = type(run.host.calls.pauses)()
    run.place()
    assert not host.crashed
    assert set(host.pauses) <= {0.5, 1.0, 1.2}


def test_the_file_is_never_the_same_twice(hosts: Hosts, tmp_path: Path) -> None:
    run = Run(hosts(), tmp_path)
    run.place()
    changed = (Cue(10, 40, "第二次"),)
    run.place(changed)
    assert placed_cues(run.fake) == [(10, 40, "第二次")]
    paths = [clip.path for clip in run.fake.project.root.bins[0].clips]
    assert len(set(paths)) == len(paths) == 2


def calls_for(hosts: Hosts, folder: Path, cues: int) -> Counter[str]:
    folder.mkdir()
    edit = small_edit(frames=cues * 10 + 100)
    edit.tracks["subtitle"].append(Track("English", items=[Item(90000 + n * 9, 90000 + n * 9 + 8, str(n)) for n in range(50)]))
    run = Run(hosts("studio_20_2", edit), folder)
    run.place(tuple(Cue(n * 10, n * 10 + 8, f"第{n}句") for n in range(cues)))
    return Counter(run.fake.desk.names())


def test_the_number_of_cues_adds_one_append_and_one_read(hosts: Hosts, tmp_path: Path) -> None:
    few, many = calls_for(hosts, tmp_path / "few", 20), calls_for(hosts, tmp_path / "many", 2000)
    assert many - few == Counter({f"TimelineItem.{name}": 1980 for name in ("GetUniqueId", "GetStart", "GetEnd", "GetName")})
    assert many["MediaPool.AppendToTimeline"] == 1
    assert sum(count for name, count in many.items() if not name.startswith("TimelineItem.")) < 250


def test_fit_keeps_cues_inside_and_apart() -> None:
    cues = [Cue(50, 60, "b"), Cue(0, 20, "a"), Cue(10, 30, "over"), Cue(90, 120, "end"), Cue(100, 110, "past"), Cue(62, 70, "  ")]
    assert fit(cues, 100) == (Cue(0, 20, "a"), Cue(20, 30, "over"), Cue(50, 60, "b"), Cue(90, 100, "end"))


def test_a_dialog_that_stays_open_leaves_the_journal_for_later(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", edit_with(ours()))
    run = Run(host, tmp_path)

    def open_dialog(number: int, call: str) -> None:
        if call == "MediaPool.AppendToTimeline":
            host.desk.modal_calls = 10_000

    host.desk.before = open_dialog
    with pytest.raises(HostError) as caught:
        run.place()
    assert caught.value.code == "host.busy"
    assert run.journal.pending
    host.desk.before, host.desk.modal_calls = (lambda number, call: None), 0
    assert run.journal.take_back(run.host)
    assert run.journal.put_back(run.host)
    assert placed_cues(host) == [(0, 20, "舊"), (30, 50, "手改")]


def test_every_placing_error_has_a_hint() -> None:
    error: PluginError = MisplacedError("place.mismatch", name="T")
    assert "Insert Selected Subtitles to Timeline Using Timecode" in error.hint()
    assert "媒體夾" in error.hint("zh")
    assert error.params == {"name": "T"}
