"""`canto-beats bench render`: a burn-in as the product does it, checks included, against a hand-written ffmpeg command that does the same.

Bar: at least 0.95 times the speed. Both draw the same ASS with the same font through the same encoder with the same settings; they run in turn, and
the ratio is the median over pairs. Another codec to compare is one more entry of `_CODECS`.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from ..document import Cue, SubtitleDocument
from ..media.burn_subs import Canvas, Subtitles, burnable
from ..media.encoder_table import codec, container_arguments
from ..media.encoders import choose_encoder
from ..media.ffmpeg import Place, find_ffmpeg, run_ffmpeg
from ..media.picture import look_at
from ..media.render import FILTERS, RenderRequest, render, stage
from ..media.render_plan import Wish
from ..progress import CancelToken, no_report
from ..timing import FrameRate
from .table import BenchResult, Row

_CODECS = ("h264",)
_RATE = FrameRate(25)
_SECONDS, _QUICK_SECONDS = 60, 10
_ROUNDS = 3
_SIZE = (1920, 1080)
_LINE = "嘅咗哋啲喺冇㗎嚟攞瞓揾𨋢"


@dataclass(frozen=True, slots=True)
class _Time:
    """One run: wall time, and processor time with its children's."""

    seconds: float
    cpu_s: float


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Make a 1080p film with a subtitle every two seconds (kept in `work` when given) and burn it in both ways, in turn."""
    seconds = _QUICK_SECONDS if quick else _SECONDS
    with nullcontext(str(work)) if work else tempfile.TemporaryDirectory(prefix="canto-beats-") as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        film = _film(folder, seconds)
        return BenchResult("render", tuple(row for codec_name in _CODECS for row in _compare(film, folder, codec_name, seconds)))


def _film(folder: Path, seconds: int) -> Path:
    """A moving test picture with a tone."""
    film = folder / f"film-{seconds}.mp4"
    if not film.exists():
        picture = f"testsrc2=s={_SIZE[0]}x{_SIZE[1]}:r={_RATE.numerator}:d={seconds}"
        sources = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=d={seconds}")
        run_ffmpeg([*sources, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac", "-y", str(film)], CancelToken())
    return film


def _subtitles(seconds: int) -> Subtitles:
    frames = range(0, seconds * _RATE.numerator - 50, 50)
    return Subtitles(SubtitleDocument(tuple(Cue(f"c{start}", start, start + 35, _LINE) for start in frames), _RATE))


def _compare(film: Path, folder: Path, codec_name: str, seconds: int) -> tuple[Row, ...]:
    """A row for each side; `speed_ratio` is how many times as fast as the hand-written command."""
    by_hand = _by_hand(film, folder, codec_name, _subtitles(seconds))
    ours = _ours(film, folder, codec_name, _subtitles(seconds))
    ours()  # the encoder is probed and everything is in the disk's cache
    pairs = [(_timed(ours), _timed(by_hand)) for _ in range(_ROUNDS)]
    frames = seconds * _RATE.numerator
    rows = []
    for number, name in enumerate(("ours, with checks", "ffmpeg by hand")):
        times = [pair[number] for pair in pairs]
        ratio = statistics.median(pair[1].seconds / pair[number].seconds for pair in pairs)
        cpu_ratio = statistics.median(pair[1].cpu_s / pair[number].cpu_s for pair in pairs)
        best = min(one.seconds for one in times)
        metrics = {"seconds": best, "fps": frames / best, "cpu_s": min(one.cpu_s for one in times), "speed_ratio": ratio, "cpu_ratio": cpu_ratio}
        rows.append(Row(f"{codec_name}, {name}", {key: round(value, 3) for key, value in metrics.items()}))
    return tuple(rows)


def _ours(film: Path, folder: Path, codec_name: str, subtitles: Subtitles) -> Callable[[], None]:
    def work() -> None:
        made = render(RenderRequest(film, subtitles, Wish(codec_name, out=folder / "ours.mp4"), "hk_broadcast"), no_report, CancelToken())
        made.path.unlink()

    return work


def _by_hand(film: Path, folder: Path, codec_name: str, subtitles: Subtitles) -> Callable[[], None]:
    """The shortest command with the same result: same ASS, font, encoder and settings."""
    facts = look_at(film)
    binary = find_ffmpeg(FILTERS)
    encoder = choose_encoder(binary, codec_name, "standard", facts.picture)
    burn = burnable(subtitles, "hk_broadcast", None, Canvas(*facts.shown), "en")
    container = container_arguments(codec(codec_name), ".mp4")

    def work() -> None:
        with stage(burn, binary) as place:
            command = [str(binary), "-nostdin", "-v", "error", "-y", "-i", str(film.absolute()), "-vf", "ass=f=subs.ass:fontsdir=fonts"]
            command += [*encoder.arguments(facts.picture), "-c:a", "copy", *container, str((folder / "hand.mp4").absolute())]
            subprocess.run(command, check=True, cwd=_folder(place))
        (folder / "hand.mp4").unlink()

    return work


def _folder(place: Place) -> Path:
    assert place.folder is not None
    return place.folder


def _timed(work: Callable[[], None]) -> _Time:
    began_s, began_cpu_s = time.perf_counter(), _cpu_s()
    work()
    return _Time(time.perf_counter() - began_s, _cpu_s() - began_cpu_s)


def _cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
