"""The stage AudioPlan -> Audio: decode what the plan needs, sum it at 16 kHz mono, write `audio.wav` and `peaks.dat` into the job folder.

What to decode is decided in `spans.py`, how in `decode.py`, the sum is `mix.py`. To save another view of the sound (a level row, say), write it
beside the peaks in `_write_blocks`.
"""

from __future__ import annotations

import errno
import os
import shutil
import wave
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import InputError, SetupError, StageError
from ..media.ffmpeg import find_ffmpeg
from ..media.probe import MediaInfo, probe_media
from ..progress import CancelToken
from ..timeline import AudioPlan
from .decode import column_layout, decode_span
from .mix import MEMORY_LIMIT_SAMPLES, Mix
from .peaks import SAMPLES_PER_PIXEL, peaks_size, write_header, write_pixels
from .spans import Span, plan_spans
from .wav import SAMPLE_RATE, Audio

AUDIO_NAME, PEAKS_NAME = "audio.wav", "peaks.dat"
SecondsNews = Callable[[float, float], None]

_BLOCK = 6000 * SAMPLES_PER_PIXEL
_SPARE_BYTES = 16 << 20  # left for the job's small files, so that a disk is not filled to the last byte
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BARRED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR})


def no_news(done_s: float, total_s: float) -> None:
    """Progress that nobody watches."""


def extract_audio(plan: AudioPlan, folder: Path, progress: SecondsNews = no_news, *, workers: int | None = None) -> Audio:
    """Decode and sum the plan's pieces into `folder`/audio.wav and peaks.dat; both appear complete or not at all.

    `progress(done_s, total_s)` counts seconds of source and is called from this thread about ten times a second; what it raises (Cancelled)
    stops the decoders within 0.2 s. `workers` decoders run at once, half the processors and at least 2 unless told. Sound outside the range is
    dropped, time beyond a medium's end is silence, and a sum above full scale is scaled down as a whole.

    Raises InputError `extract.empty_range`, `extract.nothing_audible`, `extract.zero_length`, `extract.no_file`, `extract.no_sound`,
    `extract.no_stream`, `extract.no_channel`, `extract.folder_not_writable` or what `probe_media` raises; SetupError `extract.disk_full` or
    what `find_ffmpeg` raises; StageError `ffmpeg.failed` or `extract.write_failed`.
    """
    samples = round(plan.duration_s * SAMPLE_RATE)
    if samples <= 0:
        raise InputError("extract.empty_range", name=plan.name)
    spans = plan_spans(plan.audible)
    if not spans:
        raise InputError("extract.nothing_audible", name=plan.name, clips=len(plan.pieces))
    with ThreadPoolExecutor(workers or default_workers()) as pool, _part_files(folder, samples) as parts:
        looking = _start_looking(spans, pool)
        with _disk_errors(folder, samples):
            mix = Mix(samples, parts[2] if samples > MEMORY_LIMIT_SAMPLES else None)
        media = _media_of(spans, looking)
        _decode_all([(span, media[span.file]) for span in spans], mix, pool, progress)
        with _disk_errors(folder, samples):
            _write(mix, samples, parts)
            os.replace(parts[1], folder / PEAKS_NAME)
            os.replace(parts[0], folder / AUDIO_NAME)
    return Audio(folder / AUDIO_NAME, samples)


def default_workers() -> int:
    """Half the processors, for each ffmpeg keeps a reader, a decoder and a filter busy; never fewer than 2."""
    return max(2, (os.cpu_count() or 2) // 2)


@contextmanager
def _part_files(folder: Path, samples: int) -> Iterator[tuple[Path, Path, Path]]:
    """Temporary names for sound, peaks and sum, in a folder proved to be writable and large enough; none is left afterwards."""
    parts = tuple(folder / f"{name}.part" for name in (AUDIO_NAME, PEAKS_NAME, "sum"))
    try:
        with _disk_errors(folder, samples):
            parts[0].touch()
            if shutil.disk_usage(folder).free < _needed_bytes(samples):
                raise OSError(errno.ENOSPC, "less is free than the finished files take")
        yield parts[0], parts[1], parts[2]
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _needed_bytes(samples: int) -> int:
    sum_bytes = 4 * samples if samples > MEMORY_LIMIT_SAMPLES else 0
    return 44 + 2 * samples + peaks_size(samples) + sum_bytes + _SPARE_BYTES


@contextmanager
def _disk_errors(folder: Path, samples: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise SetupError("extract.disk_full", folder=folder, need_mb=_needed_bytes(samples) >> 20, detail=str(error)) from error
        if error.errno in _BARRED:
            raise InputError("extract.folder_not_writable", folder=folder, detail=str(error)) from error
        raise StageError("extract.write_failed", folder=folder, detail=str(error)) from error


def _start_looking(spans: Sequence[Span], pool: ThreadPoolExecutor) -> dict[str, Future[MediaInfo]]:
    """Look for ffmpeg and at every file while this thread makes room for the sum."""
    pool.submit(find_ffmpeg)
    return {file: pool.submit(probe_media, Path(file)) for file in sorted({span.file for span in spans})}


def _media_of(spans: Sequence[Span], looking: dict[str, Future[MediaInfo]]) -> dict[str, MediaInfo]:
    """What every file holds; asks for every lane too, so that nothing is missed after minutes of decoding."""
    find_ffmpeg()
    media = {file: job.result() for file, job in looking.items()}
    for span in spans:
        column_layout(span, media[span.file])
    return media


def _decode_all(work: Sequence[tuple[Span, MediaInfo]], mix: Mix, pool: ThreadPoolExecutor, progress: SecondsNews) -> None:
    """Run every span on the pool. On any error, the caller's included, all decoders are stopped before it goes on."""
    stop = CancelToken()
    done_s = [0.0] * len(work)
    total_s = float(sum(span.length_s for span, _ in work))
    jobs: set[Future[None]] = set()
    try:
        for index, (span, media) in enumerate(work):
            jobs.add(pool.submit(_decode_into, mix, (span, media), stop, _seconds_into(done_s, index)))
        pending = jobs
        while pending:
            finished, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            for job in finished:
                job.result()
            progress(min(total_s, sum(done_s)), total_s)
    except BaseException:
        stop.cancel()
        wait(jobs)
        raise


def _seconds_into(slots: list[float], index: int) -> Callable[[float], None]:
    def note(seconds: float) -> None:
        slots[index] = seconds

    return note


def _decode_into(mix: Mix, work: tuple[Span, MediaInfo], stop: CancelToken, note: Callable[[float], None]) -> None:
    span, media = work
    stop.check()
    waiting = sorted(span.placements, key=lambda placement: placement.first, reverse=True)
    sounding = []
    first = 0
    lanes = column_layout(span, media).lanes
    for block in decode_span(span, media, stop):
        last = first + len(block)
        while waiting and waiting[-1].first < last:
            sounding.append(waiting.pop())
        for placement in sounding:
            mix.add(placement, first, block, lanes[placement.lane])
        sounding = [placement for placement in sounding if placement.first + placement.count > last]
        first = last
        note(first * float(span.speed) / SAMPLE_RATE)
    note(float(span.length_s))


def _write(mix: Mix, samples: int, parts: tuple[Path, Path, Path]) -> None:
    with parts[0].open("wb") as sound, parts[1].open("wb") as peaks:
        with wave.open(sound, "wb") as output:
            output.setnchannels(1)
            output.setsampwidth(2)
            output.setframerate(SAMPLE_RATE)
            output.setnframes(samples)
            write_header(peaks, samples)
            _write_blocks(mix, output, peaks)
        for file in (sound, peaks):
            file.flush()
            os.fsync(file.fileno())


def _write_blocks(mix: Mix, output: wave.Wave_write, peaks: IO[bytes]) -> None:
    import numpy as np

    peak = mix.peak(_BLOCK)
    scale = 32768.0 if peak * 32768 <= 32767 else 32767 / peak
    for block in mix.blocks(_BLOCK, scale):
        whole = np.rint(block, out=block).astype("<i2")
        output.writeframesraw(whole.data)
        write_pixels(peaks, whole)
