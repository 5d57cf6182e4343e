"""Which moments are pictured, and which moment of which file each one is.

Moments are given as a number, a distance or timecodes (`moments_of`); a job's or an edit's are looked up in its pieces, a film's are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

from ..errors import EngineError, InputError
from ..timeline import AudioPiece, AudioPlan, Timeline
from ..timing import frame_to_seconds, seconds_to_frame_floor
from .footage import Footage, open_footage
from .probe import probe_media

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Moments:
    """What the user asked for, one of: `count` moments spread evenly, one `every_s` seconds, or `at` timecodes."""

    count: int | None = None
    every_s: Fraction | None = None
    at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """The picture at `at_s` stands for [`from_s`, `until_s`), all in seconds from the range's first frame."""

    at_s: Fraction
    from_s: Fraction
    until_s: Fraction


@dataclass(frozen=True, slots=True)
class Take:
    """Moments of one file, ascending there: `source_s[i]` is the place of `moments[i]` in `file`. `file` is None where nothing is to be seen."""

    file: Path | None
    moments: tuple[Moment, ...]
    source_s: tuple[Fraction, ...]


def open_film(source: Path) -> Footage:
    """The footage of a job, an edit, or a media file, which needs no sound here.

    Raises InputError `thumbnails.no_picture` for sound alone, and what `open_footage` and `probe_media` raise.
    """
    from ..timeline_reader import timeline_of_media

    source = source.expanduser().absolute()
    if source.is_dir() or source.suffix.lower() == ".otio":
        return open_footage(source)
    info = probe_media(source)
    if not info.has_picture:
        raise InputError("thumbnails.no_picture", file=source)
    timeline = timeline_of_media(info, needs_sound=False)
    frames = max(1, timeline.duration_frames)
    piece = AudioPiece(str(source), Fraction(0), frame_to_seconds(frames, timeline.rate))
    plan = AudioPlan(timeline.rate, timeline.start_frame, frames, (piece,), name=timeline.name)
    return Footage(plan, Fraction(0), plan.duration_s, source.stem, source.parent)


def moments_of(plan: AudioPlan, wish: Moments) -> tuple[Moment, ...]:
    """The moments, each on the first instant of a frame.

    Raises InputError `thumbnails.too_many`, `thumbnails.bad_distance`, `timing.bad_timecode` or `timeline.range_outside`.
    """
    length_s = plan.duration_s
    if wish.at:
        return _at(plan, wish.at)
    if wish.every_s is not None:
        if wish.every_s * plan.rate.fps < 1:
            raise InputError("thumbnails.bad_distance", seconds=float(wish.every_s))
        starts = [wish.every_s * number for number in range(_checked(-(-length_s // wish.every_s)))]
        return tuple(Moment(_on_frame(start, plan), start, min(start + wish.every_s, length_s)) for start in starts)
    count = _checked(wish.count or 1)
    edges = [length_s * number / count for number in range(count + 1)]
    return tuple(Moment(_on_frame((first + end) / 2, plan), first, end) for first, end in pairwise(edges))


def takes_of(plan: AudioPlan, moments: tuple[Moment, ...]) -> Iterator[Take]:
    """The moments in order, in runs of one file each."""
    run: list[tuple[Moment, Fraction]] = []
    file: Path | None = None
    for moment in moments:
        place = _place(plan, moment.at_s)
        new_file, source_s = place or (None, Fraction(0))
        if run and (new_file != file or source_s < run[-1][1]):
            yield _take(file, run)
            run = []
        file = new_file
        run.append((moment, source_s))
    if run:
        yield _take(file, run)


def _take(file: Path | None, run: list[tuple[Moment, Fraction]]) -> Take:
    return Take(file, tuple(moment for moment, _ in run), tuple(source_s for _, source_s in run))


def _place(plan: AudioPlan, at_s: Fraction) -> tuple[Path, Fraction] | None:
    """The first piece with a picture that covers a moment. Pieces that are not heard may still be seen."""
    for piece in plan.pieces:
        into_s = at_s - piece.record_start_s
        if piece.file and 0 <= into_s < piece.record_duration_s and _has_picture(piece.file):
            return Path(piece.file), piece.source_start_s + into_s * piece.speed
    return None


@cache
def _has_picture(file: str) -> bool:
    try:
        return probe_media(Path(file)).has_picture
    except EngineError:  # offline or damaged: nothing is to be seen there
        return False


def _at(plan: AudioPlan, timecodes: tuple[str, ...]) -> tuple[Moment, ...]:
    from ..timeline_reader import frame_on_timeline

    timeline = Timeline(plan.name, plan.rate, plan.start_frame, plan.duration_frames, ())
    frames = sorted({min(frame_on_timeline(timeline, timecode), plan.duration_frames - 1) for timecode in timecodes})
    starts = [frame_to_seconds(frame, plan.rate) for frame in frames]
    return tuple(Moment(start, start, end) for start, end in zip(starts, [*starts[1:], plan.duration_s], strict=True))


def _on_frame(at_s: Fraction, plan: AudioPlan) -> Fraction:
    return frame_to_seconds(seconds_to_frame_floor(at_s, plan.rate), plan.rate)


def _checked(count: int) -> int:
    if count > MOST:
        raise InputError("thumbnails.too_many", count=count, most=MOST)
    return count
