"""Silero's voice activity model: its sequence ONNX on onnxruntime, on the CPU.

The file is taken out of the silero-vad wheel without importing that package, whose `__init__` needs torch. A newer wheel may bring
another file: change `_FILE`, and `tests/speech/test_silero.py` compares it with the wheel's frame-by-frame model, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..audio.wav import iter_blocks
from ..errors import SetupError, StageError
from ..privacy import no_telemetry
from .base import FRAME_MS, FRAME_SAMPLES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio

CONTEXT_SAMPLES = 64
_FILE = "silero_vad_16k_sequence.onnx"
_STATE_SHAPE = (1, 1, 128)


@dataclass(slots=True)
class SileroDetector:
    """`block_frames` frames go through the model in one call; `threads` is for one operator of the model."""

    block_frames: int = 512
    threads: int = 1
    _session: Any = field(default=None, init=False, repr=False)

    name = "silero"
    frame_ms = FRAME_MS

    def __enter__(self) -> Self:
        """Load the model. Raises SetupError `speech.no_silero` when onnxruntime or the model's file is missing or broken."""
        self._session = open_session(model_file(_FILE), self.threads)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session = None

    def probabilities(self, audio: Audio) -> Iterator[NDArray[np.float32]]:
        """See SpeechDetector. Raises StageError `speech.detector_failed` when onnxruntime gives up."""
        import numpy as np

        hidden = cell = np.zeros(_STATE_SHAPE, dtype=np.float32)
        for frames in frames_with_context(audio, self.block_frames):
            try:
                block, hidden, cell = self._session.run(["speech_probs", "hn", "cn"], {"input": frames, "h": hidden, "c": cell})
            except Exception as error:  # onnxruntime's own errors share no base class
                raise StageError("speech.detector_failed", detector=self.name, detail=repr(error)) from error
            yield block


def frames_with_context(audio: Audio, block_frames: int) -> Iterator[NDArray[np.float32]]:
    """Blocks of shape (<= block_frames, 576): each frame after the last 64 samples of the one before it (zeros before the first)."""
    import numpy as np

    context = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)
    for samples in iter_blocks(audio, block_frames * FRAME_SAMPLES):
        count = -(-len(samples) // FRAME_SAMPLES)
        line = np.zeros(CONTEXT_SAMPLES + count * FRAME_SAMPLES, dtype=np.float32)
        line[:CONTEXT_SAMPLES] = context
        line[CONTEXT_SAMPLES : CONTEXT_SAMPLES + len(samples)] = samples
        context = line[-CONTEXT_SAMPLES:].copy()
        windows = np.lib.stride_tricks.sliding_window_view(line, CONTEXT_SAMPLES + FRAME_SAMPLES)
        yield np.ascontiguousarray(windows[::FRAME_SAMPLES])


def model_file(name: str) -> Path:
    """A file of the silero-vad wheel. Raises SetupError `speech.no_silero` when it is not there."""
    spec = find_spec("silero_vad")
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder) / "data" / name
        if file.is_file():
            return file
    raise SetupError("speech.no_silero", detail=f"silero-vad is installed: {spec is not None}; no data/{name}")


def open_session(file: Path, threads: int) -> Any:
    """An onnxruntime session on the CPU. Raises SetupError `speech.no_silero` without onnxruntime or when the file cannot be read."""
    try:
        no_telemetry()
        import onnxruntime
    except ImportError as error:
        raise SetupError("speech.no_silero", detail=repr(error)) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base class
        raise SetupError("speech.no_silero", detail=repr(error)) from error
