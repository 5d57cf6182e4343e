"""`canto-beats render` and `canto-beats preview` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.cli import main
from core.media import encoders
from fakes.films import film

SRT = "1\n00:00:00,080 --> 00:00:00,360\n喺呢度㗎\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a film and its subtitles, in English, with a memory of its own for encoder probes."""
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")
    monkeypatch.setattr(encoders, "cache_path", lambda: tmp_path / "cache" / "encoders.json")
    film(tmp_path, "grey.mp4")
    (tmp_path / "a.srt").write_text(SRT, "utf-8")
    return tmp_path


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_burning_in(place: Path) -> None:
    code, out, _ = run("render", place / "grey.mp4", "--subs", place / "a.srt", "--quality", "draft")
    assert code == 0 and (place / "grey.subtitled.mp4").is_file()
    lines = out.splitlines()
    assert lines[0] == f"wrote {place}/grey.subtitled.mp4"
    assert lines[1].startswith("  10 frames in ") and lines[1].endswith("frames a second")
    assert lines[2] == "  H.264 on the processor (libx264 -preset veryfast -crf 27)."


def test_the_same_as_json(place: Path) -> None:
    code, out, _ = run("render", place / "grey.mp4", "--subs", place / "a.srt", "--quality", "draft", "--style", "kai_drama", "--json")
    (made,) = json.loads(out)["rendered"]
    assert code == 0 and (made["mode"], made["encoder"], made["frames"]) == ("burn", "libx264", 10)
    assert len(made["reasons"]) == 2 and made["fps"] > 0 and made["findings"] == []


@pytest.mark.parametrize(("mode", "name"), [("--soft", "grey.subtitled.mp4"), ("--sidecar", "grey.srt")])
def test_without_drawing(place: Path, mode: str, name: str) -> None:
    code, out, _ = run("render", place / "grey.mp4", "--subs", place / "a.srt", mode)
    assert code == 0 and out.splitlines()[0] == f"wrote {place / name}" and (place / name).is_file()


def test_a_still(place: Path) -> None:
    code, out, _ = run("preview", place / "grey.mp4", "--subs", place / "a.srt", "--at", "0.2", "--json")
    assert code == 0 and Path(json.loads(out)["path"]).name == "grey 00.00.00.05.png"


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (("render", "grey.mp4"), 2, "No subtitles were named"),
        (("render", "gone.mp4", "--subs", "a.srt"), 2, "is not there"),
        (("render", "grey.mp4", "--subs", "a.srt", "--style", "comic"), 2, "There is no look called comic."),
        (("render", "grey.mp4", "--subs", "a.srt", "--style", "bilingual"), 2, "shows two languages"),
        (("render", "grey.mp4", "--subs", "a.srt", "--codec", "prores", "--quality", "small"), 2, "ProRes files are large by design"),
        (("preview", "grey.mp4", "--subs", "a.srt", "--at", "99:99"), 2, "is not a moment of this film"),
    ],
)
def test_what_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], exit_code: int, message: str) -> None:
    monkeypatch.chdir(place)
    before = sorted(place.iterdir())
    code, _, err = run(*words)
    assert code == exit_code and message in " ".join(err.split())
    assert [path for path in sorted(place.iterdir()) if path.name != "cache"] == before
