"""`python -m core.bench.asr_child`: one contestant of `bench asr` in a process of its own, so that its start and its memory are its own.

It loads, hears a short clip, hears the audio, and prints one JSON line. Another thing to measure is another entry of that line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from ..audio.wav import SAMPLE_RATE, Audio
from .asr_peers import CONTESTANTS
from .memory import peak_bytes


@click.command()
@click.argument("name", type=click.Choice(list(CONTESTANTS)))
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--wav", type=click.Path(path_type=Path), required=True)
@click.option("--clip-ms", type=int, required=True)
@click.option("--audio-ms", type=int, required=True)
@click.option("--threads", type=int, required=True)
def main(name: str, folder: Path, wav: Path, clip_ms: int, audio_ms: int, threads: int) -> None:
    """Measure `name` with the weights in `folder`: the first `clip_ms` of `wav` for the start, then its first `audio_ms`.

    Prints `load_s` (imports and weights), `start_s` (from the start of the process to the clip's text), `seconds` and `cpu_s` of the audio,
    `peak_mb` (resident, 10^6 bytes, of the process and its children), and `lines`.
    """
    import psutil

    born_s = psutil.Process().create_time()
    started_s = time.time()
    hear = CONTESTANTS[name].load(folder, threads)
    load_s = time.time() - started_s
    if not hear(_first(wav, clip_ms)):
        raise click.ClickException(f"{name} heard nothing in the clip")
    start_s = time.time() - born_s
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    lines = hear(_first(wav, audio_ms))
    seconds, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    peak_mb = (peak_bytes() + _children_bytes()) / 1e6
    print_line = {"load_s": load_s, "start_s": start_s, "seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak_mb, "lines": lines}
    sys.stdout.write("\n" + json.dumps(print_line) + "\n")


def _children_bytes() -> int:
    """The most that a child which has ended ever held; none of the contestants leaves one running."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _first(wav: Path, length_ms: int) -> Audio:
    return Audio(wav, length_ms * SAMPLE_RATE // 1000)


if __name__ == "__main__":
    main()
