"""Advanced SubStation Alpha, through pysubs2: what is burnt into a picture, and what players and fansub tools read.

Times are centiseconds, rounded down: libass then shows a cue on its very first frame at every rate up to 100 frames a second. Above that, two
frames can share a centisecond and the format cannot tell them apart. A bilingual look is two events with two styles, never one with a break,
so that each keeps its place and size; the smaller one is always a single line. Braces and backslashes would be taken for commands; no escape
works in every renderer, so they are written as their full-width twins.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import SubtitleDocument
from ..errors import InputError
from ..files import write_text
from ..timing import FrameRate, frame_to_centiseconds, ms_to_frame_ceil, ms_to_frame_nearest
from .ass_styles import LANDSCAPE, PORTRAIT, Look, look
from .base import MILLISECONDS, Line, ReadOptions, WriteOptions, document_of, grid, lines_of, read_text, reading

if TYPE_CHECKING:
    from pysubs2 import Color, SSAFile, SSAStyle

_MAIN, _SECOND = "Main", "Second"
_SAFE = str.maketrans({"{": "｛", "}": "｝", "\\": "＼"})
_LAST_CS = 10 * 360_000 - 1  # the hour has one digit
_TOLERANCE_MS = 5  # other programs round to the nearest centisecond, so a start may lie half of one after its frame
_SLOW_ENOUGH = 60  # frames a second up to which that half cannot reach the frame before
_COMMANDS = re.compile(r"\{[^{}]*\}")


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write ASS for a picture of `options.size` pixels in the look `options.style`. Raises as `compose`, and InputError `files.*`."""
    write_text(path, as_text(compose(document, options)))


def as_text(file: SSAFile) -> str:
    """The text of an ASS file."""
    return file.to_string("ass", header_notice="Canto-Beats")


def compose(document: SubtitleDocument, options: WriteOptions) -> SSAFile:
    """What `write` writes, for those who draw it.

    Raises InputError `formats.unknown_style`, `formats.needs_second` for a bilingual look without the other register, `formats.too_long` beyond
    ten hours.
    """
    from pysubs2 import SSAFile

    chosen = look(options.style)
    width, height = options.size or (PORTRAIT if chosen.portrait else LANDSCAPE)
    scaled = chosen.scaled(height)
    if scaled.second and options.second is None:
        raise InputError("formats.needs_second", style=options.style)
    file = SSAFile()
    file.info.clear()
    file.info.update(_header(options.title, width, height))
    file.styles.clear()
    file.styles[_MAIN] = _style(scaled, options.font)
    _add_events(file, document, options.offset_frames, (_MAIN, 0))
    if scaled.second and options.second:
        file.styles[_SECOND] = _style(scaled.second, options.font)
        _add_events(file, options.second, options.offset_frames, (_SECOND, 1))
    file.events.sort(key=lambda event: (event.start, event.layer))
    return file


def _header(title: str, width: int, height: int) -> dict[str, str]:
    return {
        "Title": " ".join(title.split()),
        "PlayResX": str(width),
        "PlayResY": str(height),
        "LayoutResX": str(width),
        "LayoutResY": str(height),
        "ScaledBorderAndShadow": "yes",
        "WrapStyle": "2",  # only our own breaks
        "YCbCr Matrix": "TV.709",
    }


def _style(scaled: Look, font: str | None) -> SSAStyle:
    from pysubs2 import Alignment, SSAStyle

    # BorderStyle 4 is libass's: one plate in BackColour behind the whole event, the shadow's length its padding. BorderStyle 3 draws one a
    # line, and translucent plates show twice where they meet.
    return SSAStyle(
        fontname=font or scaled.font,
        fontsize=scaled.size,
        primarycolor=_colour(scaled.colour),
        secondarycolor=_colour(scaled.colour),
        outlinecolor=_colour(scaled.outline_colour),
        backcolor=_colour(scaled.shadow_colour),
        bold=scaled.bold,
        spacing=scaled.spacing,
        borderstyle=4 if scaled.box else 1,
        outline=scaled.outline,
        shadow=scaled.shadow,
        alignment=Alignment.BOTTOM_CENTER,
        marginl=round(scaled.margin_h),
        marginr=round(scaled.margin_h),
        marginv=round(scaled.margin_v),
    )


def _colour(rgba: str) -> Color:
    """RRGGBB or RRGGBBAA with FF solid; ASS counts its alpha the other way round."""
    from pysubs2 import Color

    red, green, blue, alpha = bytes.fromhex(rgba if len(rgba) == 8 else rgba + "FF")
    return Color(red, green, blue, 255 - alpha)


def _add_events(file: SSAFile, document: SubtitleDocument, offset_frames: int, place: tuple[str, int]) -> None:
    from pysubs2 import SSAEvent

    style, layer = place
    line_break = " " if style == _SECOND else "\\N"  # two small lines would reach into the main ones
    for cue in document.cues:
        start, end = (frame_to_centiseconds(frame + offset_frames, document.rate) for frame in (cue.start_frame, cue.end_frame))
        if end > _LAST_CS:
            raise InputError("formats.too_long", format="ASS", hours=10)
        text = line_break.join(lines_of(cue.text.translate(_SAFE)))
        name = " ".join((cue.speaker or "").translate(_SAFE).replace(",", "，").split())
        file.events.append(SSAEvent(start=start * 10, end=end * 10, text=text, style=style, layer=layer, name=name))


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """Read ASS or SSA; without a rate in `options` on a grid of milliseconds. Of a bilingual file of ours, the main lines.

    Raises InputError `formats.not_ass`, `formats.damaged` and what `read_text` raises.
    """
    from pysubs2 import SSAFile
    from pysubs2.exceptions import Pysubs2Error

    text, findings = read_text(path, options)
    with reading(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a value that pysubs2 replaces by its default is no business of the user's
        try:
            file = SSAFile.from_string(text, format_="ssa" if path.suffix.lower() == ".ssa" else "ass")
        except Pysubs2Error as error:
            raise InputError("formats.damaged", file=path, detail=repr(error)) from error
        if not file.events and "[" not in text:
            raise InputError("formats.not_ass", file=path)
        return document_of(_lines(file, grid(options)), grid(options), options, findings)


def _lines(file: SSAFile, rate: FrameRate) -> Iterator[Line]:
    for event in file.events:
        if event.is_comment or event.is_drawing or (event.style == _SECOND and _MAIN in file.styles):
            continue
        text = _COMMANDS.sub("", event.text).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
        yield Line(_frame(event.start, rate), _frame(event.end, rate), text, speaker=event.name.strip() or None)


def _frame(ms: int, rate: FrameRate) -> int:
    """The first frame on which a renderer shows an event that starts at `ms`."""
    if rate == MILLISECONDS:
        return ms_to_frame_nearest(max(0, ms), rate)
    return ms_to_frame_ceil(max(0, ms - (_TOLERANCE_MS if rate.fps <= _SLOW_ENOUGH else 0)), rate)
