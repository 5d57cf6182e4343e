"""`canto-beats bench pictures`: thumbnails of an hour of film against one ffmpeg process each, peaks of an hour, and a drawn waveform.

Bars: 60 thumbnails in at most a fifth of the peer's time and 300 MB; peaks of an hour of samples in 60 ms; a PNG 4000 pixels wide in 50 ms. Another
peer is one more entry of `_PEERS`.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path

from ..audio.wav import SAMPLE_RATE
from ..document import Cue, SpeechRegion
from ..media.ffmpeg import run_ffmpeg
from ..media.picture_text import fitted
from ..media.thumbs_av import take
from ..media.thumbs_base import Ask
from ..media.waveform import Peaks, peaks_of, pyramid
from ..media.waveform_draw import write_png
from ..media.waveform_scene import LOOKS, View, build_scene
from ..progress import CancelToken
from ..timing import FrameRate
from .table import BenchResult, Metric, Row

_RATE = FrameRate(25)
_LOOP_S, _SIZE, _WIDTH = 20, "1920x1080", 160
_FULL, _QUICK = (3600, 60), (60, 6)  # seconds of film and sound, thumbnails
_PEERS: dict[str, tuple[str, ...]] = {
    "an ffmpeg each, key frames": ("-skip_frame", "nokey"),
    "an ffmpeg each, exact": (),
}
_THUMB_ROUNDS, _DRAW_ROUNDS = 3, 9


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Make the film (kept in `work` when given), take its pictures in turn with the peers, then outline and draw as much noise."""
    seconds, count = _QUICK if quick else _FULL
    with tempfile.TemporaryDirectory() if work is None else nullcontext(str(work)) as folder:
        film = make_film(Path(folder), seconds)
        rows = _thumbnails(film, [Fraction(seconds * (2 * number + 1), 2 * count) for number in range(count)], Path(folder))
    return BenchResult("pictures", (*rows, *_sound(seconds)))


def make_film(folder: Path, seconds: int) -> Path:
    """1080p H.264 at 25 frames and 6 Mbit a second with a key frame every 2 s: 20 s of moving noise, repeated without encoding again."""
    film = folder / f"film {seconds} s.mp4"
    if film.exists():
        return film
    folder.mkdir(parents=True, exist_ok=True)
    loop = folder / "loop.mp4"
    source = f"testsrc2=s={_SIZE}:r={_RATE}:d={_LOOP_S},noise=alls=12:allf=t"
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", str(2 * _RATE.nominal), "-sc_threshold", "0", "-b:v", "6M", "-pix_fmt", "yuv420p"]
    run_ffmpeg(["-f", "lavfi", "-i", source, *coding, "-y", str(loop)], CancelToken())
    part = folder / "film.part.mp4"
    run_ffmpeg(["-stream_loop", str(seconds // _LOOP_S - 1), "-i", str(loop), "-c", "copy", "-y", str(part)], CancelToken())
    return part.replace(film)


def _thumbnails(film: Path, times_s: list[Fraction], folder: Path) -> list[Row]:
    """Ours and the peers in turn; ratios are of the two runs of one round, the median of all rounds."""
    ours: list[tuple[float, float]] = []
    peers: dict[str, list[float]] = {name: [] for name in _PEERS}
    for _ in range(_THUMB_ROUNDS):
        ours.append(measure_thumbnails(film, times_s, folder))
        for name, options in _PEERS.items():
            peers[name].append(_timed(lambda options=options: _by_processes(film, times_s, folder, options)))  # type: ignore[misc]
    best_s = min(seconds for seconds, _ in ours)
    name = f"{len(times_s)} thumbnails"
    rows = [
        Row(
            f"{name}, ours",
            {"seconds": round(best_s, 3), "ms_each": round(1000 * best_s / len(times_s), 1), "peak_mb": round(max(mb for _, mb in ours))},
        )
    ]
    for peer, found in peers.items():
        ratios = sorted(mine / theirs for (mine, _), theirs in zip(ours, found, strict=True))
        best = min(found)
        metrics: dict[str, Metric] = {
            "seconds": round(best, 3),
            "ms_each": round(1000 * best / len(times_s), 1),
            "ours_to_this": round(ratios[len(ratios) // 2], 3),
        }
        rows.append(Row(f"{name}, {peer}", metrics))
    return rows


def measure_thumbnails(film: Path, times_s: list[Fraction], folder: Path) -> tuple[float, float]:
    """Seconds and the largest resident memory in MB of a fresh process that takes the pictures, loading of its libraries included."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_take_and_tell, args=(film, times_s, folder, theirs))
    child.start()
    theirs.close()
    seconds, peak_mb = ours.recv()
    child.join()
    return float(seconds), float(peak_mb)


def _take_and_tell(film: Path, times_s: list[Fraction], folder: Path, tell: Connection) -> None:
    began = time.perf_counter()
    from PIL import Image

    for number, shot in enumerate(take(film, Ask(tuple(times_s), _WIDTH), CancelToken())):
        assert shot.pixels is not None
        Image.fromarray(shot.pixels).save(folder / f"ours {number:03}.jpg", quality=85)
    tell.send((time.perf_counter() - began, _peak_mb()))


def _peak_mb() -> float:
    """The most resident memory this process had; Linux's ru_maxrss would count what the parent had when it started us."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _by_processes(film: Path, times_s: list[Fraction], folder: Path, options: tuple[str, ...]) -> None:
    scale = ("-frames:v", "1", "-vf", f"scale={_WIDTH}:-2", "-y")
    for number, at_s in enumerate(times_s):
        run_ffmpeg([*options, "-ss", f"{float(at_s):.3f}", "-i", str(film), *scale, str(folder / f"ffmpeg {number:03}.jpg")], CancelToken())


def _sound(seconds: int) -> list[Row]:
    """Peaks from samples, the levels above them, and a picture of it all with a cue every three seconds."""
    import numpy as np

    samples = np.random.default_rng(1).integers(-20_000, 20_000, seconds * SAMPLE_RATE, np.int16)
    peaks = peaks_of(samples)
    view = _view(peaks, seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "waveform.png"
        draw_s = [_timed(lambda: write_png(build_scene(view, (4000, 200), LOOKS["dark"], fitted), path)) for _ in range(_DRAW_ROUNDS)]
        size_kb = path.stat().st_size / 1000
    name = f"{seconds} s of sound"
    return [
        Row(f"{name}, peaks from samples", {"ms": _best_ms(lambda: peaks_of(samples)), "points": len(peaks.pairs)}),
        Row(f"{name}, levels above", {"ms": _best_ms(lambda: pyramid(peaks)), "points": sum(len(level.pairs) for level in pyramid(peaks)[1:])}),
        Row(f"{name}, PNG 4000x200", {"ms": round(1000 * min(draw_s), 1), "ms_first": round(1000 * draw_s[0], 1), "kb": round(size_kb)}),
    ]


def _view(peaks: Peaks, seconds: int) -> View:
    starts = range(0, seconds - 3, 3)
    regions = tuple(SpeechRegion(1000 * start, 1000 * start + 2400) for start in starts)
    cues = tuple(Cue(str(start), start * _RATE.nominal, start * _RATE.nominal + 62, "呢間茶餐廳好多人食嘢") for start in starts)
    return View(peaks, Fraction(0), Fraction(seconds), _RATE, 90000, regions=regions, cues=cues)


def _best_ms(work: Callable[[], object]) -> float:
    return round(1000 * min(_timed(work) for _ in range(_DRAW_ROUNDS)), 1)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
