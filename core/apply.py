"""`canto-beats apply`: an edited subtitle file goes back into the job that made it.

The file is compared with the job's subtitles as they are now; what differs is added to `edits.json`, and the job's documents are brought up to date.
A later run lays the same edits over whatever it makes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

from .commit import together
from .document import Register, Registers, SubtitleDocument
from .document_file import read_document, read_object, write_document
from .edits import Edit, differences, merged, read_edits, with_edits, write_edits
from .errors import EngineError, InputError
from .formats import read_subtitles
from .formats.base import ReadOptions
from .formats.export import timeline_start
from .job import open_job
from .messages import Language

_FILES: dict[Register, str] = {"spoken": "document.json", "written": "document.written.json"}


@dataclass(frozen=True, slots=True)
class Applied:
    """What an edited file changed, in cues, and which text it held."""

    register: Register
    changed: int
    added: int
    removed: int
    cues: int


def apply_file(file: Path, folder: Path, register: Register | None = None, language: Language = "en") -> Applied:
    """Take the changes of `file` into the job in `folder`; `register` None: whichever text of the job the file resembles more.

    Raises InputError `apply.*`, `formats.*`, `job.*` and `files.*`; the job is untouched then.
    """
    source = Path(_input(folder))
    with open_job(folder, source):
        return _applied(file, (folder, source), register, language)


def _applied(file: Path, job: tuple[Path, Path], register: Register | None, language: Language) -> Applied:
    folder, source = job
    registers = _registers(folder)
    spoken = registers.spoken
    offset = spoken.start_frame - timeline_start(folder, source, spoken)
    read = read_subtitles(file, ReadOptions(spoken.rate, spoken.start_frame - offset, language))
    if read.rate != spoken.rate:
        raise InputError("apply.other_rate", file=file, rate=read.rate, wanted=spoken.rate)
    edited = _moved(read, -offset)
    if not edited.cues:
        raise InputError("apply.nothing", file=file)
    chosen = register or _resembling(registers, edited)
    document = registers.written if chosen == "written" else spoken
    if document is None:
        raise InputError("formats.unknown_register", folder=folder, file=folder / _FILES["written"])
    new = differences(document, edited)
    done = with_edits(registers, new)
    with together(folder) as staged:
        write_edits(merged(read_edits(folder), new), staged)
        if done.written:
            write_document(done.written, staged / _FILES["written"])
        write_document(done.spoken, staged / _FILES["spoken"])
    return _counted(chosen, new.edits, len(done.spoken.cues))


def _registers(folder: Path) -> Registers:
    paths = {name: folder / file for name, file in _FILES.items()}
    if not paths["spoken"].is_file():
        raise InputError("formats.not_a_job", folder=folder)
    return Registers(read_document(paths["spoken"]), read_document(paths["written"]) if paths["written"].is_file() else None)


def _input(folder: Path) -> str:
    """What the job was made from; a folder that does not say is no job."""
    try:
        return str(read_object(folder / "job.json")["input"])
    except (OSError, KeyError, EngineError) as error:
        raise InputError("formats.not_a_job", folder=folder, detail=repr(error)) from error


def _moved(document: SubtitleDocument, frames: int) -> SubtitleDocument:
    """The document counted from the range's first frame; what lies before it is left out."""
    cues = (replace(cue, start_frame=max(0, cue.start_frame + frames), end_frame=cue.end_frame + frames) for cue in document.cues)
    return replace(document, cues=tuple(cue for cue in cues if cue.end_frame > cue.start_frame))


def _resembling(registers: Registers, edited: SubtitleDocument) -> Register:
    if registers.written is None:
        return "spoken"
    lines = [cue.text for cue in edited.cues]
    spoken, written = (
        SequenceMatcher(None, [cue.text for cue in document.cues], lines, autojunk=False).ratio()
        for document in (registers.spoken, registers.written)
    )
    return "written" if written > spoken else "spoken"


def _counted(register: Register, edits: tuple[Edit, ...], cues: int) -> Applied:
    removed, added = sum(edit.removed for edit in edits), sum(edit.was is None for edit in edits)
    return Applied(register, len(edits) - removed - added, added, removed, cues)
