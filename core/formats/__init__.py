"""Every subtitle format that goes out or comes in: one module a format, found by name in `FORMATS` and by suffix in `SUFFIXES`.

To add a format:

1. Write `core/formats/<name>.py` with `write(document, path, options)` and, where the file can be read back, `read(path, options)`. Times come
   from `timing.py`, files are written by `files.replacing` or `files.write_text`, and `read` does its work inside `base.reading`.
2. Name it in `FORMATS` with what it can do, and its suffix in `SUFFIXES`.
3. Run `tests/formats/test_contract.py`, which takes every name in `FORMATS` through every rate and start; what is special to the format gets a
   test beside it.
4. Say what it is for in `tests/formats/make_docs.py` and run `python -m tests.formats.make_docs` for its sample file in `docs/formats/`.

A format that cannot carry Chinese goes to `REFUSED` with its reason in `data/messages/formats.json`, so that nobody gets question marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from ..document import SubtitleDocument
from ..errors import InputError
from .base import MILLISECONDS, ReadOptions, WriteOptions


@dataclass(frozen=True, slots=True)
class Format:
    """What a format can do. `frames`: it needs a frame rate; `reads`: it can be read back; `titles`: it has a second form with text clips."""

    suffix: str
    frames: bool = False
    reads: bool = True
    titles: bool = False


FORMATS = {
    "srt": Format(".srt"),
    "vtt": Format(".vtt"),
    "ass": Format(".ass"),
    "ttml": Format(".ttml", frames=True),
    "itt": Format(".itt", frames=True),
    "fcpxml": Format(".fcpxml", frames=True, titles=True),
    "avid": Format(".avid.txt", frames=True),
    "edl": Format(".edl", frames=True),
    "csv": Format(".csv", frames=True),
    "txt": Format(".txt", reads=False),
    "json": Format(".json", frames=True),
    "otio": Format(".otio", frames=True, titles=True),
    "otioz": Format(".otioz", frames=True),
}
SUFFIXES = {made.suffix: name for name, made in FORMATS.items()} | {
    ".ssa": "ass",
    ".dfxp": "ttml",
    ".xml": "ttml",
    ".fcpxmld": "fcpxml",
    ".txt": "avid",
}
REFUSED = {
    "stl": "formats.no_chinese_stl",
    "ebu-stl": "formats.no_chinese_stl",
    "scc": "formats.no_chinese_608",
    "mcc": "formats.no_chinese_608",
    "cea608": "formats.no_chinese_608",
}


def check_name(name: str) -> str:
    """`name` itself when it is a format.

    Raises InputError `formats.no_chinese_*` for one that cannot carry Chinese, `formats.unknown` for anything else.
    """
    if name in REFUSED:
        raise InputError(REFUSED[name], format=name)
    if name not in FORMATS:
        raise InputError("formats.unknown", format=name, names=", ".join(FORMATS))
    return name


def module_of(name: str) -> ModuleType:
    """The module of a format. Raises as `check_name`."""
    return import_module(f".{check_name(name)}", __name__)


def write_subtitles(name: str, document: SubtitleDocument, path: Path, options: WriteOptions | None = None) -> None:
    """Write a document, aside and then renamed.

    Raises InputError `formats.needs_rate` for a frame format when the document counts milliseconds, what `check_name` raises, and `files.*`.
    """
    module = module_of(name)
    if FORMATS[name].frames and document.rate == MILLISECONDS:
        raise InputError("formats.needs_rate", format=name)
    module.write(document, path, options or WriteOptions())


def read_subtitles(path: Path, options: ReadOptions | None = None) -> SubtitleDocument:
    """Read any subtitle file by its suffix; what had to be repaired is in the document's findings.

    Raises InputError `formats.unknown_suffix`, `formats.damaged`, `formats.needs_rate` and `files.*`.
    """
    suffix = path.suffix.lower()
    if suffix[1:] in REFUSED:
        raise InputError(REFUSED[suffix[1:]], format=suffix[1:])
    if suffix not in SUFFIXES:
        raise InputError("formats.unknown_suffix", file=path, suffixes=" ".join(sorted(SUFFIXES)))
    document = module_of(SUFFIXES[suffix]).read(path, options or ReadOptions())
    assert isinstance(document, SubtitleDocument)
    return document
