"""`canto-beats bench memory`: the memory of recognition, of a language model, and of one after the other in one process.

A child process a row, since the peak of a process never falls again. Each loads what both need first, so that the difference is the models'. The
language model has random weights. Another order or model is one more entry of `_WORK`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from .random_lm import write_random_lm
from .table import BenchResult, Row

_WORK = {"recognition": ("asr",), "language model": ("llm",), "one after the other": ("asr", "llm")}


def run(quick: bool = False, work: Path | None = None) -> BenchResult:
    """Peak memory of each row on the processor; `quick` with a language model of 30 MB in place of 280 MB. The model is made in `work`."""
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        folder = write_random_lm(Path(scratch), "mini" if quick else "small")
        with ThreadPoolExecutor(2) as pool:
            rows = list(pool.map(lambda name: _row(name, _WORK[name], folder), _WORK))
    return BenchResult("memory", tuple(rows))


def _row(name: str, parts: tuple[str, ...], folder: Path) -> Row:
    command = [sys.executable, "-m", "core.bench.memory", "--llm", str(folder), *(word for part in parts for word in ("--part", part))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Row(name, json.loads(done.stdout.splitlines()[-1]))


@click.command()
@click.option("--llm", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--part", "parts", multiple=True, type=click.Choice(["asr", "llm"]))
def main(folder: Path, parts: tuple[str, ...]) -> None:
    """Run the parts, one after the other, and print this process's peak, what it holds at the end and what the libraries took, in 10^6 bytes."""
    import psutil

    _import_libraries()
    libraries_bytes = peak_bytes()
    for part in parts:
        (_recognise if part == "asr" else _rewrite)(folder)
    most_bytes, held_bytes = peak_bytes(), psutil.Process().memory_info().rss
    sizes = {"peak": most_bytes, "held": held_bytes, "libraries": libraries_bytes, "over_libraries": most_bytes - libraries_bytes}
    click.echo(json.dumps({f"{name}_mb": round(size / 1e6, 1) for name, size in sizes.items()}))


def _import_libraries() -> None:
    import torch
    from transformers import AutoTokenizer, Qwen2ForCausalLM, WhisperForConditionalGeneration, WhisperTokenizer

    from ..audio import wav  # noqa: F401

    torch.set_num_threads(1)
    del AutoTokenizer, Qwen2ForCausalLM, WhisperForConditionalGeneration, WhisperTokenizer


def _recognise(folder: Path) -> None:
    """Thirty seconds of silence through the practice model."""
    from ..asr.base import TranscribeOptions
    from ..asr.whisper_hf import WhisperHf
    from ..audio.wav import open_audio
    from ..speech.chunks import Chunk
    from ..weights import PRACTICE, locate

    with tempfile.TemporaryDirectory() as scratch, WhisperHf(locate(PRACTICE), "cpu") as transcriber:
        file = Path(scratch) / "silence.wav"
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, 2, 16_000, 0, "NONE", ""))
            sound.writeframes(bytes(2 * 16_000 * 30))
        audio = open_audio(file)
        chunks = [Chunk(start, start + 15_000, ()) for start in (0, 15_000)]
        list(transcriber.transcribe(audio, chunks, TranscribeOptions(max_tokens=24, times=False, temperatures=())))


def _rewrite(folder: Path) -> None:
    from ..llm.lm_hf import LmHf
    from ..llm.prompts import prefix

    with LmHf(folder, "cpu") as model:
        list(model.generate(prefix("written"), ["1. 佢唔喺度", "1. 食咗飯未呀？"], 8))


def peak_bytes() -> int:
    """The most that this process has held. Linux's ru_maxrss begins with what the parent held when it forked, so its other count is read there."""
    import resource

    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (line for line in Path("/proc/self/status").read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
