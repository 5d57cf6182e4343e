"""The probe of the film: it renders as the plugin does, sees letters where there are some, and leaves the Deliver page alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from core.media.ffmpeg import find_ffmpeg
from core.selftest.desk import Options, open_desk
from core.selftest.film import film
from fakes.bench import NO_PAUSES, build_host, without_ours
from fakes.resolve import FakeHost, Quirks

ROOT = Path(__file__).resolve().parents[2]


def ask(host: FakeHost, folder: Path) -> dict[str, object]:
    names = host.menu_globals()
    assert names is not None
    return film(open_desk(Options(folder / "run", ROOT, (), NO_PAUSES, host.pause), names["resolve"]))


def clip(path: Path, colour: str) -> Path:
    source = f"color={colour}:s=64x36:r=25:d=0.2"
    subprocess.run([str(find_ffmpeg()), "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


@pytest.mark.parametrize("letters", [True, False])
def test_it_tells_letters_from_none(letters: bool, tmp_path: Path) -> None:
    host = build_host("studio_21_1")
    host.film_clip, host.burnt_clip = clip(tmp_path / "grey.mp4", "gray"), clip(tmp_path / "white.mp4", "white" if letters else "gray")
    render = json.loads(json.dumps(host.snapshot()["render"]))
    facts = ask(host, tmp_path)
    assert {kind: one["letters"] for kind, one in facts["burnt_against_clean"].items()} == {"burnt": letters, "burnt_h265": letters}  # type: ignore[attr-defined]
    assert [(one["burnt"] != "", one["job"]["VideoCodec"]) for one in host.films] == [
        (False, "H264"), (True, "H264"), (True, "H265"), (False, "ProRes422HQ"),
    ]  # fmt: skip
    assert json.loads(json.dumps(host.snapshot()["render"])) == render
    assert host.desk.violations == []


def test_an_older_version_says_that_it_cannot(tmp_path: Path) -> None:
    facts = ask(build_host("studio_19_1"), tmp_path)
    assert facts["renders"]["burnt"]["error"] == "film.no_burn_in"  # type: ignore[index]
    assert facts["burnt_against_clean"] == {}
    assert "left_out" in ask(build_host("studio_18_6"), tmp_path / "older")


def test_refused_keys_are_named(tmp_path: Path) -> None:
    host = build_host("studio_20_2", None, Quirks(refused_settings=("VideoQuality",)))
    before = without_ours(host.snapshot())["render"]
    assert ask(host, tmp_path)["refused"] == ["VideoQuality"]
    assert without_ours(host.snapshot())["render"] == before
