"""The torture reel through detection, recognition and filters: nothing invented, nothing broken."""

from __future__ import annotations

import jiwer
import pytest

from core.asr.base import TranscribeOptions
from core.asr.filters import Sifted, sift
from core.asr.whisper_hf import WhisperHf
from core.audio.wav import Audio
from core.bench.reel import Part, write_reel
from core.document import SpeechRegion
from core.speech.chunks import Chunk
from core.speech.find import find_speech
from core.speech.silero import SileroDetector

from ..fakes.whisper_model import PRACTICE

HARD = "12 characters a second"


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audio, tuple[Part, ...]]:
    return write_reel(tmp_path_factory.mktemp("audio") / "reel.wav")


def hear(audio: Audio, chunks: tuple[Chunk, ...]) -> list[Sifted]:
    with WhisperHf(PRACTICE, "cpu") as transcriber:
        return [
            sift(result, chunks[result.chunk_index], audio.duration_ms, "en") for result in transcriber.transcribe(audio, chunks, TranscribeOptions())
        ]


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def test_nothing_is_invented_even_where_the_detector_is_fooled(reel: tuple[Audio, tuple[Part, ...]]) -> None:
    audio, parts = reel
    chunks = tuple(Chunk(part.start_ms, part.end_ms, (SpeechRegion(part.start_ms, part.end_ms),)) for part in parts)
    for part, sifted in zip(parts, hear(audio, chunks), strict=True):
        text = letters("".join(segment.text for segment in sifted.segments))
        if part.name == HARD:
            # nobody understands this; what is written must be marked
            assert sifted.findings or jiwer.cer(letters(part.text), text) < 0.3
        elif part.text:
            assert jiwer.cer(letters(part.text), text) <= 0.1, part.name
        else:
            assert text == "", part.name


def test_the_detector_and_the_model_together(reel: tuple[Audio, tuple[Part, ...]]) -> None:
    audio, parts = reel
    with SileroDetector() as detector:
        speech = find_speech(audio, detector, lambda done, total: None)
    lines = [segment for sifted in hear(audio, speech.chunks) for segment in sifted.segments]
    spoken = [part for part in parts if part.text]
    for line in lines:
        assert any(line.start_ms < part.end_ms and line.end_ms > part.start_ms for part in spoken), line
    for part in spoken:
        inside = letters("".join(line.text for line in lines if line.start_ms < part.end_ms and line.end_ms > part.start_ms))
        assert part.name == HARD or jiwer.cer(letters(part.text), inside) <= 0.1, part.name
