"""A redo's result into the job folder: every file that has cues in it, all at once, so that later runs start from what is shown.

A later run with the same settings finds its stages finished and shows the redo; one with another preset or register makes its cues from the
redo's words; only recognising everything again replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..commit import together
from ..document import Registers, Transcript
from ..document_file import read_document, read_object, write_document
from ..errors import EngineError
from ..files import write_json
from ..job import Job
from ..plain import from_plain, to_plain
from ..stages import Work
from .splice import Place, counted, with_document, with_segments

FOLDER = "redo"  # inside the job: the span's own run
_FRAMES = ("before_frame", "after_frame")


def put_in(job: Job, work: Work, registers: Registers, names: Mapping[str, str], place: Place) -> None:
    """Write what became of the job: `registers` are its documents as they are now, `work` what the span's own run made.

    Raises InputError `job.damaged` and `files.*`; the job is as it was then.
    """
    with together(job.folder) as staged:
        assert work.transcript and work.cues and work.texts
        transcript = from_plain(Transcript, read_object(job.path("transcript.json")), job.path("transcript.json"))
        write_json(staged / "transcript.json", {"schema": "transcript/1", **to_plain(with_segments(transcript, work.transcript, place))})
        texts = work.texts
        for file, new in (("cues.json", work.cues), ("texts.json", texts.spoken), ("texts.written.json", texts.written)):
            if new and job.path(file).is_file():
                old = read_document(job.path(file))
                write_document(with_document(old, counted(new, old, names, place), place), staged / file)
        _put_lists(job, staged, names, place)
        for file, document in (("document.json", registers.spoken), ("document.written.json", registers.written)):
            if document:
                write_document(document, staged / file)


def _put_lists(job: Job, staged: Path, names: Mapping[str, str], place: Place) -> None:
    """The reasons of edges and of rewritten texts, by cue."""
    for file, field, key in (("layout.json", "edges", "cue_id"), ("written.diff.json", "changes", "cue")):
        old, new = _object(job.path(file)), _object(job.path(FOLDER) / file)
        if isinstance(old.get(field), list) and isinstance(new.get(field), list):
            kept = [row for row in old[field] if row.get(key) not in place.gone]
            write_json(staged / file, {**old, field: [*kept, *(_row(row, key, names, place) for row in new[field])]})


def _row(row: dict[str, Any], key: str, names: Mapping[str, str], place: Place) -> dict[str, Any]:
    moved = {name: value + place.start_frame if name in _FRAMES else value for name, value in row.items()}
    return {**moved, key: names.get(row[key], row[key])}


def _object(path: Path) -> dict[str, Any]:
    try:
        return read_object(path)
    except (OSError, EngineError):
        return {}
