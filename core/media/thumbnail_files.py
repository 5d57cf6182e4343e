"""`canto-beats thumbnails`: pictures of a film as files, or as one strip with an index that players read (WebVTT with #xywh).

Everything is made in a folder aside and moved to names that are free at the end: a run that is stopped leaves nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import InputError
from ..files import file_error, make_folder
from ..progress import CancelToken, Reporter, StageProgress
from ..timeline import AudioPlan
from ..timing import frame_to_timecode, seconds_to_nearest_frame
from .thumb_plan import Moment, Moments, moments_of, open_film, takes_of
from .thumb_sheets import Names, Thumbnails, make_files, make_strips
from .thumbnails import take
from .thumbs_base import Ask, Shot


@dataclass(frozen=True, slots=True)
class ThumbnailWish:
    """What the user asked for. `width` is of one picture, in pixels; `exact` wants the very frames where key frames near them would do."""

    moments: Moments
    width: int = 160
    strip: bool = False
    exact: bool = False
    out: Path | None = None


def make_thumbnails(source: Path, wish: ThumbnailWish, reporter: Reporter, cancel: CancelToken) -> Thumbnails:
    """Write the pictures of a job, an .otio or a film: a folder of JPEGs, or strips with a WebVTT beside them.

    Raises InputError `thumbnails.*`, `media.*`, `timeline.*`, `timing.*`, `files.*`; Cancelled.
    """
    footage = open_film(source)
    moments = moments_of(footage.plan, wish.moments)
    folder = wish.out.expanduser().absolute() if wish.out else footage.folder
    make_folder(folder)
    progress = StageProgress("thumbnails", (1, 1), reporter, cancel)
    shots = _shots(footage.plan, moments, wish, progress, cancel)
    try:
        with TemporaryDirectory(prefix=".thumbnails-", dir=folder, ignore_cleanup_errors=True) as aside:
            names = Names(footage.stem, folder, Path(aside), len(moments), partial(_timecode, footage.plan))
            made = (make_strips if wish.strip else make_files)(shots, names)
            if not any(picture.file for picture in made.pictures):
                raise InputError("thumbnails.nothing_decoded", file=source)
            for file in made.files:
                os.replace(names.aside / file.name, file)
            return made
    except OSError as error:
        raise file_error(error, folder) from error


def _shots(
    plan: AudioPlan, moments: tuple[Moment, ...], wish: ThumbnailWish, progress: StageProgress, cancel: CancelToken
) -> Iterator[tuple[Moment, Shot]]:
    """A Shot for each moment, in order, file after file."""
    done = 0
    progress.update(done, len(moments))
    for run in takes_of(plan, moments):
        ask = Ask(run.source_s, wish.width, wish.exact or bool(wish.moments.at))
        found = (Shot(at_s) for at_s in run.source_s) if run.file is None else take(run.file, ask, cancel)
        for moment, shot in zip(run.moments, found, strict=True):
            yield moment, shot
            done += 1
            progress.update(done, len(moments))


def _timecode(plan: AudioPlan, at_s: Fraction) -> str:
    return frame_to_timecode(plan.start_frame + seconds_to_nearest_frame(at_s, plan.rate), plan.rate)
