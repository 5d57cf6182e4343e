"""`canto-beats bench audio`: extraction of a 600-clip, 10-source, 4-track, 50-minute edit against a bare ffmpeg decode of the same sources.

Bars: every clip at lag 0, at most 1.3 times the bare decode with the same number of workers, at most 400 MB for this process and its ffmpeg
children together. A further bare command to compare with becomes a row of `BARE`; ratios are to the first one.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio.extract import default_workers, extract_audio
from ..audio.wav import Audio
from ..media.ffmpeg import run_ffmpeg
from ..progress import CancelToken
from ..timeline import AudioPiece, AudioPlan
from .noise import NoiseSource, write_source
from .noise_edit import EditShape, clip_lags, edit_plan, edit_sources
from .table import BenchResult, Row

if TYPE_CHECKING:
    import psutil

FULL = EditShape()
QUICK = EditShape(clips=60, tracks=4, seconds=300, sources=3, source_s=120)
YARDSTICK = "ffmpeg decode"
BARE = {
    YARDSTICK: ("-f", "null", "-"),
    "ffmpeg decode to 16 kHz": ("-ac", "1", "-ar", "16000", "-f", "f32le", "-y", os.devnull),
}
_ROUNDS = 3
_SAMPLE_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """One extraction in a process of its own. `cpu_s` is processor time, the children's included; memory is resident, in MB, and `peak_mb` the
    largest sum over the process and its children.
    """

    audio: Audio
    seconds: float
    cpu_s: float
    peak_mb: float
    engine_mb: float
    ffmpeg_mb: float


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Make the sources (kept in `work` when given), extract and decode in turn, and take the best of three rounds of each."""
    shape = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() if work is None else nullcontext(str(work)) as folder:
        sources = edit_sources(shape, Path(folder) / "sources")
        workers = default_workers()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(write_source, sources))
        return BenchResult("audio", _rows(edit_plan(shape, sources), sources, Path(folder), workers))


def measure_extraction(plan: AudioPlan, folder: Path, workers: int, *, watched: bool) -> Measured:
    """Extract in a fresh process, so that its memory is its own.

    `watched` looks at the memory of the whole process tree every 20 ms, which takes a quarter of a core: such a round tells memory, the
    others tell time.
    """
    import psutil

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_extract_and_tell, args=(plan, folder, workers, theirs))
    child.start()
    theirs.close()
    process = psutil.Process(child.pid)
    peaks = (0.0, 0.0, 0.0)
    while not ours.poll(_SAMPLE_EVERY_S if watched else None):
        now = _resident_mb(process)
        peaks = (max(peaks[0], now[0]), max(peaks[1], now[1]), max(peaks[2], now[2]))
    audio, seconds, cpu_s = ours.recv()
    child.join()
    return Measured(audio, seconds, cpu_s, *peaks)


def measure_bare_decode(sources: Sequence[NoiseSource], workers: int, output: tuple[str, ...]) -> tuple[float, float]:
    """Wall and processor seconds of `ffmpeg -i SOURCE -vn -map 0:a OUTPUT` over all sources, `workers` at a time."""
    started, cpu_s = time.perf_counter(), _cpu_s()
    commands = [["-threads", "1", "-i", str(source.path), "-vn", "-map", "0:a", *output] for source in sources]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda arguments: run_ffmpeg(arguments, CancelToken()), commands))
    return time.perf_counter() - started, _cpu_s() - cpu_s


def _rows(plan: AudioPlan, sources: Sequence[NoiseSource], folder: Path, workers: int) -> tuple[Row, ...]:
    bare: dict[str, list[tuple[float, float]]] = {name: [] for name in BARE}
    ours: list[Measured] = []
    for _ in range(_ROUNDS):
        for name, output in BARE.items():
            bare[name].append(measure_bare_decode(sources, workers, output))
        ours.append(measure_extraction(plan, folder, workers, watched=False))
    watched = measure_extraction(plan, folder, workers, watched=True)
    decode_s = min(seconds for seconds, _ in bare[YARDSTICK])
    rows = [
        Row(
            "ours", _ours(ours, watched, list(clip_lags(watched.audio, plan, sources)), decode_s) | {"minutes": round(float(plan.duration_s) / 60, 1)}
        )
    ]
    for name, rounds in bare.items():
        seconds, cpu_s = (min(values) for values in zip(*rounds, strict=True))
        rows.append(Row(name, {"seconds": round(seconds, 2), "ratio": round(seconds / decode_s, 3), "cpu_s": round(cpu_s, 2)}))
    return tuple(Row(row.name, {**row.metrics, "workers": workers}) for row in rows)


def _ours(
    rounds: Sequence[Measured], watched: Measured, lags: Sequence[tuple[AudioPiece, int, float]], decode_s: float
) -> dict[str, int | float | str]:
    seconds = min(measured.seconds for measured in rounds)
    return {
        "seconds": round(seconds, 2),
        "ratio": round(seconds / decode_s, 3),
        "cpu_s": round(min(measured.cpu_s for measured in rounds), 2),
        "peak_mb": round(watched.peak_mb, 1),
        "engine_mb": round(watched.engine_mb, 1),
        "ffmpeg_mb": round(watched.ffmpeg_mb, 1),
        "clips": len(lags),
        "lag_samples_max": max(abs(lag) for _, lag, _ in lags),
        "fit_min": round(min(fit for _, _, fit in lags), 3),
    }


def _extract_and_tell(plan: AudioPlan, folder: Path, workers: int, tell: Connection) -> None:
    started, cpu_s = time.perf_counter(), _cpu_s()
    audio = extract_audio(plan, folder, workers=workers)
    tell.send((audio, time.perf_counter() - started, _cpu_s() - cpu_s))


def _cpu_s() -> float:
    """Processor seconds of this process and of its children that ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _resident_mb(process: psutil.Process) -> tuple[float, float, float]:
    """All, the process alone, and its children, now. Between fork and exec a child shows its parent's memory: it counts once it is ffmpeg."""
    engine = children = 0.0
    with suppress(_psutil_gone()):
        engine = process.memory_info().rss / 1e6
        for child in process.children():
            with suppress(_psutil_gone()):
                if child.exe() != process.exe():
                    children += child.memory_info().rss / 1e6
    return engine + children, engine, children


def _psutil_gone() -> type[Exception]:
    import psutil

    gone: type[Exception] = psutil.Error
    return gone
