"""request.json with "task": "render": subtitles burnt into a film that the host has rendered, asked for over the wire like any other job.

    {"schema": "request/1", "task": "render", "input": film, "subtitles": [file, second register's file], "rate": "25/1", "drop_frame": false,
     "style": null, "codec": "hevc", "quality": "standard", "out": file, "language_ui": "zh"}

The subtitle files count from the film's first frame; `style` null is the usual look. To pass on another wish of a render, read it in `read_film`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .document_file import read_object
from .errors import EngineError, InputError, WireError
from .progress import CancelToken, Reporter
from .settings import load_settings
from .timing import parse_rate

if TYPE_CHECKING:
    from .media.encoder_table import Quality
    from .media.render import RenderRequest

_NOTES = 20  # sentences in the last word; a line of the wire has an end


def burn_in(request: RenderRequest, reporter: Reporter, cancel: CancelToken) -> dict[str, Any]:
    """Fields of the last word: where the film is, by which encoder, how fast, and `notes` for the user. Raises what `media.render.render` raises."""
    from .media.render import render

    made = render(request, reporter, cancel)
    notes = [*(reason.text(request.language) for reason in made.reasons), *(finding.message for finding in made.findings)]
    speed = {"frames": made.frames, "frames_a_second": round(made.frames_a_second, 1), "seconds": made.seconds}
    return {"film": str(made.path), "encoder": made.encoder, **speed, "notes": notes[:_NOTES]}


def read_film(folder: Path) -> RenderRequest:
    """The render that a folder's request.json asks for.

    Raises WireError `wire.bad_request` for a missing or ill-typed field, and `formats.*` for subtitles that cannot be read.
    """
    from .formats import read_subtitles
    from .formats.base import ReadOptions
    from .media.burn_subs import Subtitles
    from .media.encoder_table import QUALITIES
    from .media.render import RenderRequest
    from .media.render_plan import Wish

    try:
        data = read_object(folder / "request.json")
        language = load_settings(language_ui=data.get("language_ui")).language_ui
        rate = parse_rate(str(data["rate"]), drop_frame=bool(data.get("drop_frame")))
        film, out, codec = Path(str(data["input"])), Path(str(data["out"])), str(data["codec"])
        files = [Path(str(one)) for one in data["subtitles"]]
        if data["quality"] not in QUALITIES or len(files) not in (1, 2):
            raise ValueError(f"quality {data['quality']!r}, {len(files)} subtitle files")
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise WireError("wire.bad_request", reason=repr(error)) from error
    except InputError as error:
        raise WireError("wire.bad_request", reason=error.message(), detail=error.detail) from error
    documents = [read_subtitles(file, ReadOptions(rate=rate, language=language)) for file in files]
    wish = Wish(codec, cast("Quality", data["quality"]), None, out)
    return RenderRequest(film, Subtitles(documents[0], documents[1] if documents[1:] else None), wish, data.get("style") or None, None, language)


def task_of(folder: Path) -> str:
    """What a job's request.json asks for: 'subtitles' unless it says 'render'. A file that cannot be read is the business of its reader."""
    try:
        return str(read_object(folder / "request.json").get("task", "subtitles"))
    except (OSError, ValueError, EngineError):
        return "subtitles"
