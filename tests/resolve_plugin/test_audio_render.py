"""Sound by a render job: own job only, judged by the file, and the Deliver page as it was, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import DELIVER, connect, without_backups
from fakes.resolve import PROFILES, FakeHost, Quirks
from resolve_plugin.audio_render import RenderWish, render_audio
from resolve_plugin.errors import HostError, PluginError, Stopped
from resolve_plugin.undo import Journal

Hosts = Callable[..., FakeHost]
MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]


def render(host: FakeHost, folder: Path, **more: Any) -> tuple[str, Journal]:
    journal = Journal({}, lambda: None)
    timeline = host.project.timelines[0]
    wish = RenderWish(**{"timeline_id": timeline.id, "start_frame": 90000, "span": None, "audio_tracks": None, "folder": str(folder), **more})
    return render_audio(connect(host), journal, wish, lambda *news: None), journal


@pytest.mark.parametrize("profile", MENU)
def test_every_profile_renders_and_has_its_state_back(hosts: Hosts, tmp_path: Path, profile: str) -> None:
    host = hosts(profile)
    before = without_backups(host)
    path, journal = render(host, tmp_path)
    assert Path(path).read_bytes()[:4] == b"RIFF"
    assert without_backups(host) == before
    assert [job["JobId"] for job in host.project.render.jobs] == ["theirs"]
    assert len(host.rendered) == 1
    assert "theirs" not in host.rendered
    assert not journal.pending


def test_a_range_is_absolute_and_inclusive_for_deliver(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    seen: list[tuple[int, int]] = []
    host.desk.before = lambda number, call: seen.extend((job["MarkIn"], job["MarkOut"]) for job in host.project.render.jobs if "MarkIn" in job)
    render(host, tmp_path, span=(100, 400))
    assert set(seen) == {(90100, 90399)}
    assert host.project.timelines[0].marks["video"] == {"in": 100, "out": 899}


def test_a_range_is_refused_where_marks_cannot_be_put_back(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_18_6")
    before = without_backups(host)
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path, span=(0, 100))
    assert caught.value.code == "range.unsupported"
    assert without_backups(host) == before


def test_chosen_tracks_are_switched_for_the_render_only(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    seen: list[list[bool]] = []

    def look(number: int, call: str) -> None:
        if call == "Project.StartRendering":
            seen.append([track.enabled for track in host.project.timelines[0].tracks["audio"]])

    host.desk.before = look
    render(host, tmp_path, audio_tracks=[2])
    assert seen[0] == [False, True]
    assert [track.enabled for track in host.project.timelines[0].tracks["audio"]] == [True, False]


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(wav_codec="LinearPCM"),
        Quirks(wav_codec=""),
        Quirks(wav_codec=None, import_preset_fails=True),
        Quirks(wav_codec=None, import_preset_fails=True, audio_preset_missing=True),
        Quirks(start_form="positional"),
        Quirks(output_suffix="_1"),
        Quirks(output_extension=".mov"),
        Quirks(status_without_error_key=False),
        Quirks(preset_covers_paths=True, import_preset_fails=True),
    ],
    ids=str,
)
@pytest.mark.parametrize("profile", ["studio_20_2_zh", "studio_20_2_pt", "studio_21_1"])
def test_odd_manners_do_not_matter(hosts: Hosts, tmp_path: Path, quirks: Quirks, profile: str) -> None:
    host = hosts(profile, None, quirks)
    before = without_backups(host)
    path, _ = render(host, tmp_path)
    assert Path(path).stat().st_size > 1000
    assert without_backups(host) == before


def test_paths_that_a_preset_does_not_keep_are_at_least_not_ours(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", None, Quirks(preset_covers_paths=False))
    render(host, tmp_path)
    assert host.project.render.settings == {**DELIVER, "TargetDir": "", "CustomName": ""}


@pytest.mark.parametrize(
    ("quirks", "code"),
    [
        (Quirks(job_stuck_at_ready=True), "render.stuck"),
        (Quirks(render_fails=True), "render.failed"),
        (Quirks(render_fails=True, status_without_error_key=False), "render.failed"),
        (Quirks(render_makes_no_file=True), "render.no_file"),
    ],
    ids=str,
)
def test_a_failure_is_named_and_leaves_nothing(hosts: Hosts, tmp_path: Path, quirks: Quirks, code: str) -> None:
    host = hosts("studio_20_2_zh", None, quirks)
    before = without_backups(host)
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path)
    assert caught.value.code == code
    assert caught.value.hint("zh")
    assert without_backups(host) == before


def test_a_render_of_the_user_is_not_disturbed(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    host.project.render.running = "theirs"
    before = without_backups(host)
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path)
    assert caught.value.code == "render.busy"
    assert without_backups(host) == before


@pytest.mark.parametrize("slow", [False, True])
def test_cancel_stops_our_job_and_puts_everything_back(hosts: Hosts, tmp_path: Path, slow: bool) -> None:
    host = hosts("studio_20_2", None, Quirks(stop_is_slow=slow))
    before = without_backups(host)
    plugin, journal = connect(host), Journal({}, lambda: None)

    def stop() -> None:
        if host.project.render.running:
            raise Stopped

    plugin.calls.check = stop
    wish = RenderWish(host.project.timelines[0].id, 90000, None, None, str(tmp_path))
    with pytest.raises(Stopped):
        render_audio(plugin, journal, wish, lambda *news: None)
    assert host.project.render.running == ""
    assert without_backups(host) == before


def test_a_lost_connection_is_put_in_order_later(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts()
    before = without_backups(host)
    host.desk.before = lambda number, call: host.__dict__.update(closed=host.closed or call == "Project.StartRendering")
    plugin, journal = connect(host), Journal({}, lambda: None)
    with pytest.raises(HostError):
        render_audio(plugin, journal, RenderWish(host.project.timelines[0].id, 90000, None, None, str(tmp_path)), lambda *news: None)
    assert journal.pending
    host.desk.before, host.closed = (lambda number, call: None), False
    assert journal.put_back(plugin)
    assert without_backups(host) == before
