"""`canto-beats export`: a job's subtitles, or any subtitle file, into files of the formats asked for.

A job knows its timeline's start, its rate and, where it came from an OTIO, the host's own edit; a bare file knows only what is in it. Nothing
that this job did not write is ever replaced: such a name gets a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ..document import SubtitleDocument
from ..document_file import read_document, read_object
from ..errors import EngineError, InputError
from ..files import free_name, make_folder
from ..job import Job, open_job
from ..messages import Language
from ..plain import from_plain, to_plain
from ..timing import parse_rate, timecode_to_frame, with_drop_frame
from . import FORMATS, check_name, read_subtitles, write_subtitles
from .ass_styles import look
from .base import MILLISECONDS, ReadOptions, WriteOptions

Wanted = Literal["spoken", "written", "both"]
_FILES = {"spoken": "document.json", "written": "document.written.json"}
_HOSTS = {".fcpxml": "fcpxml", ".fcpxmld": "fcpxml", ".otio": "otio"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for. `rate` and `start_timecode` are as typed; `into` is a file that the host exported."""

    formats: tuple[str, ...]
    register: Wanted = "spoken"
    rate: str | None = None
    start_timecode: str | None = None
    drop_frame: bool = False
    out: Path | None = None
    style: str = "hk_broadcast"
    size: tuple[int, int] | None = None
    font: str | None = None
    titles: bool = False
    into: Path | None = None
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Exported:
    """One file made."""

    format: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Source:
    """What there is to write: documents by register, and what every writer may know about their timeline."""

    documents: dict[str, SubtitleDocument]
    options: WriteOptions
    stem: str
    folder: Path


def export(source: Path, wish: Wish) -> tuple[Exported, ...]:
    """Write every format of `wish` for a job folder or a subtitle file; everything that can be refused is refused before the first file.

    Raises InputError `formats.*`, `timing.*`, `job.*` and `files.*`.
    """
    for name in wish.formats:
        check_name(name)
    look(wish.style)
    if wish.into and wish.into.suffix.lower() not in _HOSTS:
        raise InputError("formats.host_kind", file=wish.into)
    with _opened(source) as job:
        found = _job(source, wish) if source.is_dir() and source.suffix.lower() not in _HOSTS else _file(source, wish)
        _check(found, wish)
        folder = wish.out.expanduser().absolute() if wish.out else found.folder
        make_folder(folder)
        made = tuple(_write_all(found, wish, folder, partial(_write_for_job, job) if job else _write_free))
        if job:
            _remember(job, replace(wish, out=folder, into=wish.into.absolute() if wish.into else None))
        return made


def _remember(job: Job, wish: Wish) -> None:
    """What was asked for, so that the same files can be written again when the subtitles change."""
    plain = to_plain(wish)
    job.exports = [*(one for one in job.exports if one != plain), plain]
    job.save()


def export_again(folder: Path, language: Language) -> tuple[tuple[Exported, ...], tuple[EngineError, ...]]:
    """Every export that a job was asked for, once more, with what could not be written; a file that somebody changed keeps its place.

    Raises InputError `job.*`.
    """
    stored = _facts(folder, "job.json").get("exports")
    made: list[Exported] = []
    failed: list[EngineError] = []
    for plain in stored if isinstance(stored, list) else ():
        try:
            made += export(folder, replace(from_plain(Wish, plain, folder / "job.json"), language=language))
        except EngineError as error:
            failed.append(error)
    return tuple(made), tuple(failed)


def _check(found: _Source, wish: Wish) -> None:
    """Refuse what a writer would refuse later, when other files are already there."""
    if look(wish.style).second and "ass" in wish.formats and len(found.documents) < 2:
        raise InputError("formats.needs_second", style=wish.style)
    for name in wish.formats:
        if FORMATS[name].frames and any(document.rate == MILLISECONDS for document in found.documents.values()):
            raise InputError("formats.needs_rate", format=name)


def _file(source: Path, wish: Wish) -> _Source:
    """A subtitle file; a rate that the user names counts where the file has none of its own."""
    rate = parse_rate(wish.rate, drop_frame=wish.drop_frame) if wish.rate else None
    start = timecode_to_frame(wish.start_timecode, rate) if wish.start_timecode and rate else 0
    document = read_subtitles(source, ReadOptions(rate, start, wish.language))
    document = _restarted(document, wish, document.start_frame)
    kind = _HOSTS.get(source.suffix.lower())
    host = source.absolute() if kind == "otio" else None
    options = _options(wish, WriteOptions(title=source.stem, host=host))
    return _Source({document.register: document}, options, source.stem, source.absolute().parent)


def _restarted(document: SubtitleDocument, wish: Wish, timeline_start: int) -> SubtitleDocument:
    """The document on a timeline that begins at the timecode the user named."""
    if document.rate == MILLISECONDS and (wish.start_timecode or wish.drop_frame):
        raise InputError("formats.start_needs_rate")
    rate = with_drop_frame(document.rate, True) if wish.drop_frame else document.rate
    if wish.start_timecode is None:
        return replace(document, rate=rate)
    start = timecode_to_frame(wish.start_timecode, rate)
    return replace(document, rate=rate, start_frame=start + document.start_frame - timeline_start)


def _job(folder: Path, wish: Wish) -> _Source:
    """A job folder: document.json, document.written.json beside it, and the timeline they belong to."""
    documents = {register: _job_document(folder, file) for register, file in _FILES.items() if wish.register in (register, "both")}
    first = next(iter(documents.values()))
    source = Path(str(_facts(folder, "job.json").get("input") or folder.stem))
    start = timeline_start(folder, source, first)
    restarted = {register: _restarted(document, wish, start) for register, document in documents.items()}
    length = _number(_facts(folder, "plan.json").get("duration_frames")) or 0
    offset = first.start_frame - start
    host = source if source.suffix.lower() == ".otio" and source.is_file() else None
    options = WriteOptions(offset_frames=offset, length_frames=offset + length, title=source.stem, host=host)
    where = folder.absolute().parent if folder.suffix == ".job" else folder.absolute()
    return _Source(restarted, _options(wish, options), source.stem, where)


def _job_document(folder: Path, file: str) -> SubtitleDocument:
    path = folder / file
    if not path.is_file():
        raise InputError("formats.not_a_job" if file == _FILES["spoken"] else "formats.unknown_register", folder=folder, file=path)
    return read_document(path)


def _facts(folder: Path, name: str) -> dict[str, object]:
    try:
        return read_object(folder / name)
    except (OSError, EngineError):
        return {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def timeline_start(folder: Path, source: Path, document: SubtitleDocument) -> int:
    """The timeline's first frame: as the host said in request.json, as the run was asked, as the OTIO says, else where the subtitles begin."""
    asked = _number(_facts(folder, "request.json").get("start_frame"))
    if asked is not None:
        return asked
    run = _facts(folder, "job.json").get("asked")
    if isinstance(run, dict) and "range" in run:
        return document.start_frame - (run["range"][0] if run["range"] else 0)
    if source.suffix.lower() == ".otio" and source.is_file():
        from ..timeline_reader import read_input

        try:
            return read_input(source).start_frame
        except EngineError:  # moved or edited since the run; the export itself does not need it
            return document.start_frame
    return document.start_frame


def _options(wish: Wish, options: WriteOptions) -> WriteOptions:
    return replace(options, size=wish.size, style=wish.style, font=wish.font)


@contextmanager
def file_namer(source: Path) -> Iterator[Callable[[Path, Callable[[Path], None]], Path]]:
    """How a file gets its name: what the job in `source` wrote may be replaced, anything else keeps its place.

    Gives a function (path, writer) -> the path written. Holds the lock where `source` is a job; raises InputError `job.busy`.
    """
    with _opened(source) as job:
        yield partial(_write_for_job, job) if job else _write_free


@contextmanager
def _opened(source: Path) -> Iterator[Job | None]:
    if not (source / "job.json").is_file():
        yield None
        return
    stored = _facts(source, "job.json").get("input")
    with open_job(source, str(stored)) as job:
        yield job


def _write_free(path: Path, write: Callable[[Path], None]) -> Path:
    free = _free(path)
    write(free)
    return free


def _write_for_job(job: Job, path: Path, write: Callable[[Path], None]) -> Path:
    name = job.name_for(path, _long_suffix(path))
    write(name)
    job.wrote(name)
    return name


def _long_suffix(path: Path) -> str:
    """A suffix of two parts ('.avid.txt'), or ''."""
    return next((made.suffix for made in FORMATS.values() if path.name.endswith(made.suffix) and made.suffix.count(".") > 1), "")


def _free(path: Path) -> Path:
    """`free_name` for suffixes of two parts as well."""
    suffix = _long_suffix(path)
    if not suffix:
        return free_name(path)
    number, stem, candidate = 2, path.name.removesuffix(suffix), path
    while candidate.exists():
        candidate, number = path.with_name(f"{stem} {number}{suffix}"), number + 1
    return candidate


def _write_all(found: _Source, wish: Wish, folder: Path, name: Callable[[Path, Callable[[Path], None]], Path]) -> Iterator[Exported]:
    for kind in dict.fromkeys(wish.formats):
        for document, options, tail in _jobs_of(kind, found, wish):

            def write(path: Path, kind: str = kind, document: SubtitleDocument = document, options: WriteOptions = options) -> None:
                write_subtitles(kind, document, path, options)

            yield Exported(kind, name(folder / f"{found.stem}{tail}{FORMATS[kind].suffix}", write))


def _jobs_of(kind: str, found: _Source, wish: Wish) -> Iterator[tuple[SubtitleDocument, WriteOptions, str]]:
    """(document, options, what the name ends in) of each file of one format."""
    several = len(found.documents) > 1
    together = several and (kind in ("otio", "otioz") or (kind == "ass" and look(wish.style).second is not None))
    host = wish.into if wish.into and _HOSTS[wish.into.suffix.lower()] == kind.removesuffix("z") else found.options.host
    options = replace(found.options, host=host if kind in ("otio", "otioz", "fcpxml") and _fits(host, kind) else None)
    if together:
        # a bilingual look puts written Chinese on top; an edit lists the spoken text first
        main, second = ("written", "spoken") if kind == "ass" else ("spoken", "written")
        yield found.documents[main], replace(options, second=found.documents[second]), ""
    else:
        for register, document in found.documents.items():
            yield document, options, f".{register}" if several else ""
    if wish.titles and FORMATS[kind].titles:
        for register, document in found.documents.items():
            bare = replace(options, titles=True, host=None if kind == "fcpxml" else options.host)
            yield document, bare, f".{register}_titles" if several else "_titles"


def _fits(host: Path | None, kind: str) -> bool:
    return host is not None and _HOSTS.get(host.suffix.lower()) == kind.removesuffix("z")
