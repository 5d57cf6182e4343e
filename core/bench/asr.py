"""`canto-beats bench asr`: our recogniser against others on the same audio with the same weights, one after the other, each in its own process.

The audio is ten minutes of computer-voice sentences that the practice model was never taught, with pauses, noise, tones and half a minute of
silence at the end. MLX's processor build computes with a reference library, and whisper.cpp is slow with this model: both hear only the first
minute, so that all of it ends within ten minutes on two cores. `ours-hf` hears that minute too; `times_ours` compares equal stretches. Who takes
part: `asr_peers.py`. Another metric is another entry of `metrics_of`.

`seconds` is warm: model loaded, one clip heard. `start_s` is cold: from the start of the process to the first text, of a clip of one sentence.
`invented` counts characters in lines that touch no sentence; `boundary_ms` is the median of how far lines begin and end from the
sentences they hold.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from ..audio.wav import Audio
from ..document import SpeechRegion
from ..files import make_folder
from ..practice.corpus import characters_only, held_out
from ..weights import PRACTICE, locate
from .asr_peers import CONTESTANTS, Line, convert_weights
from .speech import edge_errors
from .spoken import Background, write_spoken
from .table import BenchResult, Metric, Row, describe_machine

_GIVE_UP_S = 1200
_TEXTS_PER_MINUTE = 14
# row: contestant, and whether it hears only the first part
_ROWS = {
    "ours-mlx": ("ours-mlx", True),
    "ours-hf, first part": ("ours-hf", True),
    "mlx_whisper": ("mlx_whisper", True),
    "ours-hf": ("ours-hf", False),
    "transformers": ("transformers", False),
    "faster-whisper": ("faster-whisper", False),
    "faster-whisper-batched": ("faster-whisper-batched", False),
    "whisper.cpp": ("whisper.cpp", True),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """Seconds of audio, of the silence at its end, and of the part that the slow ones hear."""

    seconds: int = 600
    tail_s: int = 30
    part_s: int = 60


QUICK = Shape(seconds=60, tail_s=10, part_s=15)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The audio with what is said in it, as (start_ms, end_ms, text)."""

    audio: Audio
    truth: tuple[Line, ...]

    def first_ms(self, sentences: int) -> int:
        """The middle of the pause after so many sentences."""
        return (self.truth[sentences - 1][1] + self.truth[sentences][0]) // 2

    def part_ms(self, seconds: int) -> int:
        """The middle of the last pause that begins within `seconds`."""
        return self.first_ms(sum(end < seconds * 1000 for _, end, _ in self.truth))

    def said(self, until_ms: int) -> tuple[Line, ...]:
        """The sentences before `until_ms`."""
        return tuple(line for line in self.truth if line[1] <= until_ms)


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Measure everybody on ten minutes of audio, or on one when `quick`; audio and converted weights are made in `work` (None: temporary).

    What is not installed or fails is a row with its reason. Raises SetupError `practice.no_voice` without the computer voice.
    """
    import psutil

    shape, threads = QUICK if quick else Shape(), psutil.cpu_count(logical=False) or 1
    if work is not None:
        make_folder(work)
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        spoken = speak(Path(scratch) / "spoken.wav", shape)
        load = psutil.getloadavg()[0]
        rows = [_row(name, spoken, (shape, threads), Path(scratch)) for name in _ROWS]
    machine = f"{describe_machine()}, {threads} threads; load before the first row {load:.1f}"
    return BenchResult("asr", with_ratios(rows), machine)


def speak(path: Path, shape: Shape) -> Spoken:
    """Write the audio: utterances held out from the practice model's training, over faint noise, every fourth pause with a sound in it."""
    texts = held_out()[: max(2, shape.seconds * _TEXTS_PER_MINUTE // 60)]
    background = Background(noise_dbfs=-60, sound_every=4, tail_ms=shape.tail_s * 1000)
    audio, spans = write_spoken(path, shape.seconds - shape.tail_s, background, texts)
    return Spoken(audio, tuple((start, end, texts[number % len(texts)]) for number, (start, end) in enumerate(spans)))


def _row(name: str, spoken: Spoken, plan: tuple[Shape, int], scratch: Path) -> Row:
    """One contestant's row; `plan` is the shape and the number of threads."""
    contestant, short = _ROWS[name]
    part = CONTESTANTS[contestant]
    if missing := [package for package in part.packages if find_spec(package) is None]:
        return Row(name, {"reason": f"not installed: {', '.join(missing)}"})
    shape, threads = plan
    audio_ms = spoken.part_ms(shape.part_s) if short else spoken.audio.duration_ms
    try:
        folder = convert_weights(part.weights, locate(PRACTICE), scratch)
        told = _measure(contestant, folder, spoken, (audio_ms, threads))
    # a peer's library may raise anything; the others are measured all the same
    except Exception as error:
        return Row(name, {"reason": _last_line(error)})
    return Row(name, metrics_of(told, spoken.said(audio_ms), audio_ms) | {"precision": part.precision})


def _measure(contestant: str, folder: Path, spoken: Spoken, amounts: tuple[int, int]) -> dict[str, Any]:
    """What a child says of itself; `amounts` are the milliseconds of audio and the threads. Raises CalledProcessError and TimeoutExpired."""
    audio_ms, threads = amounts
    options = {"folder": folder, "wav": spoken.audio.path, "clip-ms": spoken.first_ms(1), "audio-ms": audio_ms, "threads": threads}
    command = [
        sys.executable,
        "-m",
        "core.bench.asr_child",
        contestant,
        *(str(word) for name, value in options.items() for word in (f"--{name}", value)),
    ]
    # threads that spin while they wait measure what else runs, not the contestant
    quiet = {
        "OMP_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "false",
    }
    ended = subprocess.run(command, env={**os.environ, **quiet}, capture_output=True, text=True, check=True, timeout=_GIVE_UP_S)
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def _last_line(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said = str(error.stderr).strip().splitlines()
        return said[-1][:200] if said else f"ended with {error.returncode}"
    return f"gave up after {_GIVE_UP_S} s" if isinstance(error, subprocess.TimeoutExpired) else str(error)[:200]


def metrics_of(told: dict[str, Any], truth: Sequence[Line], audio_ms: int) -> dict[str, Metric]:
    """A row's numbers from what its child told."""
    import jiwer

    lines: list[Line] = sorted((start, max(start, end), text) for start, end, text in told["lines"])
    heard = characters_only("".join(text for _, _, text in lines))
    spans = [(start, end) for start, end, _ in truth]
    return {
        "audio_s": round(audio_ms / 1000, 1),
        "seconds": round(told["seconds"], 2),
        "x_realtime": round(audio_ms / 1000 / told["seconds"], 1),
        "cpu_s": round(told["cpu_s"], 2),
        "cer": round(float(jiwer.cer(characters_only("".join(text for _, _, text in truth)), heard)), 4),
        "invented": sum(len(characters_only(text)) for start, end, text in lines if not any(start < stop and end > begin for begin, stop in spans)),
        "boundary_ms": round(median(edge_errors([SpeechRegion(start, end) for start, end, _ in lines], spans) or [0]), 1),
        "peak_mb": round(told["peak_mb"], 1),
        "load_s": round(told["load_s"], 2),
        "start_s": round(told["start_s"], 2),
    }


def with_ratios(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with `times_ours`: their seconds over those of our faster backend for the same stretch of audio."""
    best: dict[Metric, float] = {}
    for row in rows:
        if row.name.startswith("ours") and "seconds" in row.metrics:
            audio_s, seconds = row.metrics["audio_s"], float(row.metrics["seconds"])
            best[audio_s] = min(seconds, best.get(audio_s, seconds))
    return tuple(Row(row.name, {**row.metrics, **_ratio(row.metrics, best)}) for row in rows)


def _ratio(metrics: dict[str, Metric], best: dict[Metric, float]) -> dict[str, Metric]:
    ours = best.get(metrics.get("audio_s", 0.0))
    return {"times_ours": round(float(metrics["seconds"]) / ours, 2)} if ours else {}
