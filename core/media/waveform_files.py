"""`canto-beats waveform`: the outline of a job's or an input's sound as pictures and as data.

    job | input -> sound -> Peaks -> Scene -> png, svg
                              └---> dat, json

Another kind of file is one more entry of `FORMATS` and a branch in `_write`.
"""

from __future__ import annotations

import logging
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Literal

from ..audio.extract import AUDIO_NAME, PEAKS_NAME
from ..audio.peaks import SAMPLES_PER_PIXEL
from ..audio.wav import SAMPLE_RATE, Audio, open_audio
from ..document import Cue, SpeechRegion
from ..document_file import read_document
from ..errors import EngineError, InputError
from ..files import make_folder, replacing
from ..formats.export import file_namer
from ..progress import CancelToken, Reporter, StageProgress
from .footage import Footage, TimeRange, open_footage, sound_folder
from .picture_text import fitted
from .waveform import Peaks, coarser, peaks_of, read_peaks, write_dat, write_json_peaks
from .waveform_scene import LOOKS, View, build_scene
from .waveform_shapes import Scene
from .waveform_svg import write_svg

FORMATS = ("png", "svg", "dat", "json")
_DOCUMENTS = {"spoken": "document.json", "written": "document.written.json"}
_LEAST, _MOST = (64, 32), (32_000, 2_000)  # pixels across and down; the most is 192 MB while it is drawn
_PER_COLUMN = 4  # peaks for a column of the picture, so that its means say something
_BLOCK = 1 << 20  # samples read at a time
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WaveformWish:
    """What the user asked for. `zoom` n leaves out all but every 4^n-th point of dat and json; `register` is the cues' text."""

    formats: tuple[str, ...] = ("png",)
    size: tuple[int, int] = (4000, 200)
    time_range: TimeRange | None = None
    out: Path | None = None
    look: str = "dark"
    register: Literal["spoken", "written"] = "spoken"
    zoom: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """One file; `by` says what drew it, '' where nothing was drawn."""

    format: str
    path: Path
    by: str = ""


def make_waveform(source: Path, wish: WaveformWish, reporter: Reporter, cancel: CancelToken) -> tuple[Made, ...]:
    """Write every format of `wish` for a job folder, an .otio or a media file.

    Raises InputError `waveform.*`, `job.*`, `files.*` and what `open_footage` and `sound_folder` raise; Cancelled.
    """
    _check(wish)
    footage = open_footage(source, wish.time_range)
    folder = wish.out.expanduser().absolute() if wish.out else footage.folder
    make_folder(folder)
    progress = StageProgress("waveform", (1, 1), reporter, cancel)
    with sound_folder(footage, lambda done, total: progress.update(done, total, "s")) as sounds:
        progress.update(0, 1)
        ready = _prepare(footage, sounds, wish)
    made = tuple(_write_all(ready, folder / _stem(footage, wish), source, cancel))
    progress.update(1, 1)
    return made


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the files are written from; None where no format asks for it."""

    kinds: tuple[str, ...]
    scene: Scene | None
    peaks: Peaks | None


def _stem(footage: Footage, wish: WaveformWish) -> str:
    """A part of the sound has its timecodes in its name, so that it does not take the place of the whole."""
    part = "".join(f" {timecode.strip()}" for timecode in wish.time_range or ())
    return f"{footage.stem}{part.replace(':', '-').replace(';', '-')}"


def _prepare(footage: Footage, sounds: Path, wish: WaveformWish) -> _Ready:
    kinds = tuple(dict.fromkeys(wish.formats))
    drawn, data = ({"png", "svg"} & set(kinds), {"dat", "json"} & set(kinds))
    scene = build_scene(view_of(footage, sounds, wish), wish.size, LOOKS[wish.look], fitted) if drawn else None
    return _Ready(kinds, scene, _zoomed(_peaks_at(footage, sounds, SAMPLES_PER_PIXEL)[0], wish.zoom) if data else None)


def _write_all(ready: _Ready, stem: Path, source: Path, cancel: CancelToken) -> Iterator[Made]:
    by: dict[str, str] = {}
    with file_namer(source) as named:
        for kind in ready.kinds:
            cancel.check()

            def write(path: Path, kind: str = kind) -> None:
                by[kind] = _write(kind, ready, path)

            path = named(stem.with_name(f"{stem.name}.waveform.{kind}"), write)
            yield Made(kind, path, by[kind])


def _write(kind: str, ready: _Ready, path: Path) -> str:
    """Write one file and say what drew it."""
    if ready.scene and kind == "png":
        return draw_png(ready.scene, path)
    if ready.scene and kind == "svg":
        write_svg(ready.scene, path)
    elif ready.peaks:
        (write_dat if kind == "dat" else write_json_peaks)(ready.peaks, path)
    return ""


def view_of(footage: Footage, sounds: Path, wish: WaveformWish) -> View:
    """What a picture of `footage` shows: its sound, and a job's speech and cues. A job's file that is missing or damaged is done without."""
    spacing = floor((footage.end_s - footage.start_s) * SAMPLE_RATE / (_PER_COLUMN * wish.size[0]))
    peaks, peaks_start_s = _peaks_at(footage, sounds, min(SAMPLES_PER_PIXEL, max(1, spacing)))
    return View(
        peaks,
        footage.start_s,
        footage.end_s,
        footage.plan.rate,
        footage.plan.start_frame,
        peaks_start_s,
        _regions(footage.job) if footage.job else None,
        _cues(footage.job, wish) if footage.job else (),
    )


def draw_png(scene: Scene, path: Path) -> str:
    """Draw by Core Graphics where it is and works, else by Pillow; write aside and rename. Returns the name of what drew."""
    from . import waveform_draw, waveform_quartz

    with replacing(path) as part:
        if waveform_quartz.available():
            try:
                waveform_quartz.write_png(scene, part)
                return waveform_quartz.NAME
            except Exception as error:  # pyobjc raises what it likes; the twin draws the same picture
                _log.warning("Core Graphics did not draw %s: %r", path, error)
        waveform_draw.write_png(scene, part)
        return waveform_draw.NAME


def _check(wish: WaveformWish) -> None:
    for name in wish.formats:
        if name not in FORMATS:
            raise InputError("waveform.unknown_format", format=name, names=", ".join(FORMATS))
    if any(not least <= asked <= most for asked, least, most in zip(wish.size, _LEAST, _MOST, strict=True)):
        size, least, most = ("x".join(map(str, pair)) for pair in (wish.size, _LEAST, _MOST))
        raise InputError("waveform.bad_size", size=size, least=least, most=most)


def _peaks_at(footage: Footage, sounds: Path, samples_per_pixel: int) -> tuple[Peaks, Fraction]:
    """Peaks of the part to show and the time of their first sample: from peaks.dat, or from the samples where that is too coarse or unusable."""
    first = floor(footage.start_s * SAMPLE_RATE / samples_per_pixel)
    stop = ceil(footage.end_s * SAMPLE_RATE / samples_per_pixel)
    start_s = Fraction(first * samples_per_pixel, SAMPLE_RATE)
    if samples_per_pixel == SAMPLES_PER_PIXEL:
        try:
            whole = read_peaks(sounds / PEAKS_NAME)
            if whole.samples_per_pixel == samples_per_pixel:
                return Peaks(whole.pairs[first:stop]), start_s
        except (OSError, EngineError) as error:
            _log.warning("peaks are made again: %r", error)
    return _from_samples(open_audio(sounds / AUDIO_NAME), first, stop, samples_per_pixel), start_s


def _from_samples(audio: Audio, first: int, stop: int, samples_per_pixel: int) -> Peaks:
    """Peaks of pixels [first, stop), read in pieces."""
    import numpy as np

    block = max(1, _BLOCK // samples_per_pixel)
    found = [np.zeros((0, 2), np.int8)]
    with wave.open(str(audio.path), "rb") as file:
        file.setpos(min(first * samples_per_pixel, audio.samples))
        for at in range(first, stop, block):
            data = file.readframes((min(at + block, stop) - at) * samples_per_pixel)
            found.append(peaks_of(np.frombuffer(data, "<i2"), samples_per_pixel).pairs)
    return Peaks(np.concatenate(found), samples_per_pixel)


def _zoomed(peaks: Peaks, zoom: int) -> Peaks:
    for _ in range(zoom):
        peaks = coarser(peaks)
    return peaks


def _regions(job: Path) -> tuple[SpeechRegion, ...] | None:
    from ..speech.find import load_speech

    try:
        return load_speech(job / "regions.json").regions
    except (OSError, EngineError) as error:
        _log.warning("drawn without speech: %r", error)
        return None


def _cues(job: Path, wish: WaveformWish) -> tuple[Cue, ...]:
    file = job / _DOCUMENTS[wish.register]
    if wish.register == "written" and not file.is_file():
        raise InputError("formats.unknown_register", folder=job, file=file)
    try:
        return read_document(file).cues
    except (OSError, EngineError, ValueError) as error:
        _log.warning("drawn without cues: %r", error)
        return ()
