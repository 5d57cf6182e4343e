"""Who takes part in `bench asr`: ours on both backends, and the ways to run the same Whisper weights that people use today.

A contestant is a function `(folder of weights, threads) -> Hear` that imports what it needs and loads the model; what it returns turns a WAV into
lines. Settings are equal where a contestant has them: Cantonese, no beam, no text of earlier windows (the practice model has never seen any),
timestamps, batches of 8; everything else is its own default. Another contestant is another function and another entry of `CONTESTANTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audio.wav import SAMPLE_RATE, read_samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio
    from ..hardware import Device

LANGUAGE = "yue"
BATCH = 8
Line = tuple[int, int, str]
"""(start_ms, end_ms, text)."""
Hear = Callable[["Audio"], list[Line]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """`packages` must be importable; `weights` is the format that it reads, `precision` the one that it computes in."""

    load: Callable[[Path, int], Hear]
    packages: tuple[str, ...]
    weights: str = "hf"
    precision: str = "float32"


def convert_weights(kind: str, source: Path, scratch: Path) -> Path:
    """The Hugging Face folder `source` in the format `kind`, made in `scratch` unless it is there; raises what the converter raises."""
    target = scratch / f"weights-{kind}"
    if kind == "hf":
        return source
    if kind == "mlx":
        from ..asr.convert import mlx_folder
        from ..asr.layout import read_folder

        return mlx_folder(read_folder(source), target).path
    if kind == "ggml":
        from .ggml import write_ggml

        target.mkdir(exist_ok=True)
        if not (target / "model.bin").exists():
            write_ggml(source, target / "model.bin")
    elif not target.exists():
        from ctranslate2.converters import TransformersConverter

        TransformersConverter(str(source), copy_files=["tokenizer.json", "preprocessor_config.json"]).convert(str(target), quantization="float32")
    return target


def _ours_mlx(folder: Path, threads: int) -> Hear:
    return _ours("whisper_mlx", "mlx", folder)


def _ours_hf(folder: Path, threads: int) -> Hear:
    import torch

    torch.set_num_threads(threads)
    return _ours("whisper_hf", "cpu", folder)


def _ours(backend: str, device: Device, folder: Path) -> Hear:
    """What a job does from audio to transcript: detection, recognition with character times, filters."""
    from contextlib import ExitStack

    from ..asr.base import TranscribeOptions
    from ..asr.filters import sift
    from ..backends import create_speech_detector, create_transcriber
    from ..speech.find import find_speech

    with ExitStack() as stack:
        detector = stack.enter_context(create_speech_detector("silero"))
        transcriber = stack.enter_context(create_transcriber(backend, folder, device))
        # they stay open as long as the process
        stack.pop_all()

    def hear(audio: Audio) -> list[Line]:
        chunks = find_speech(audio, detector, lambda done, total: None).chunks
        results = transcriber.transcribe(audio, chunks, TranscribeOptions(LANGUAGE, BATCH))
        sifted = (sift(result, chunks[result.chunk_index], audio.duration_ms, "en") for result in results)
        return [(line.start_ms, line.end_ms, line.text) for each in sifted for line in each.segments]

    return hear


def _mlx_whisper(folder: Path, threads: int) -> Hear:
    from importlib import import_module

    import mlx.core as mx

    # the package's function `transcribe` hides its module of that name
    module = import_module("mlx_whisper.transcribe")
    module.ModelHolder.get_model(str(folder), mx.float32)
    options = {"path_or_hf_repo": str(folder), "language": LANGUAGE, "fp16": False, "condition_on_previous_text": False}
    return lambda audio: _seconds((part["start"], part["end"], part["text"]) for part in module.transcribe(_samples(audio), **options)["segments"])


def _transformers(folder: Path, threads: int) -> Hear:
    import torch
    from transformers import pipeline

    torch.set_num_threads(threads)
    pipe: Any = pipeline("automatic-speech-recognition", model=str(folder), device="cpu", dtype=torch.float32, chunk_length_s=30, batch_size=BATCH)
    asked = {"language": LANGUAGE, "task": "transcribe", "num_beams": 1}

    def hear(audio: Audio) -> list[Line]:
        sound = {"raw": _samples(audio), "sampling_rate": SAMPLE_RATE}
        parts = pipe(sound, return_timestamps=True, generate_kwargs=asked)["chunks"]
        # the last line of the sound may lack its end
        return _seconds(
            (start or 0.0, audio.duration_ms / 1000 if end is None else end, part["text"]) for part in parts for start, end in [part["timestamp"]]
        )

    return hear


def _faster_whisper(folder: Path, threads: int) -> Hear:
    model = _ctranslate2_model(folder, threads)
    options = {"language": LANGUAGE, "beam_size": 1, "condition_on_previous_text": False}
    return lambda audio: _seconds((part.start, part.end, part.text) for part in model.transcribe(_samples(audio), **options)[0])


def _faster_whisper_batched(folder: Path, threads: int) -> Hear:
    from faster_whisper import BatchedInferencePipeline

    model = BatchedInferencePipeline(_ctranslate2_model(folder, threads))
    options = {"language": LANGUAGE, "beam_size": 1, "batch_size": BATCH, "without_timestamps": False}
    return lambda audio: _seconds((part.start, part.end, part.text) for part in model.transcribe(_samples(audio), **options)[0])


def _ctranslate2_model(folder: Path, threads: int) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(folder), device="cpu", compute_type="float32", cpu_threads=threads)


def _whisper_cpp(folder: Path, threads: int) -> Hear:
    from pywhispercpp.model import Model

    model = Model(str(folder / "model.bin"), n_threads=threads, language=LANGUAGE, no_context=True, print_progress=False, print_timestamps=False)
    # its clock counts hundredths of a second
    return lambda audio: _seconds((part.t0 / 100, part.t1 / 100, part.text) for part in model.transcribe(_samples(audio)))


def _samples(audio: Audio) -> NDArray[np.float32]:
    return read_samples(audio, 0, audio.samples)


def _seconds(lines: Iterable[tuple[float, float, str]]) -> list[Line]:
    return [(round(start * 1000), round(end * 1000), text) for start, end, text in lines]


CONTESTANTS = {
    "ours-mlx": Contestant(_ours_mlx, ("mlx", "mlx_whisper"), "mlx"),
    "mlx_whisper": Contestant(_mlx_whisper, ("mlx", "mlx_whisper"), "mlx"),
    "ours-hf": Contestant(_ours_hf, ("torch", "transformers")),
    "transformers": Contestant(_transformers, ("torch", "transformers")),
    "faster-whisper": Contestant(_faster_whisper, ("faster_whisper", "ctranslate2"), "ctranslate2"),
    "faster-whisper-batched": Contestant(_faster_whisper_batched, ("faster_whisper", "ctranslate2"), "ctranslate2"),
    "whisper.cpp": Contestant(_whisper_cpp, ("pywhispercpp",), "ggml", "float16 weights"),
}
