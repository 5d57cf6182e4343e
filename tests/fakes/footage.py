"""Small jobs and sounds to make pictures of."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np

from core.audio.wav import SAMPLE_RATE
from core.document import Cue, SpeechRegion, SubtitleDocument
from core.document_file import write_document
from core.files import write_json
from core.media.waveform import peaks_of, write_dat
from core.plain import to_plain
from core.speech.find import SpeechMap, save_speech
from core.timeline import AudioPiece, AudioPlan
from core.timing import FrameRate

RATE = FrameRate(25)


def sound(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """A second of silence, then a tone that grows, and so on."""
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(np.where(at % 2 < 1, 0, 20000 * (at % 1) * np.sin(2 * np.pi * 200 * at)), np.int16)


def write_wav(path: Path, seconds: float) -> Path:
    """`sound` as the job's kind of WAV."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(sound(seconds).tobytes())
    return path


def make_job(folder: Path, seconds: int = 8, pieces: tuple[AudioPiece, ...] = ()) -> Path:
    """A finished job at 01:00:00:00, 25 frames a second, with speech and a cue in every second second."""
    folder.mkdir(parents=True)
    write_wav(folder / "audio.wav", seconds)
    write_dat(peaks_of(sound(seconds)), folder / "peaks.dat")
    plan = AudioPlan(RATE, 90000, seconds * 25, pieces or (AudioPiece(str(folder / "audio.wav"), Fraction(0), Fraction(seconds)),), name="訪問")
    write_json(folder / "plan.json", {"schema": "plan/1", **to_plain(plan)})
    write_json(folder / "job.json", {"schema": "job/1", "input": "/media/訪問 #1.mov", "stages": {}, "delivered": {}})
    starts = range(1, seconds, 2)
    save_speech(SpeechMap(tuple(SpeechRegion(1000 * start, 1000 * start + 1000) for start in starts), (), "energy"), folder / "regions.json")
    cues = tuple(Cue(f"c{start}", 25 * start, 25 * start + 25, f"第{start}句嘅字幕") for start in starts)
    write_document(SubtitleDocument(cues, RATE, 90000), folder / "document.json")
    return folder
