"""From what a person names (a film, a subtitle file, a job's folder) to a film and its subtitles on one clock.

A subtitle file counts from the film's first frame, or from the film's start timecode when it would otherwise lie wholly after the end, as
Resolve's own SRT export does. A job knows where its range lies on its timeline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from ..document import SubtitleDocument
from ..document_file import read_document, read_object
from ..errors import EngineError, InputError
from ..formats import read_subtitles
from ..formats.ass_styles import look
from ..formats.base import ReadOptions
from ..formats.export import timeline_start
from ..messages import Language
from ..otio.media import stored_start_s
from ..timing import frame_to_seconds, seconds_to_nearest_frame
from .burn_subs import Subtitles
from .probe import MediaInfo, probe_media

Registers = Literal["spoken", "written", "both"]
_EDITS = frozenset({".otio"})
_DRAWN = frozenset({".ass", ".ssa"})


@dataclass(frozen=True, slots=True)
class Named:
    """What the user named. `subs` and `second` are files, or a job's folder for `subs`; `register` chooses among a job's."""

    source: Path
    subs: Path | None = None
    second: Path | None = None
    register: Registers | None = None
    style: str | None = None
    language: Language = "en"


def find_film(named: Named, opened: bool = True) -> tuple[Path, Subtitles]:
    """The film and its subtitles; `opened` says that the film's streams are wanted, and not just its name and place.

    Raises InputError `render.timeline_job` for a job of an edit, which only its host can render, `render.needs_subs` for a film without
    subtitles, `formats.*`, `job.damaged`, and what `probe_media` raises.
    """
    source = named.source.expanduser().absolute()
    if source.is_dir():
        film = job_film(source) if opened else None
        if film is None:
            place = source.parent if source.suffix == ".job" else source
            return place / f"{source.stem}.srt", find_subtitles(replace(named, subs=named.subs or source), None)
        return film, find_subtitles(replace(named, subs=named.subs or source), film)
    if named.subs is None:
        raise InputError("render.needs_subs", file=source)
    return source, find_subtitles(named, source)


def find_subtitles(named: Named, film: Path | None) -> Subtitles:
    """The subtitles that were named, on the clock of `film`; None counts from the timeline's first frame. Raises InputError as `find_film`."""
    assert named.subs is not None
    subs = named.subs.expanduser().absolute()
    if subs.is_dir():
        return _of_job(subs, named, film)
    document = read_subtitles(subs, ReadOptions(language=named.language))
    second = read_subtitles(named.second.expanduser(), ReadOptions(language=named.language)) if named.second else None
    if subs.suffix.lower() in _DRAWN:
        return Subtitles(document, second, 0, subs)
    return Subtitles(document, second, _start_of(document, film))


def job_film(folder: Path) -> Path:
    """The media file that a job was made of. Raises InputError `render.timeline_job` for an edit, `formats.not_a_job` for another folder."""
    try:
        film = Path(str(read_object(folder / "job.json").get("input") or ""))
    except OSError as error:
        raise InputError("formats.not_a_job", folder=folder, file=folder / "job.json", detail=repr(error)) from error
    if film.suffix.lower() in _EDITS or not film.name:
        raise InputError("render.timeline_job", folder=folder, name=film.stem or folder.stem)
    return film


def job_documents(folder: Path, register: Registers | None, style: str | None) -> tuple[SubtitleDocument, SubtitleDocument | None]:
    """The cues to show, and those under them: written Chinese stands above the spoken line.

    Raises InputError `formats.not_a_job` or `formats.unknown_register`.
    """
    spoken, written = folder / "document.json", folder / "document.written.json"
    if not spoken.is_file():
        raise InputError("formats.not_a_job", folder=folder, file=spoken)
    both = register == "both" or (register is None and style is not None and look(style).second is not None)
    if (both or register == "written") and not written.is_file():
        raise InputError("formats.unknown_register", folder=folder, file=written)
    if both:
        return read_document(written), read_document(spoken)
    return read_document(written if register == "written" else spoken), None


def _of_job(folder: Path, named: Named, film: Path | None) -> Subtitles:
    document, second = job_documents(folder, named.register, named.style)
    try:
        own = Path(str(read_object(folder / "job.json").get("input") or folder.stem))
    except (OSError, EngineError):
        own = Path(folder.stem)
    start = timeline_start(folder, own, document)
    if film and film != own and (first_s := _first_s(probe_media(film), document)) is not None:
        start = seconds_to_nearest_frame(first_s, document.rate)  # a render of the edit, which carries its timecode
    offset = document.start_frame - start
    return Subtitles(document, second, offset if offset >= 0 else 0)


def _start_of(document: SubtitleDocument, film: Path | None) -> int:
    """Minus the film's start timecode for a file that counts from it, else 0."""
    if film is None or not document.cues:
        return 0
    info = probe_media(film)
    first_s = _first_s(info, document)
    cue_s = frame_to_seconds(document.cues[0].start_frame, document.rate)
    if not first_s or cue_s < info.duration_s or not 0 <= cue_s - first_s < info.duration_s:
        return 0
    return -seconds_to_nearest_frame(first_s, document.rate)


def _first_s(info: MediaInfo, document: SubtitleDocument) -> Fraction | None:
    try:
        return stored_start_s(info, info.video_rate or document.rate.fps)
    except EngineError:
        return None
