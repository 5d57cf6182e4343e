"""What a picture is made of: a job's folder, or an edit or media file that nothing was made of yet.

Both become an AudioPlan, whose pieces say which moment of which file is seen at each moment of the range. The verbs that draw read it from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from ..audio.extract import AUDIO_NAME, SecondsNews, extract_audio
from ..document_file import read_object
from ..errors import InputError
from ..plain import from_plain
from ..timeline import AudioPlan, Timeline
from ..timing import frame_to_seconds

TimeRange = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Footage:
    """`plan` is the range that was or would be heard, `start_s` to `end_s` the part of it to show, in seconds from its first frame.

    `stem` names files made of it and `folder` is where they go unless told; `job` is None where there is none.
    """

    plan: AudioPlan
    start_s: Fraction
    end_s: Fraction
    stem: str
    folder: Path
    job: Path | None = None


def open_footage(source: Path, time_range: TimeRange | None = None) -> Footage:
    """The footage of a job folder, an .otio or a media file; `time_range` are two timecodes of its ruler.

    Raises InputError `formats.not_a_job` for another folder, `job.damaged`, `timing.*`, `timeline.*`, and what `read_input` and `plan_audio` raise.
    """
    source = source.expanduser().absolute()
    return _of_job(source, time_range) if source.is_dir() else _of_input(source, time_range)


def _of_job(folder: Path, time_range: TimeRange | None) -> Footage:
    from ..timeline_reader import with_range

    try:
        plan = from_plain(AudioPlan, read_object(folder / "plan.json"), folder / "plan.json")
        stem = Path(str(read_object(folder / "job.json").get("input") or folder.stem)).stem
    except OSError as error:
        raise InputError("formats.not_a_job", folder=folder, detail=repr(error)) from error
    first, end = 0, plan.duration_frames
    if time_range:
        first, end = with_range(Timeline(plan.name, plan.rate, plan.start_frame, plan.duration_frames, ()), *time_range).range_frames
    place = folder.parent if folder.suffix == ".job" else folder
    return Footage(plan, frame_to_seconds(first, plan.rate), frame_to_seconds(end, plan.rate), stem, place, folder)


def _of_input(path: Path, time_range: TimeRange | None) -> Footage:
    from ..audio.plan import plan_audio
    from ..timeline_reader import read_input, with_range

    timeline = read_input(path)
    plan = plan_audio(with_range(timeline, *time_range) if time_range else timeline)
    return Footage(plan, Fraction(0), plan.duration_s, path.stem, path.parent)


@contextmanager
def sound_folder(footage: Footage, progress: SecondsNews) -> Iterator[Path]:
    """A folder with the audio.wav and peaks.dat of `footage`: the job's, or a temporary one that is removed.

    Raises InputError `waveform.no_sound_yet` for a job that was stopped before its sound was there, and what `extract_audio` raises.
    """
    if footage.job:
        if not (footage.job / AUDIO_NAME).is_file():
            raise InputError("waveform.no_sound_yet", folder=footage.job)
        yield footage.job
        return
    with TemporaryDirectory(prefix="canto-beats-") as folder:
        extract_audio(footage.plan, Path(folder), progress)
        yield Path(folder)
