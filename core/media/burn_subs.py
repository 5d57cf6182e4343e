"""Subtitles made ready for libass: one ASS text whose family is in our folder, whose every character can be drawn, and whose lines fit.

A line that would run out of the picture is drawn smaller, and below `_SMALLEST` broken where it may be; both are findings. What is special to a
kind of subtitle file ends here: the filter sees ASS only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..document import Finding, SubtitleDocument
from ..errors import InputError
from ..formats.ass import as_text, compose
from ..formats.ass_styles import look
from ..formats.base import WriteOptions
from ..hardware import Reason
from ..messages import Language, text
from ..timing import frame_to_seconds
from .fonts import FAMILY, Font, bundled_font, user_font
from .hdr import text_colour
from .picture import Light

if TYPE_CHECKING:
    from pysubs2 import SSAEvent, SSAFile, SSAStyle

_SMALLEST = 0.6
_WRAP = "\\q0"
_UNBREAKABLE = re.compile(r"[!-~\u00a1-\u024f]+|.")  # a Latin word, or one character of any other script
_COMMANDS = re.compile(r"\{[^{}]*\}")
_FAMILY_COMMAND = re.compile(r"\\fn([^\\}]*)")
_BREAK = re.compile(r"\\[Nn]")
_SAME_DESIGN = ("Noto Sans HK", "Noto Sans CJK HK")  # what the built-in font is a part of
_SHOWN = 12  # characters named in a message


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What is to be seen. `second` is the same cues in the other register; `offset_frames` puts frame 0 on the picture's clock.

    `ass` is the user's own ASS file, drawn in its own styles when no look is asked for.
    """

    document: SubtitleDocument
    second: SubtitleDocument | None = None
    offset_frames: int = 0
    ass: Path | None = None

    def spans_s(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Start and end of every cue in exact seconds of the picture."""
        rate, offset = self.document.rate, self.offset_frames
        return tuple((frame_to_seconds(cue.start_frame + offset, rate), frame_to_seconds(cue.end_frame + offset, rate)) for cue in self.document.cues)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture that is drawn on, in square pixels as shown, and its light."""

    width: int
    height: int
    light: Light = "sdr"


@dataclass(frozen=True, slots=True)
class Burnable:
    """An ASS text, the font it is drawn with, what the user should know, and which cues were changed to fit."""

    ass: str
    font: Font
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]


def within(subtitles: Subtitles, duration_s: Fraction, language: Language) -> tuple[Subtitles, tuple[Finding, ...]]:
    """The subtitles without the cues that begin after the picture's end, each with a finding.

    Raises InputError `render.no_cues` when there are none at all, `render.all_past_end` when none is left.
    """
    document = subtitles.document
    if not document.cues:
        raise InputError("render.no_cues")
    late = {cue.id for cue, (start_s, _) in zip(document.cues, subtitles.spans_s(), strict=True) if start_s >= duration_s}
    if len(late) == len(document.cues):
        raise InputError("render.all_past_end", end=f"{float(duration_s):.1f}", first=f"{float(subtitles.spans_s()[0][0]):.1f}")
    findings = tuple(Finding("render.past_end", text("render.past_end", language, id=cue_id), "warning", cue_id) for cue_id in sorted(late))
    return replace(subtitles, document=_without(document, late), second=subtitles.second and _without(subtitles.second, late)), findings


def _without(document: SubtitleDocument, ids: set[str]) -> SubtitleDocument:
    return replace(document, cues=tuple(cue for cue in document.cues if cue.id not in ids))


def burnable(subtitles: Subtitles, style: str | None, font: Path | None, canvas: Canvas, language: Language) -> Burnable:
    """Compose the ASS for `canvas` in the look `style`; None is the file's own where it is ASS, else the usual look for the picture's shape.

    Raises InputError `fonts.missing_glyphs`, `fonts.*`, `formats.*`.
    """
    if subtitles.ass and style is None:
        file, wanted = _own(subtitles.ass), ""
    else:
        name = style or usual_look(canvas, subtitles.second is not None)
        options = WriteOptions(offset_frames=subtitles.offset_frames, size=(canvas.width, canvas.height), style=name, second=subtitles.second)
        file, wanted = compose(subtitles.document, options), look(name).font
    chosen = user_font(font, wanted) if font else bundled_font()
    reasons = tuple(_set_family(file, chosen, wanted))
    _check_glyphs(file, chosen)
    findings = tuple(_fit(file, chosen, language)) if wanted else ()
    _set_light(file, canvas.light)
    return Burnable(as_text(file), chosen, reasons, findings)


def usual_look(canvas: Canvas, bilingual: bool) -> str:
    """The look where nobody asked for one."""
    if bilingual:
        return "bilingual"
    return "social_9x16" if canvas.height > canvas.width else "hk_broadcast"


def _own(path: Path) -> SSAFile:
    """The user's own file as it is; it was read once before, so that it is known to be sound."""
    from pysubs2 import SSAFile

    return SSAFile.from_string(path.read_text("utf-8-sig", "replace"), format_="ssa" if path.suffix.lower() == ".ssa" else "ass")


def _set_family(file: SSAFile, font: Font, wanted: str) -> Iterator[Reason]:
    """Every style draws with our family; a family that was asked for and is not ours is named."""
    asked = {wanted} if wanted else {style.fontname for style in file.styles.values()}
    for style in file.styles.values():
        style.fontname = font.family
    for event in file.events:
        asked |= {name.strip() for name in _FAMILY_COMMAND.findall(event.text)} - {""}
        event.text = _FAMILY_COMMAND.sub(lambda _: f"\\fn{font.family}", event.text)
    if font.family == FAMILY:  # otherwise the user named the font
        foreign = sorted(name for name in asked - {FAMILY} if not name.startswith(_SAME_DESIGN))
        yield from (Reason("render.other_font", (("wanted", name), ("family", FAMILY))) for name in foreign)


def _check_glyphs(file: SSAFile, font: Font) -> None:
    missing: dict[str, None] = {}
    first = 0
    for number, event in enumerate((event for event in file.events if not event.is_comment and not event.is_drawing), 1):
        lacks = font.missing("".join(_lines(event)))
        if lacks and not missing:
            first = number
        missing |= dict.fromkeys(lacks)
    if missing:
        shown = "".join(list(missing)[:_SHOWN]) + ("…" if len(missing) > _SHOWN else "")
        raise InputError(
            "fonts.missing_glyphs", family=font.family, characters=shown, cue=first, detail=" ".join(f"U+{ord(one):04X}" for one in missing)
        )


def _lines(event: SSAEvent) -> list[str]:
    return _BREAK.split(_COMMANDS.sub("", event.text).replace("\\h", " "))


def _fit(file: SSAFile, font: Font, language: Language) -> Iterator[Finding]:
    """Make each line that is wider than the picture without its margins smaller."""
    for number, event in enumerate(file.events, 1):
        style = file.styles[event.style]
        room = int(file.info["PlayResX"]) - style.marginl - style.marginr
        share = room / max(1.0, *(_width(line, style, font) for line in _lines(event)))
        if share < 1:
            wrap = share < _SMALLEST
            if wrap:  # what cannot be broken must still fit in one line
                share = min(_SMALLEST, room / max(_width(word, style, font) for line in _lines(event) for word in _UNBREAKABLE.findall(line)))
            smaller = f"\\fs{share * style.fontsize:.2f}"
            event.text = f"{{{smaller}{_WRAP if wrap else ''}}}{event.text}"
            code = "render.wrapped" if wrap else "render.shrunk"
            yield Finding(code, text(code, language, number=number, percent=round(100 * share)), "warning")


def _width(line: str, style: SSAStyle, font: Font) -> float:
    """Pixels of a line with its outline on both sides; bold is the same outline drawn heavier, a fiftieth of the size a character."""
    heavier = style.fontsize / 50 if style.bold else 0.0
    return font.width(line) * style.fontsize + len(line) * (style.spacing + heavier) + 2 * style.outline


def _set_light(file: SSAFile, light: Light) -> None:
    from pysubs2 import Color

    if light == "sdr":
        return
    for style in file.styles.values():
        for name in ("primarycolor", "secondarycolor", "outlinecolor", "backcolor"):
            colour = getattr(style, name)
            setattr(style, name, Color(*text_colour((colour.r, colour.g, colour.b), light), colour.a))
