"""From the menu to a verified track with the real engine: the sample timeline, the practice model, every profile that lists Python entries.

The first run recognises; the others start the engine on a copy of that job, as after an interruption, so that it resumes at its last stage.
One of them goes on to the film, which the real engine burns the real cues into.
"""

from __future__ import annotations

import json
import shutil
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.demo import sample_timeline
from fakes.bench import DELIVER, NO_PAUSES, placed_cues, without_ours
from fakes.grey_film import brightest, make_clip
from fakes.resolve import PROFILES, FakeHost, timeline_from_otio
from resolve_plugin.session import SessionResult, run

MENU = [name for name, profile in PROFILES.items() if profile.menu_python and not profile.app_store]
FILMED = "studio_20_2"  # the profile whose run goes on to the film
ROOT = Path(__file__).resolve().parents[2]


def sample_host(profile: str) -> FakeHost:
    source = sample_timeline()
    document = json.loads(source.read_text("utf-8"))
    for track in document["tracks"]["children"]:
        for child in track["children"]:
            for media in (child.get("media_references") or {}).values():
                if media.get("target_url"):  # an installed sample has its media beside it; a host knows whole paths
                    media["target_url"] = str(source.parent / media["target_url"])
    host = FakeHost(PROFILES[profile])
    timeline = host.add_timeline(timeline_from_otio(document, "茶餐廳的早晨", 25.0))
    timeline.id, host.project.id = "sample-timeline", "sample-project"
    host.project.current_timeline = timeline.id
    host.project.current_bin = host.project.root.id
    host.project.render.settings = dict(DELIVER)
    return host


@pytest.fixture(scope="module")
def engine_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter as install.py leaves it: isolated (-I), with the engine and its packages among its own."""
    folder = tmp_path_factory.mktemp("engine")
    venv.create(folder, with_pip=False, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    lines = [str(ROOT), sysconfig.get_paths()["purelib"]]
    (Path(paths["purelib"]) / "engine.pth").write_text("\n".join(lines), "utf-8")
    return str(next(iter((folder / "bin").glob("python"))))


def go(host: FakeHost, root: Path, engine_python: str, **more: Any) -> Any:
    settings = {
        "job_root": str(root), "settings_path": str(root.parent / "settings.json"), "language_ui": "zh", "window": False,
        "asr_model": "practice", "device": "cpu", "engine_python": engine_python, "pauses": NO_PAUSES, **more,
    }  # fmt: skip
    names = host.menu_globals()
    assert names is not None
    return run(**names, settings=settings)


@dataclass(frozen=True)
class Outcome:
    """A run with the state before it."""

    host: FakeHost
    before: dict[str, Any]
    result: SessionResult


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, engine_python: str) -> Outcome:
    """The run that recognises."""
    host = sample_host("studio_21_1")
    before = host.snapshot()
    return Outcome(host, before, go(host, tmp_path_factory.mktemp("first") / "Jobs", engine_python))


def check(outcome: Outcome) -> None:
    assert outcome.result.status == "placed", outcome.result
    document = json.loads((Path(outcome.result.job) / "document.json").read_text("utf-8"))
    cues = [(cue["start_frame"], cue["end_frame"], cue["text"]) for cue in document["cues"]]
    assert len(cues) > 5
    assert placed_cues(outcome.host) == cues
    assert without_ours(outcome.host.snapshot()) == without_ours(outcome.before)
    assert outcome.host.desk.violations == []


def test_the_sample_becomes_a_verified_track(first: Outcome) -> None:
    check(first)


def interrupted(first: Outcome, root: Path) -> Path:
    """A copy of the first job below `root`, as if it had been stopped while the engine ran."""
    folder = root / "interrupted"
    shutil.copytree(first.result.job, folder)
    state = json.loads((folder / "plugin.json").read_text("utf-8"))
    (folder / "plugin.json").write_text(json.dumps({**state, "phase": "engine", "placed": [], "undo": [], "restore": []}), "utf-8")
    return folder


@pytest.mark.parametrize("profile", [name for name in MENU if name not in ("studio_21_1", FILMED)])
def test_every_profile(profile: str, first: Outcome, tmp_path: Path, engine_python: str) -> None:
    folder = interrupted(first, tmp_path / "Jobs")
    host = sample_host(profile)
    before = host.snapshot()
    outcome = Outcome(host, before, go(host, tmp_path / "Jobs", engine_python))
    assert Path(outcome.result.job) == folder
    check(outcome)


def test_the_film_shows_the_cues(first: Outcome, tmp_path: Path, engine_python: str) -> None:
    interrupted(first, tmp_path / "Jobs")
    host = sample_host(FILMED)
    host.film_clip, before = tmp_path / "clip.mp4", host.snapshot()
    make_clip(host.film_clip, seconds=8)  # shorter than the timeline: the engine leaves later cues out and says so
    outcome = Outcome(host, before, go(host, tmp_path / "Jobs", engine_python, render="burn", film_folder=str(tmp_path / "Films")))
    check(outcome)
    film = outcome.result.film
    assert (film["status"], film["kept"]) == ("done", ""), outcome.result
    assert [path.name for path in (tmp_path / "Films").iterdir()] == [Path(film["path"]).name]
    cue = placed_cues(host)[0]
    seen, plain = (cue[0] + cue[1]) / 2 / 25, cue[1] / 25 + 0.06
    assert cue[1] + 2 < placed_cues(host)[1][0] < 200, "between the first two cues the picture is plain"
    assert brightest(host.film_clip, seen) < 150
    assert brightest(Path(film["path"]), seen) > 200
    assert brightest(Path(film["path"]), plain) < 150
