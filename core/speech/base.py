"""The seam every speech detector fits: probabilities of speech, frame by frame.

To add a detector: write a module beside `silero.py` with a class that has these members, name it in `core/backends.py` and in `DETECTORS` of
`tests/speech/test_detectors.py`. Regions and chunks are made from the probabilities by `regions.py` and `chunks.py`, the same way for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..audio.wav import Audio

FRAME_MS = 32
FRAME_SAMPLES = 512


class SpeechDetector(Protocol):
    """Used inside one `with`, which holds whatever the detector loads.

    Frame i is the audio of [i * frame_ms, (i + 1) * frame_ms); the last frame is completed with silence. The result must not depend
    on the size of the blocks, and memory must not grow with the audio's length.
    """

    @property
    def name(self) -> str:
        """What `regions.json` and `bench` call it."""

    @property
    def frame_ms(self) -> int:
        """Length of one frame in milliseconds."""

    def probabilities(self, audio: Audio) -> Iterator[NDArray[np.float32]]:
        """Speech probabilities 0..1 of all frames in order, in blocks of shape (frames,)."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
