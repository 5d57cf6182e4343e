"""`canto-beats preview`: one moment as a picture, with its subtitle drawn exactly as a render would draw it.

The picture comes from the film; for an edit, from the clip that is heard at that moment if it has a picture, else black. To look at a moment of
another kind of source, add it to `_moment`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from ..errors import EngineError, InputError
from ..files import replacing
from ..hardware import Reason
from ..otio.media import stored_start_s
from ..progress import CancelToken
from ..timeline import AudioPiece, AudioPlan
from ..timing import FrameRate, frame_to_seconds, frame_to_timecode, parse_rate, seconds_to_nearest_frame, timecode_to_frame
from .burn_subs import Burnable, Canvas, Subtitles, burnable
from .ffmpeg import find_ffmpeg, run_ffmpeg
from .footage import Footage, open_footage
from .picture import PictureFacts, look_at
from .probe import probe_media
from .render import FILTERS, check_font, stage, target_for
from .render_plan import ASS_NAME, FONT_FOLDER
from .render_source import Named, find_subtitles

_BLANK = (1920, 1080)
_ODD_RATE = FrameRate(25)  # the ruler of a picture whose own rate no ruler has
_SECONDS = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")
# From HDR to a screen: 203 candela a square metre, where graphics have their white, becomes white
_TO_SCREEN = "zscale=t=linear:npl=203,format=gbrpf32le,tonemap=mobius,zscale=p=bt709:t=bt709:m=bt709:r=tv"


@dataclass(frozen=True, slots=True)
class Still:
    """One picture made. `reasons` say where it comes from when that is not plain."""

    path: Path
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Moment:
    """Where to look: `film_s` in `facts`' file (None: black), `cue_s` on the subtitles' clock."""

    facts: PictureFacts | None
    film_s: Fraction
    cue_s: Fraction

    @property
    def canvas(self) -> Canvas:
        return Canvas(*self.facts.shown, self.facts.light) if self.facts else Canvas(*_BLANK)


def preview(named: Named, at: str, font: Path | None, out: Path | None, cancel: CancelToken) -> Still:
    """Draw the moment `at`: a timecode as the ruler shows it, or seconds from the first frame ('83.5', '1:23.5').

    Raises InputError `render.bad_moment` for a moment outside, what `find_film`, `burnable` and `open_footage` raise, and SetupError `ffmpeg.*`.
    """
    source = named.source.expanduser().absolute()
    footage = open_footage(source) if source.is_dir() or source.suffix.lower() == ".otio" else _film(source)
    at_s = _seconds(at, footage)
    moment = _moment(footage, at_s)
    subtitles = _subtitles(named, source, footage)
    target = target_for(source, out, ".png") if out and not out.is_dir() else _beside(out or footage.folder, footage, at_s)
    if subtitles is None:
        return _draw(moment, None, None, target, cancel)
    burn = burnable(subtitles, named.style, font, moment.canvas, named.language)
    still = _draw(moment, burn, subtitles, target, cancel)
    return Still(still.path, (*still.reasons, *burn.reasons, *_no_cue(subtitles, moment.cue_s)))


def _film(path: Path) -> Footage:
    """A film as footage, which it may be without any sound."""
    info = probe_media(path)
    try:
        rate = parse_rate(info.video_rate or _ODD_RATE.fps, drop_frame=";" in (info.start_timecode or ""))
    except InputError:
        rate = _ODD_RATE
    start_frame = seconds_to_nearest_frame(stored_start_s(info, rate.fps) or Fraction(0), rate)
    frames = max(1, ceil(info.duration_s * rate.fps))
    plan = AudioPlan(rate, start_frame, frames, (AudioPiece(str(path), Fraction(0), info.duration_s),), name=path.stem)
    return Footage(plan, Fraction(0), plan.duration_s, path.stem, path.parent)


def _beside(folder: Path, footage: Footage, at_s: Fraction) -> Path:
    label = frame_to_timecode(footage.plan.start_frame + seconds_to_nearest_frame(at_s, footage.plan.rate), footage.plan.rate)
    return target_for(footage.folder, folder / f"{footage.stem} {re.sub('[:;]', '.', label)}.png", ".png")


def _subtitles(named: Named, source: Path, footage: Footage) -> Subtitles | None:
    """The subtitles on the footage's clock: a job's own cues count from its range's first frame, as the footage does."""
    if source.is_dir() and named.subs is None:
        found = find_subtitles(Named(source, source, None, named.register, named.style, named.language), None)
        return Subtitles(found.document, found.second)
    return find_subtitles(named, None if source.suffix.lower() == ".otio" else source) if named.subs else None


def _seconds(at: str, footage: Footage) -> Fraction:
    """The moment in seconds from the footage's first frame."""
    plan = footage.plan
    match = _SECONDS.fullmatch(at.strip())
    if match and at.count(":") < 3:
        hours, minutes, seconds = (Fraction(part or 0) for part in match.groups())
        at_s = hours * 3600 + minutes * 60 + seconds
    else:
        at_s = frame_to_seconds(timecode_to_frame(at, plan.rate) - plan.start_frame, plan.rate)
    if not 0 <= at_s < plan.duration_s:
        first, last = (frame_to_timecode(plan.start_frame + frame, plan.rate) for frame in (0, plan.duration_frames - 1))
        raise InputError("render.bad_moment", at=at, first=first, last=last)
    return at_s


def _moment(footage: Footage, at_s: Fraction) -> _Moment:
    for file, film_s in _candidates(footage, at_s):
        try:
            return _Moment(look_at(Path(file)), film_s, at_s)
        except EngineError:  # no picture, or moved since: the next clip may have one
            continue
    return _Moment(None, Fraction(0), at_s)


def _candidates(footage: Footage, at_s: Fraction) -> Iterator[tuple[str, Fraction]]:
    for piece in footage.plan.pieces:
        into_s = at_s - piece.record_start_s
        if piece.file and 0 <= into_s < piece.record_duration_s:
            yield piece.file, piece.source_start_s + into_s * piece.speed


def _draw(moment: _Moment, burn: Burnable | None, subtitles: Subtitles | None, target: Path, cancel: CancelToken) -> Still:
    binary = find_ffmpeg(FILTERS | ({"zscale", "tonemap"} if moment.canvas.light != "sdr" else frozenset()))
    with stage(burn, binary) as place, replacing(target) as part:
        if burn and subtitles and subtitles.document.cues:
            check_font(burn, place, subtitles)
        run_ffmpeg((*_arguments(moment, burn is not None), str(part)), cancel, subject=str(moment.facts.path if moment.facts else ""), place=place)
        if not part.exists():
            raise InputError(
                "render.bad_moment", at=f"{float(moment.cue_s):.2f}", first="0", last=str(moment.facts and float(moment.facts.duration_s))
            )
    return Still(target, () if moment.facts else (Reason("render.black"),))


def _arguments(moment: _Moment, drawn: bool) -> Iterator[str]:
    canvas = moment.canvas
    if moment.facts:
        yield from ("-ss", f"{float(moment.film_s):.6f}", "-i", str(moment.facts.path.absolute()), "-map", f"0:{moment.facts.stream}")
    else:
        yield from ("-f", "lavfi", "-i", f"color=black:s={canvas.width}x{canvas.height}:d=1")
    steps = [f"setpts=PTS+{float(moment.cue_s):.6f}/TB"]
    steps += [f"scale={canvas.width}:{canvas.height},setsar=1"] if moment.facts and moment.facts.aspect != 1 else []
    steps += [f"subtitles=f={ASS_NAME}:fontsdir={FONT_FOLDER}:wrap_unicode=1"] if drawn else []
    steps += [_TO_SCREEN] if canvas.light != "sdr" else []
    yield from ("-vf", ",".join([*steps, "format=rgb24"]), "-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1", "-y")


def _no_cue(subtitles: Subtitles, at_s: Fraction) -> Iterator[Reason]:
    """Says when there is nothing to see, and where the nearest cue is."""
    spans = subtitles.spans_s()
    if spans and not any(start_s <= at_s < end_s for start_s, end_s in spans):
        nearest = min((start_s for start_s, _ in spans), key=lambda start_s: abs(start_s - at_s))
        yield Reason("render.no_cue_there", (("nearest", f"{float(nearest):.2f}"),))
