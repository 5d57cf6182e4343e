"""A film by a render job: codecs by the ids of this Resolve, subtitles in or out as the version allows, the Deliver page as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.bench import connect, small_edit, without_backups
from fakes.resolve import PROFILES, FakeHost, Item, Quirks, Track
from resolve_plugin.errors import PluginError, Stopped
from resolve_plugin.film_render import FilmWish, render_film
from resolve_plugin.undo import Journal

Hosts = Callable[..., FakeHost]
MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]
SINCE_20_2 = [name for name in MENU if PROFILES[name].version >= (20, 2, 0)]


def with_subtitles(**more: Any) -> Any:
    edit = small_edit(**more)
    edit.tracks["subtitle"] = [
        Track("English", items=[Item(90010, 90050, "Hello")]),
        Track("Canto-Beats 口語", enabled=False, items=[Item(90010, 90040, "你好")]),
    ]
    return edit


def render(host: FakeHost, folder: Path, **more: Any) -> tuple[str, list[tuple[float, float | None]]]:
    news: list[tuple[float, float | None]] = []
    work = folder / "work"
    work.mkdir()
    wish = {
        "timeline_id": host.project.timelines[0].id, "start_frame": 90000, "span": None, "folder": str(work), "codec": "h264",
        "quality": "standard", "subtitle_track": 2, "keep": lambda path: path, **more,
    }  # fmt: skip
    path = render_film(connect(host), Journal({}, lambda: None), FilmWish(**wish), lambda *one: news.append(one))
    return path, news


@pytest.mark.parametrize("profile", MENU)
def test_a_clean_film_has_no_subtitles_whatever_the_deliver_page_says(hosts: Hosts, tmp_path: Path, profile: str) -> None:
    host = hosts(profile, with_subtitles(), Quirks(deliver_burns_in=True))
    before = without_backups(host)
    path, news = render(host, tmp_path, codec="master", subtitle_track=None)
    assert Path(path).read_bytes()[4:8] == b"ftyp"
    (film,) = host.films
    assert (film["burnt"], film["sidecar"], film["job"]["VideoCodec"], film["job"]["IsExportVideo"]) == ("", False, "ProRes422HQ", True)
    assert news[-1] == (75.0, 0.1)
    assert without_backups(host) == before
    assert "theirs" not in host.rendered


@pytest.mark.parametrize("profile", SINCE_20_2)
def test_resolve_burns_in_the_chosen_track(hosts: Hosts, tmp_path: Path, profile: str) -> None:
    host = hosts(profile, with_subtitles())
    before = without_backups(host)
    render(host, tmp_path)
    (film,) = host.films
    assert (film["burnt"], film["sidecar"]) == ("Canto-Beats 口語", False)
    assert (film["job"]["FormatWidth"], film["job"]["FormatHeight"]) == (1920, 1080)
    assert without_backups(host) == before


@pytest.mark.parametrize("profile", [name for name in MENU if name not in SINCE_20_2])
def test_before_20_2_burning_in_cannot_be_asked_for(hosts: Hosts, tmp_path: Path, profile: str) -> None:
    host = hosts(profile, with_subtitles())
    before = without_backups(host)
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path)
    assert caught.value.code == "film.no_burn_in"
    assert "Deliver page" in caught.value.hint("en")
    assert without_backups(host) == before


def test_a_version_that_refuses_the_key_is_not_trusted(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", with_subtitles(), Quirks(refused_settings=("SubtitleFormat",)))
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path)
    assert caught.value.code == "film.no_burn_in"
    assert host.films == []


@pytest.mark.parametrize(
    ("system", "codec", "chosen"),
    [
        ("mac", "h264", ("mp4", "H264")),
        ("mac", "h265", ("mp4", "H265")),
        ("mac", "master", ("mov", "ProRes422HQ")),
        ("windows", "h264", ("mp4", "H264_NVIDIA")),
        ("windows", "h265", ("mp4", "H265_NVIDIA")),
        ("windows", "master", ("mp4", "H264_NVIDIA")),
    ],
)
def test_format_and_codec_are_the_ids_of_this_system(hosts: Hosts, tmp_path: Path, system: str, codec: str, chosen: tuple[str, str]) -> None:
    host = hosts("studio_21_1", with_subtitles(), Quirks(codecs=system))
    render(host, tmp_path, codec=codec)
    job = host.films[0]["job"]
    assert (job["VideoFormat"], job["VideoCodec"]) == chosen


def test_a_system_without_the_codec_says_so(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", with_subtitles(), Quirks(codecs="free_linux"))
    before = without_backups(host)
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path, codec="h265")
    assert (caught.value.code, caught.value.message()) == ("film.no_codec", "This Resolve offers no h265 for films.")
    assert "mov/DNxHRHQ" in caught.value.detail
    assert without_backups(host) == before


def test_quality_is_asked_of_lossy_codecs_only(hosts: Hosts, tmp_path: Path) -> None:
    asked: list[Any] = []
    for number, (system, codec) in enumerate((("mac", "h264"), ("windows", "master"), ("mac", "master"))):
        host = hosts("studio_21_1", with_subtitles(), Quirks(codecs=system))
        folder = tmp_path / str(number)
        folder.mkdir()
        render(host, folder, codec=codec)
        calls = [args[0] for _, name, args in host.desk.log if name == "SetRenderSettings"]
        asked.append([one["VideoQuality"] for one in calls if "VideoQuality" in one])
    assert asked == [["High"], ["Best"], []]


def test_what_a_codec_does_not_take_is_left_out(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", with_subtitles(), Quirks(refused_settings=("VideoQuality", "FormatWidth")))
    path, _ = render(host, tmp_path)
    assert Path(path).is_file()


def test_the_range_is_absolute_and_inclusive(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", with_subtitles())
    render(host, tmp_path, span=(100, 400))
    assert (host.films[0]["job"]["MarkIn"], host.films[0]["job"]["MarkOut"]) == (90100, 90399)
    assert host.project.timelines[0].marks["video"] == {"in": 100, "out": 899}


def test_another_timeline_in_front_is_not_the_one_rendered(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", with_subtitles())
    other = small_edit()
    other.name = "Other"
    host.project.timelines.append(other)
    host.project.current_timeline = other.id
    before = without_backups(host)
    render(host, tmp_path)
    assert host.films[0]["job"]["TimelineName"] == "訪問 v2"
    assert without_backups(host) == before


@pytest.mark.parametrize(
    ("quirks", "code"),
    [
        (Quirks(job_stuck_at_ready=True), "film.stuck"),
        (Quirks(render_fails=True), "film.failed"),
        (Quirks(render_makes_no_file=True), "film.no_file"),
    ],
    ids=str,
)
def test_a_failure_is_named_and_the_page_put_back(hosts: Hosts, tmp_path: Path, quirks: Quirks, code: str) -> None:
    host = hosts("studio_20_2_zh", with_subtitles(), quirks)
    before = without_backups(host)
    with pytest.raises(PluginError) as caught:
        render(host, tmp_path)
    assert caught.value.code == code
    assert caught.value.hint("zh")
    assert without_backups(host) == before


def test_cancel_stops_our_job(hosts: Hosts, tmp_path: Path) -> None:
    host = hosts("studio_20_2", with_subtitles())
    before = without_backups(host)
    plugin = connect(host)

    def stop() -> None:
        if host.project.render.running:
            raise Stopped

    plugin.calls.check = stop
    wish = FilmWish(host.project.timelines[0].id, 90000, None, str(tmp_path), "h264", "standard", 2, lambda path: path)
    with pytest.raises(Stopped):
        render_film(plugin, Journal({}, lambda: None), wish, lambda *news: None)
    assert host.project.render.running == ""
    assert without_backups(host) == before
