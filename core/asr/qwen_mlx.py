"""Qwen3-ASR through mlx-audio: the open model with the best published Cantonese numbers, on Apple Silicon or MLX's other builds.

It writes simplified characters with colloquial words; Hong Kong forms are `passes/hk_script.py`'s work, as for every recogniser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..hardware import Device
from ..resident import Resident, loading
from .base import ChunkResult, TranscribeOptions
from .qwen_align import QwenAligner
from .qwen_decoding import transcribe_chunks
from .qwen_folder import read_qwen
from .qwen_net import QwenModel

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..speech.chunks import Chunk


@dataclass(frozen=True, slots=True)
class Loaded:
    """The recogniser, and the aligner where one is installed."""

    recogniser: QwenModel
    aligner: QwenAligner | None

    @property
    def net(self) -> Any:
        """The recogniser's network."""
        return self.recogniser.net


class QwenMlx(Resident[Loaded]):
    """The Transcriber; `device` is 'mlx'. `aligner` is the folder of a forced aligner; without one, times are shared out over the speech."""

    kind = "asr"

    def __init__(self, folder: Path, device: Device = "mlx", aligner: Path | None = None) -> None:
        super().__init__(folder, device)
        self._aligner = aligner

    def _load(self) -> Loaded:
        recogniser = QwenModel(read_qwen(self._path))
        if self._aligner is None:
            return Loaded(recogniser, None)
        with loading("asr", self._aligner, self._device):
            return Loaded(recogniser, QwenAligner(read_qwen(self._aligner, aligns=True)))

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        """See `base.Transcriber`."""
        with self._working() as model:
            yield from transcribe_chunks(model.recogniser, model.aligner, audio, chunks, options)
