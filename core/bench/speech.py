"""`canto-beats bench speech`: our two detectors against Silero's own ways to run its model, on one thread.

The audio is computer-voice sentences with pauses, noise and tones, all at known places. Another detector or peer is one more entry of
`_contestants`: its name, and a function from Audio to regions, timed as a whole.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.wav import SAMPLE_RATE, read_samples
from ..document import SpeechRegion
from ..files import make_folder
from ..speech.base import SpeechDetector
from ..speech.energy import EnergyDetector
from ..speech.find import find_speech
from ..speech.regions import RegionOptions, find_regions
from ..speech.silero import SileroDetector, frames_with_context, model_file, open_session
from .spoken import Background, write_spoken
from .table import BenchResult, Row

if TYPE_CHECKING:
    from ..audio.wav import Audio

Hear = Callable[["Audio"], tuple[SpeechRegion, ...]]
Span = tuple[int, int]
_SECONDS, _QUICK_SECONDS = 900, 120
_BACKGROUND = Background(noise_dbfs=-60, sound_every=4)


@dataclass(frozen=True, slots=True)
class Score:
    """Sentences found and missed, regions without any sentence, and how far edges are off in milliseconds (mean and worst)."""

    found: int
    missed: int
    false: int
    boundary_ms: float
    worst_ms: int


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Measure all contestants on the same audio: 15 minutes, or 2 when `quick`, written anew into `work` (None: a temporary folder).

    Raises SetupError when the computer voice or a model is not installed.
    """
    if work is not None:
        make_folder(work)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        audio, truth = write_spoken(Path(folder) / "spoken.wav", _QUICK_SECONDS if quick else _SECONDS, _BACKGROUND)
        return BenchResult("speech", tuple(_measure(name, hear, audio, truth) for name, hear in _contestants()))


def _measure(name: str, hear: Hear, audio: Audio, truth: Sequence[Span]) -> Row:
    started_s = time.perf_counter()
    regions = hear(audio)
    seconds = time.perf_counter() - started_s
    return Row(name, {"seconds": round(seconds, 3), "x_realtime": round(audio.duration_ms / 1000 / seconds, 1), **asdict(score(regions, truth))})


def score(regions: Sequence[SpeechRegion], truth: Sequence[Span]) -> Score:
    """Compare regions with the true spans, both in time order. A sentence is found when regions cover at least half of it."""
    errors = edge_errors(regions, truth)
    false = sum(not any(region.start_ms < end and start < region.end_ms for start, end in truth) for region in regions)
    found = len(errors) // 2
    return Score(found, len(truth) - found, false, round(sum(errors) / len(errors), 1) if errors else 0.0, max(errors, default=0))


def edge_errors(regions: Sequence[SpeechRegion], truth: Sequence[Span]) -> list[int]:
    """Milliseconds by which the two edges of every found sentence are off: those of the first and last region that touch it."""
    errors: list[int] = []
    for start, end in truth:
        touching = [region for region in regions if region.start_ms < end and start < region.end_ms]
        covered = sum(min(region.end_ms, end) - max(region.start_ms, start) for region in touching)
        if touching and 2 * covered >= end - start:
            errors += [abs(touching[0].start_ms - start), abs(touching[-1].end_ms - end)]
    return errors


def _contestants() -> Iterator[tuple[str, Hear]]:
    """Name and function of each; models and packages are loaded here, before the clock runs."""
    for detector in (SileroDetector(), EnergyDetector()):
        with detector:
            yield f"{detector.name} (ours)", _ours(detector)
    yield "silero ONNX, frame by frame", _frame_by_frame()
    if find_spec("torch"):
        yield "silero_vad get_speech_timestamps (jit)", _package()


def _ours(detector: SpeechDetector) -> Hear:
    """The whole stage: detection, hysteresis and packing."""
    return lambda audio: find_speech(audio, detector, lambda done_s, total_s: None).regions


def _frame_by_frame() -> Hear:
    """The wheel's streaming ONNX, one call for 32 ms, with our rules for regions."""
    import numpy as np

    session = open_session(model_file("silero_vad.onnx"), threads=1)

    def hear(audio: Audio) -> tuple[SpeechRegion, ...]:
        state, rate = np.zeros((2, 1, 128), dtype=np.float32), np.array(SAMPLE_RATE, dtype=np.int64)
        values = []
        for frames in frames_with_context(audio, 512):
            for frame in frames:
                value, state = session.run(None, {"input": frame[None], "state": state, "sr": rate})
                values.append(value[0, 0])
        return find_regions(np.array(values, dtype=np.float32), 32, audio.duration_ms)

    return hear


def _package() -> Hear:
    """silero_vad as its page shows it, on torch, with our numbers for thresholds and lengths and without its padding."""
    import silero_vad
    import torch

    model, options = silero_vad.load_silero_vad(), RegionOptions()

    def hear(audio: Audio) -> tuple[SpeechRegion, ...]:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            found = silero_vad.get_speech_timestamps(
                torch.from_numpy(read_samples(audio, 0, audio.samples)),
                model,
                threshold=options.threshold,
                neg_threshold=options.threshold - options.fall,
                min_speech_duration_ms=options.min_speech_ms,
                min_silence_duration_ms=options.min_silence_ms,
                speech_pad_ms=0,
            )
        finally:
            torch.set_num_threads(threads)
        return tuple(SpeechRegion(span["start"] * 1000 // SAMPLE_RATE, span["end"] * 1000 // SAMPLE_RATE) for span in found)

    return hear
