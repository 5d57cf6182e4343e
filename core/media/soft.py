"""Subtitles without drawing: as a stream of their own that a player can switch off, or as a file beside the film.

The picture and the sound are copied bit for bit. To support another container, add its text codec to `_TEXT`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ..document import SubtitleDocument
from ..errors import InputError, StageError
from ..files import replacing
from ..formats import FORMATS, write_subtitles
from ..formats.ass_styles import look
from ..formats.base import WriteOptions, register_language
from ..hardware import Reason
from ..progress import CancelToken, Reporter, StageProgress
from .burn_subs import Canvas, Subtitles, burnable, within
from .encoder_table import codec, container_arguments
from .ffmpeg import Place, find_ffmpeg, run_ffmpeg
from .picture import PictureFacts, look_at
from .render import Rendered, RenderRequest, check_room, target_for, unchanged

_TEXT: Mapping[str, str] = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "srt"}
_LOOSE: Mapping[str, str] = {".m4v": ".mp4", ".qt": ".mov"}
_LANGUAGES = {"spoken": "yue", "written": "zho"}  # ISO 639-3, which Matroska and MPEG-4 store
_ROOM = 1.05


@dataclass(frozen=True, slots=True)
class _Text:
    """One subtitle file to add, and the fonts that it needs."""

    path: Path
    document: SubtitleDocument
    fonts: tuple[Path, ...] = ()


def add_stream(request: RenderRequest, reporter: Reporter, cancel: CancelToken) -> Rendered:
    """Copy the film and add its subtitles as text; in Matroska with a look as ASS, and the font goes along.

    Raises InputError `render.*`, `formats.*`, `media.*` and `files.*`, SetupError `ffmpeg.*` or `render.no_room`, StageError `render.soft_failed`,
    `render.check_streams` or `render.source_changed`, and Cancelled.
    """
    facts = look_at(request.source)
    subtitles, late = within(request.subtitles, facts.duration_s, request.language)
    suffix = _suffix(request)
    target = target_for(request.source, request.wish.out, suffix)
    check_room(target.parent, round(_ROOM * request.source.stat().st_size))
    with TemporaryDirectory(prefix="canto-beats-") as name, replacing(target) as part, unchanged(request.source):
        if suffix == ".mkv" and request.style:
            texts = tuple(_drawn_texts(subtitles, request, request.style, Path(name), facts))
        else:
            texts = tuple(_plain_texts(subtitles, Path(name)))
        _mux(request.source, texts, suffix, part, cancel)
        _check(part, facts, len(texts))
    StageProgress("render", (1, 1), reporter, cancel).update(1, 1)
    left_out = (Reason("render.texts_left_out", (("count", str(facts.texts)),)),) if facts.texts else ()
    return Rendered(target, "soft", reasons=(Reason("render.copied"), *left_out), findings=late)


def write_sidecar(request: RenderRequest) -> tuple[Rendered, ...]:
    """Write the subtitles beside the film, SRT unless `out` says otherwise; two registers are two files. The film is not even opened.

    Raises InputError `render.no_cues`, `formats.*` and `files.*`.
    """
    documents = _documents(request.subtitles)
    if not documents[0].cues:
        raise InputError("render.no_cues")
    out = request.wish.out
    kind = next((name for name, made in FORMATS.items() if out and out.suffix and made.suffix == out.suffix.lower()), "srt")
    made = []
    for document in documents:
        tail = f".{register_language(document.register)}" if len(documents) > 1 else ""
        wanted = (out.expanduser() if out else request.source.with_suffix(FORMATS[kind].suffix)).absolute()
        folder = wanted if wanted.is_dir() else wanted.parent
        stem = request.source.stem if wanted.is_dir() else wanted.stem
        target = target_for(request.source, folder / f"{stem}{tail}{FORMATS[kind].suffix}", "")
        write_subtitles(kind, document, target, WriteOptions(offset_frames=request.subtitles.offset_frames, title=stem))
        made.append(Rendered(target, "sidecar"))
    return tuple(made)


def _suffix(request: RenderRequest) -> str:
    """The container asked for, else the source's, else Matroska, which holds everything."""
    out = request.wish.out
    wanted = (out if out and out.suffix and not out.is_dir() else request.source).suffix.lower()
    suffix = _LOOSE.get(wanted, wanted)
    if suffix in _TEXT:
        return suffix
    if out and out.suffix and not out.is_dir():
        raise InputError("render.soft_container", suffix=out.suffix, names=", ".join(_TEXT))
    return ".mkv"


def _plain_texts(subtitles: Subtitles, folder: Path) -> Iterator[_Text]:
    for number, document in enumerate(_documents(subtitles)):
        path = folder / f"{number}.srt"
        write_subtitles("srt", document, path, WriteOptions(offset_frames=subtitles.offset_frames))
        yield _Text(path, document)


def _drawn_texts(subtitles: Subtitles, request: RenderRequest, style: str, folder: Path, facts: PictureFacts) -> Iterator[_Text]:
    """ASS in a look: one stream even of two registers where the look shows both."""
    together = look(style).second is not None
    for number, document in enumerate(_documents(subtitles)[: 1 if together else 2]):
        path = folder / f"{number}.ass"
        shown = subtitles if together else replace(subtitles, document=document, second=None)
        burn = burnable(shown, style, request.font, Canvas(*facts.shown), request.language)
        path.write_text(burn.ass, "utf-8")
        yield _Text(path, document, burn.font.files if number == 0 else ())


def _documents(subtitles: Subtitles) -> tuple[SubtitleDocument, ...]:
    return (subtitles.document, subtitles.second) if subtitles.second else (subtitles.document,)


def _mux(source: Path, texts: tuple[_Text, ...], suffix: str, part: Path, cancel: CancelToken) -> None:
    """Copy everything and add the texts; the first is the one that players show."""
    fonts = [font for one in texts for font in one.fonts]
    arguments = ["-y", "-i", str(source.absolute())]
    arguments += [word for one in texts for word in ("-i", str(one.path))]
    arguments += ["-map", "0:v", "-map", "0:a?", "-dn"]
    arguments += [word for number in range(1, len(texts) + 1) for word in ("-map", str(number))]
    arguments += [word for font in fonts for word in ("-attach", str(font))]
    arguments += [word for number in range(len(fonts)) for word in (f"-metadata:s:t:{number}", "mimetype=application/vnd.ms-opentype")]
    arguments += ["-c", "copy", "-c:s", "ass" if texts[0].path.suffix == ".ass" else _TEXT[suffix]]
    for number, one in enumerate(texts):
        arguments += [f"-metadata:s:s:{number}", f"language={_LANGUAGES[one.document.register]}"]
        arguments += [f"-disposition:s:{number}", "default" if number == 0 else "0"]
    arguments += ["-map_metadata", "0", *container_arguments(codec("h264"), suffix), str(part)]
    try:
        run_ffmpeg(arguments, cancel, subject=str(source), place=Place(find_ffmpeg()))
    except StageError as error:
        raise StageError("render.soft_failed", file=source, suffix=suffix, detail=error.detail) from error


def _check(part: Path, facts: PictureFacts, texts: int) -> None:
    made = look_at(part)
    wanted, found = (facts.codec, len(facts.sounds), texts), (made.codec, len(made.sounds), made.texts)
    if wanted != found:
        raise StageError("render.check_streams", wanted=wanted, found=found)
