"""The stage around a recogniser: lines handed out as they come, findings kept, names told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import backends
from core.asr.base import ChunkResult, TranscribeOptions
from core.asr.recogniser import Recogniser, transcribe
from core.audio.wav import Audio
from core.document import Segment, SpeechRegion
from core.settings import Settings
from core.speech.chunks import Chunk

from ..fakes.whisper_model import write_wav

CHUNKS = tuple(Chunk(start, start + 4_000, (SpeechRegion(start, start + 4_000),)) for start in (0, 5_000, 10_000, 15_000))


class Scripted:
    """Says what it is told to, one list of lines a chunk; keeps the options."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.options: TranscribeOptions | None = None

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *error: object) -> None: ...

    def transcribe(self, audio: Audio, chunks: Sequence[Chunk], options: TranscribeOptions) -> Iterator[ChunkResult]:
        self.options = options
        for index, (chunk, text) in enumerate(zip(chunks, self.texts, strict=True)):
            lines = (Segment(chunk.start_ms, chunk.end_ms, text),) if text else ()
            yield ChunkResult(index, lines)


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    return write_wav(tmp_path / "audio.wav", np.zeros(19 * 16_000))


def run(
    monkeypatch: pytest.MonkeyPatch, audio: Audio, texts: Sequence[str], **settings: Any
) -> tuple[Any, list[str], list[tuple[float, str]], Scripted]:
    scripted, heard, counted = Scripted(texts), [], []
    monkeypatch.setattr(backends, "create_transcriber", lambda *arguments: scripted)
    recogniser = Recogniser("a model", Path("model"), "whisper_hf", "cpu", (), 4)

    def count(done: float, total: float | None, unit: str = "", note: str = "") -> None:
        counted.append((done, note))

    transcript = transcribe(
        audio, CHUNKS, recogniser, Settings(batch_size=2, **settings), count, lambda segments: heard.extend(one.text for one in segments)
    )
    return transcript, heard, counted, scripted


def test_lines_come_in_order_and_without_what_was_dropped(monkeypatch: pytest.MonkeyPatch, audio: Audio) -> None:
    transcript, heard, counted, _ = run(monkeypatch, audio, ["今日天氣好好", "字幕由 Amara.org 社群提供", "", "唔該晒你幫我手"])
    assert heard == [segment.text for segment in transcript.segments] == ["今日天氣好好", "唔該晒你幫我手"]
    assert [finding.code for finding in transcript.findings] == ["asr.dropped", "asr.nothing_understood"]
    assert counted == [(0, ""), (1, "今日天氣好好"), (2, ""), (3, ""), (4, "唔該晒你幫我手")]


def test_a_file_full_of_doubts_ends_with_a_suggestion(monkeypatch: pytest.MonkeyPatch, audio: Audio) -> None:
    transcript, _, _, _ = run(monkeypatch, audio, ["字幕由 Amara.org 社群提供", "", "", "唔該晒你幫我手"])
    assert transcript.findings[-1].code == "asr.many_doubts"


def test_every_chunk_is_told_the_register_and_the_names(monkeypatch: pytest.MonkeyPatch, audio: Audio, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("陳大文\n阿May # 主持\n", "utf-8")
    *_, scripted = run(monkeypatch, audio, ["", "", "", ""], glossary=str(names))
    assert scripted.options
    assert scripted.options.prompt == "香港粵語口語字幕。陳大文、阿May"


def test_the_practice_model_is_told_nothing() -> None:
    assert Recogniser("practice", Path("model"), "whisper_hf", "cpu", (), 4).prompt(Settings()) == ""
