"""Which stretches of which files have to be decoded, and where every sample of them lands: pure arithmetic, no file is opened.

Pieces of one stream that lie close together share a span, so that a file cut into a hundred clips is decoded once. Pieces at another speed are
decoded alone, because their time is stretched inside ffmpeg. A new kind of treatment becomes a field of Span and a filter in `decode.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from ..errors import InputError
from ..timeline import AudioPiece
from .wav import SAMPLE_RATE

MERGE_GAP_S = 20  # reading 20 s of sound costs about as much as starting ffmpeg once more
_LEAD_S = Fraction(1, 2)  # decoded and thrown away: AAC and Opus need some packets before their output is right
_GRID = 25  # seeks go to multiples of 1/25 s, a whole number of samples at 16000, 44100, 48000 and their halves and doubles
_TAIL_S = Fraction(1, 10)  # the resampler's filter reaches past the last sample


Channels = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Samples [first, first + count) of a span's lane are heard from sample `record` of the range on."""

    piece: AudioPiece
    lane: int
    first: int
    record: int
    count: int


@dataclass(frozen=True, slots=True)
class Span:
    """One run of ffmpeg: `length_s` of an audio stream of a file from `seek_s` on, in whose output sample 0 is the seek point.

    `lanes` are the mono signals taken from it: 0-based channels to average, () for all. With a `speed` other than 1 sample 0 is the only
    piece's first sample, `skip_s` after the seek point.
    """

    file: str
    stream: int
    seek_s: Fraction
    length_s: Fraction
    lanes: tuple[Channels, ...]
    placements: tuple[Placement, ...]
    speed: Fraction = Fraction(1)
    skip_s: Fraction = Fraction(0)


def plan_spans(pieces: Sequence[AudioPiece]) -> tuple[Span, ...]:
    """The runs of ffmpeg that decode `pieces`, longest first so that workers finish together.

    Raises InputError `extract.zero_length` for a piece without duration and `extract.no_file` for one without a file.
    """
    for piece in pieces:
        _check(piece)
    straight = sorted((piece for piece in pieces if piece.speed == 1), key=lambda piece: (*_stream_of(piece), piece.source_start_s))
    spans = [_stretched_span(piece) for piece in pieces if piece.speed != 1]
    for _, group in groupby(straight, key=_stream_of):
        spans.extend(_span(run) for run in _runs(group))
    return tuple(sorted((span for span in spans if span.placements), key=lambda span: -span.length_s))


def _stream_of(piece: AudioPiece) -> tuple[str, int]:
    return str(piece.file), piece.stream


def _check(piece: AudioPiece) -> None:
    if piece.file is None:
        raise InputError("extract.no_file", name=piece.name, track=piece.track)
    if piece.record_duration_s <= 0:
        raise InputError("extract.zero_length", name=piece.name, track=piece.track)
    if piece.speed <= 0:
        raise ValueError(f"speed {piece.speed} of {piece.name}: a piece that does not run forward carries skipped_because")


def _runs(pieces: Iterable[AudioPiece]) -> list[list[AudioPiece]]:
    """Split pieces sorted by source start wherever more than MERGE_GAP_S of the file is not needed."""
    runs: list[list[AudioPiece]] = []
    end_s = Fraction(0)
    for piece in pieces:
        if not runs or piece.source_start_s - end_s > MERGE_GAP_S:
            runs.append([])
            end_s = piece.source_start_s
        runs[-1].append(piece)
        end_s = max(end_s, piece.source_start_s + piece.record_duration_s)
    return runs


def _span(pieces: Sequence[AudioPiece]) -> Span:
    seek_s = _seek_point(pieces[0].source_start_s)
    end_s = max(piece.source_start_s + piece.record_duration_s for piece in pieces)
    lanes = tuple(sorted({piece.channels for piece in pieces}))
    placed = (_place(piece, lanes, seek_s) for piece in pieces)
    length_s = max(Fraction(0), end_s - seek_s) + _TAIL_S
    return Span(*_stream_of(pieces[0]), seek_s, length_s, lanes, tuple(place for place in placed if place.count > 0))


def _place(piece: AudioPiece, lanes: tuple[Channels, ...], seek_s: Fraction) -> Placement:
    """Source and record positions are rounded together: rounding each alone could put two exact halves a whole sample apart."""
    start, stop = _record_samples(piece)
    shift = round((piece.source_start_s - piece.record_start_s - seek_s) * SAMPLE_RATE)
    return Placement(piece, lanes.index(piece.channels), start + shift, start, stop - start)


def _stretched_span(piece: AudioPiece) -> Span:
    start, stop = _record_samples(piece)
    seek_s = _seek_point(piece.source_start_s)
    skip_s = max(Fraction(0), piece.source_start_s - seek_s)
    length_s = skip_s + piece.record_duration_s * piece.speed + _TAIL_S * max(1, math.ceil(piece.speed))
    placements = (Placement(piece, 0, 0, start, stop - start),) if stop > start else ()
    return Span(*_stream_of(piece), seek_s, length_s, (piece.channels,), placements, piece.speed, skip_s)


def _record_samples(piece: AudioPiece) -> tuple[int, int]:
    start = round(piece.record_start_s * SAMPLE_RATE)
    return start, round((piece.record_start_s + piece.record_duration_s) * SAMPLE_RATE)


def _seek_point(source_start_s: Fraction) -> Fraction:
    return Fraction(max(0, math.floor((source_start_s - _LEAD_S) * _GRID)), _GRID)
