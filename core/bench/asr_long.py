"""`python -m core.bench.asr_long [hours]`: does recognition's memory stay flat? Hours of mostly silence through speech detection and the model.

One sentence every minute or so, practice model, torch on the processor; resident memory is read after every chunk. Another question about long
audio is another metric.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from ..asr.base import TranscribeOptions
from ..asr.whisper_hf import WhisperHf
from ..speech.find import find_speech
from ..speech.silero import SileroDetector
from ..weights import PRACTICE, locate
from .spoken import Background, write_spoken
from .table import BenchResult, Row

_FIRST_MS = 600_000


def run(hours: float = 3.0, work: Path | None = None) -> BenchResult:
    """Measure `hours` of audio written anew into `work` (None: a temporary folder).

    `ratio` is the peak of the whole over the peak of the first ten minutes; `invented` counts characters where nobody speaks. Raises SetupError
    without the computer voice.
    """
    started_s = time.perf_counter()
    first_mb = peak_mb = 0.0
    lines: list[tuple[int, int, str]] = []
    with tempfile.TemporaryDirectory(dir=work) as folder:
        audio, truth = write_spoken(Path(folder) / "long.wav", round(hours * 3600), Background(noise_dbfs=-60, pause_ms=(30_000, 90_000)))
        with SileroDetector() as detector:
            speech = find_speech(audio, detector, lambda done, total: None)
        with WhisperHf(locate(PRACTICE), "cpu") as transcriber:
            for result in transcriber.transcribe(audio, speech.chunks, TranscribeOptions()):
                peak_mb = max(peak_mb, _resident_mb())
                first_mb = peak_mb if speech.chunks[result.chunk_index].end_ms <= _FIRST_MS else first_mb
                lines += [(segment.start_ms, segment.end_ms, segment.text) for segment in result.segments]
    invented = sum(len(text) for start, end, text in lines if not any(start < stop and end > begin for begin, stop in truth))
    metrics = {"hours": hours, "seconds": round(time.perf_counter() - started_s, 1), "sentences": len(truth), "lines": len(lines)}
    memory = {"first_10_min_mb": round(first_mb), "peak_mb": round(peak_mb), "ratio": round(peak_mb / first_mb, 3)}
    return BenchResult("asr_long", (Row("mostly silence", {**metrics, "invented": invented, **memory}),))


def _resident_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(float(sys.argv[1]) if sys.argv[1:] else 3.0).to_json()) + "\n")
