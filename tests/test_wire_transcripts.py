"""The recorded talks in `tests/wire/`, replayed from the plugin's side: a real engine must answer in the same words.

Times, counts and paths differ from run to run; kinds of message, their order and their fields do not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.demo import SAMPLE
from core.errors import EngineError
from core.film_request import burn_in, read_film
from core.progress import CancelToken, no_report
from core.wire import decode, encode
from fakes import otio_shapes as shapes
from fakes.grey_film import brightest, make_clip
from fakes.serving import LAST_WORDS, Engine, greet, make_job, serving

WIRE = Path(__file__).parent / "wire"
Message = dict[str, Any]


def recorded(name: str, side: str) -> list[Message]:
    lines = (json.loads(line) for line in (WIRE / f"{name}.jsonl").read_text("utf-8").splitlines())
    return [line["say"] for line in lines if line["from"] == side]


def fields(messages: list[Message]) -> dict[str, set[str]]:
    """The fields of each kind of message, all messages of that kind together."""
    found: dict[str, set[str]] = {}
    for message in messages:
        found.setdefault(message["type"], set()).update(message)
    return found


def assert_same_words(said: list[Message], name: str) -> None:
    was = [message for message in recorded(name, "engine") if message["type"] != "hello"]
    now = fields(said)
    for kind, names in fields(was).items():
        if kind != "note":
            assert names <= now.get(kind, set()), f"{kind} lost fields"
    assert said[-1]["type"] == was[-1]["type"]


@pytest.mark.parametrize("name", sorted(file.stem for file in WIRE.glob("*.jsonl")))
def test_every_recorded_line_is_a_line_of_the_codec(name: str) -> None:
    for side in ("engine", "plugin"):
        for message in recorded(name, side):
            assert decode(encode(message)) == message


def talk(engine: Engine, job: Path, answers: dict[str, Message]) -> list[Message]:
    """Everything the engine says after the greeting; `answers` replies to what it asks."""
    greet(engine, job)
    said: list[Message] = []
    while not said or said[-1]["type"] not in (*LAST_WORDS, "end of file"):
        said.append(engine.hear())
        if said[-1]["type"] == "ask":
            engine.say(**{**answers[said[-1]["op"]], "id": said[-1]["id"]})
    return said


def test_whole_run(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        assert_same_words(talk(engine, make_job(tmp_path / "job"), {}), "whole_run")


def test_render_asked(tmp_path: Path) -> None:
    multicam = shapes.stack(source=shapes.span(0, 250, 25), data={"Sequence Type": "Multicam Clip", "Sequence Fps": 25.0})
    edit = shapes.write(tmp_path, shapes.timeline(shapes.track("Audio", multicam), start=shapes.time(90000, 25)))
    job = make_job(tmp_path / "job", input=str(edit), out_frame=250)
    (reply,) = (message for message in recorded("render_asked", "plugin") if message["type"] == "reply")
    reply["value"]["path"] = str(next(SAMPLE.glob("*.m4a")))
    with serving(tmp_path) as engine:
        said = talk(engine, job, {"render_audio": reply})
    assert [message["op"] for message in said if message["type"] == "ask"] == ["render_audio"]
    assert_same_words(said, "render_asked")
    assert said[-1]["cues"] > 0


def test_a_refused_render_is_an_error_that_says_why(tmp_path: Path) -> None:
    multicam = shapes.stack(source=shapes.span(0, 250, 25), data={"Sequence Type": "Multicam Clip", "Sequence Fps": 25.0})
    edit = shapes.write(tmp_path, shapes.timeline(shapes.track("Audio", multicam), start=shapes.time(90000, 25)))
    job = make_job(tmp_path / "job", input=str(edit), out_frame=250)
    with serving(tmp_path) as engine:
        said = talk(engine, job, {"render_audio": {"type": "reply", "ok": False, "error": "the user said no"}})
    assert (said[-1]["type"], said[-1]["code"]) == ("error", "plan.needs_render")


def test_film_burnt(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        said = talk(engine, film_job(tmp_path), {})
    assert_same_words(said, "film_burnt")
    assert said[-1]["film"] == str(tmp_path / "out.mp4")
    assert said[-1]["frames"] == 50
    assert brightest(tmp_path / "clean.mp4", 1.0) < 150
    assert brightest(tmp_path / "out.mp4", 1.0) > 200  # white letters on grey
    assert brightest(tmp_path / "out.mp4", 0.2) < 150


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"input": "/nowhere.mov"}, "media.missing"),
        ({"codec": "av9"}, "encoders.unknown_codec"),
        ({"quality": "fine"}, "wire.bad_request"),
        ({"subtitles": []}, "wire.bad_request"),
        ({"rate": "fast"}, "wire.bad_request"),
        ({"style": "comic"}, "formats.unknown_style"),
    ],
    ids=str,
)
def test_a_film_that_cannot_be_is_refused_by_name(wish: dict[str, Any], code: str, tmp_path: Path) -> None:
    folder = film_job(tmp_path, **wish)
    with pytest.raises(EngineError) as caught:
        burn_in(read_film(folder), no_report, CancelToken())
    assert caught.value.code == code
    assert not (tmp_path / "out.mp4").exists()


def film_job(tmp_path: Path, **wish: Any) -> Path:
    """A request for a film: two grey seconds with one cue from 0.4 to 1.6 s."""
    clean, subtitles, folder = tmp_path / "clean.mp4", tmp_path / "cues.srt", tmp_path / "film"
    make_clip(clean, seconds=2)
    subtitles.write_text("1\n00:00:00,400 --> 00:00:01,600\n你好\n", "utf-8")
    folder.mkdir()
    request = {
        "schema": "request/1", "task": "render", "input": str(clean), "subtitles": [str(subtitles)], "rate": "25/1", "drop_frame": False,
        "style": None, "codec": "h264", "quality": "standard", "out": str(tmp_path / "out.mp4"), "language_ui": "zh", **wish,
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request), "utf-8")
    return folder


def test_engine_error(tmp_path: Path) -> None:
    edit = shapes.write(tmp_path, shapes.timeline(shapes.track("Video"), start=shapes.time(90000, 25)))
    with serving(tmp_path) as engine:
        assert_same_words(talk(engine, make_job(tmp_path / "job", input=str(edit), out_frame=None), {}), "engine_error")


def test_cancelled(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        greet(engine, make_job(tmp_path / "job"))
        engine.hear_until("stage")
        engine.say(**recorded("cancelled", "plugin")[-1])
        assert_same_words(engine.hear_until(*LAST_WORDS), "cancelled")
