"""Batches side by side: every chunk once, in order, whoever is quicker."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.asr.base import ChunkResult, TranscribeOptions
from core.asr.rounds import Hearing, hear_chunks
from core.asr.writing import Row
from core.audio.wav import Audio
from core.speech.chunks import Chunk

CHUNKS = [Chunk(number * 1_000, number * 1_000 + 900, ()) for number in range(7)]


@dataclass
class Echo:
    """`rounds.Writer` that writes of each chunk when it starts; of several lanes none is done before the others have begun."""

    lanes: int
    batch_size: int
    sizes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.audio = Audio(Path("none.wav"), 0)
        self.options = TranscribeOptions(batch_size=self.batch_size)
        self.together = threading.Barrier(self.lanes, timeout=10)

    def features(self, chunks: Sequence[Chunk]) -> list[int]:
        self.sizes.append(len(chunks))
        if len(self.sizes) <= self.lanes:
            self.together.wait()
        return [chunk.start_ms for chunk in chunks]

    def some(self, features: list[int], numbers: Sequence[int]) -> list[int]:
        return [features[number] for number in numbers]

    def write(self, features: list[int], chunks: Sequence[Chunk], temperature: float) -> list[Hearing]:
        return [Hearing(chunk, Row(tokens=[start], logprobs=[0.0, 0.0], ended=True), 0.0) for start, chunk in zip(features, chunks, strict=True)]

    def text(self, row: Row) -> str:
        return chr(row.tokens[0])

    def results(self, features: Any, hearings: Sequence[Hearing]) -> list[ChunkResult]:
        return [ChunkResult(0, (), tuple(hearing.row.tokens)) for hearing in hearings]


@pytest.mark.parametrize(("lanes", "batch_size", "sizes"), [(1, 8, [7]), (1, 3, [3, 3, 1]), (2, 3, [3, 3, 1]), (2, 8, [4, 3]), (3, 8, [3, 3, 1])])
def test_lanes_share_the_chunks(lanes: int, batch_size: int, sizes: list[int]) -> None:
    writer = Echo(lanes, batch_size)
    results = list(hear_chunks(writer, CHUNKS))
    assert [(result.chunk_index, result.tokens) for result in results] == [(number, (number * 1_000,)) for number in range(7)]
    assert sorted(writer.sizes, reverse=True) == sizes


def test_no_chunks_no_work() -> None:
    assert list(hear_chunks(Echo(2, 8), [])) == []
